// The configuration that new rooms of a service begin with.
import { RoomConfig } from './room-config.ts'
import type { RoomSettings } from './settings.ts'

/**
 * Reads defaults as an operator wrote them, values as in a form.
 * @throws Error that names the field whose value is not acceptable, or that no setting has
 */
export function readDefaults(
  defaults: Readonly<Record<string, string | readonly string[]>>,
  settings: RoomSettings,
): RoomConfig {
  const config = new RoomConfig()
  for (const [field, given] of Object.entries(defaults)) {
    const setting = settings.get(field)
    if (!setting) throw new Error(`defaults: rooms have no setting ${field}`)
    const value = setting.kind.parse(typeof given === 'string' ? [given] : given)
    if (value === undefined) throw new Error(`defaults: ${field} cannot be ${JSON.stringify(given)}`)
    config.set(setting, value)
  }
  return config
}
