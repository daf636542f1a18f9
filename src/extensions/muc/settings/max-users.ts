// muc#roomconfig_maxusers: how many occupants fit.
import { countOrNone } from './kinds.ts'
import { roomSetting } from './setting.ts'

/** 0 is no limit but the service's own. */
export const maxUsers = roomSetting({
  field: 'muc#roomconfig_maxusers',
  label: 'Most occupants at a time',
  kind: countOrNone([10, 20, 50, 100, 200, 500], 1_000_000),
})
