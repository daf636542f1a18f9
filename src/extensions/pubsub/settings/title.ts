// pubsub#title: what the node is called.
import { text } from '../../../stanza/field-kind.ts'
import { nodeSetting } from './setting.ts'

export const title = nodeSetting({ field: 'pubsub#title', label: 'Title', kind: text(256), isMetaData: true })
