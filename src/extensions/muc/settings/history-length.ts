// muc#maxhistoryfetch: how many messages those who enter get to see.
import { count } from './kinds.ts'
import { roomSetting } from './setting.ts'

export const historyLength = roomSetting({
  field: 'muc#maxhistoryfetch',
  label: 'Most messages of history for those who enter',
  kind: count(20, 1_000_000),
  roominfo: 'muc#maxhistoryfetch',
})
