// The settings nodes have, in the order of the form.
import type { Value } from '../../../storage/storage.ts'
import { accessModel } from './access-model.ts'
import { deliverNotifications } from './deliver-notifications.ts'
import { deliverPayloads } from './deliver-payloads.ts'
import { description } from './description.ts'
import { itemExpire } from './item-expire.ts'
import { itemReply } from './item-reply.ts'
import { maxItems } from './max-items.ts'
import { maxPayloadSize } from './max-payload-size.ts'
import { NodeConfig } from './node-config.ts'
import { notificationType } from './notification-type.ts'
import { notifyConfig } from './notify-config.ts'
import { notifyDelete } from './notify-delete.ts'
import { notifyRetract } from './notify-retract.ts'
import { notifySub } from './notify-sub.ts'
import { persistItems } from './persist-items.ts'
import { publishFullNode } from './publish-full-node.ts'
import { publishModel } from './publish-model.ts'
import { rosterGroups } from './roster-groups.ts'
import { sendLast } from './send-last.ts'
import type { NodeSetting, SettingLimits } from './setting.ts'
import { title } from './title.ts'
import { type } from './type.ts'

/** In the order of the form. */
export const nodeSettings: readonly NodeSetting[] = [
  title,
  description,
  type,
  maxItems,
  persistItems,
  accessModel,
  rosterGroups,
  publishModel,
  sendLast,
  deliverNotifications,
  deliverPayloads,
  notificationType,
  notifyDelete,
  notifyRetract,
  itemReply,
  notifyConfig,
  notifySub,
  itemExpire,
  maxPayloadSize,
  publishFullNode,
] as readonly NodeSetting[]

const settingByField = new Map(nodeSettings.map((setting) => [setting.field, setting]))

/** The setting of a form's field. */
export function settingOf(field: string): NodeSetting | undefined {
  return settingByField.get(field)
}

/**
 * Reads the configuration that new nodes begin with, as an operator wrote it, values as in a form.
 * @throws Error that names the field whose value is not acceptable, or that no setting has
 */
export function readDefaults(
  defaults: Readonly<Record<string, string | readonly string[]>>,
  standard: readonly (readonly [string, Value])[],
  limits: SettingLimits,
): NodeConfig {
  const config = new NodeConfig(standard)
  for (const [field, given] of Object.entries(defaults)) {
    const setting = settingOf(field)
    if (!setting) throw new Error(`defaults: nodes have no setting ${field}`)
    const value = setting.kind.parse(typeof given === 'string' ? [given] : given, limits)
    if (value === undefined) throw new Error(`defaults: ${field} cannot be ${JSON.stringify(given)}`)
    config.set(setting, value)
  }
  return config
}
