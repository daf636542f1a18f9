// The values that a room's settings have.
import type { Value } from '../../../storage/storage.ts'
import type { RoomSetting } from './setting.ts'

/** Values by field. What was never set has the setting's standard value. */
export class RoomConfig {
  readonly #valueByField: Map<string, Value>
  /** What a draft began with. */
  readonly before: RoomConfig | undefined

  constructor(values: Iterable<readonly [string, Value]> = [], before?: RoomConfig) {
    this.#valueByField = new Map(values)
    this.before = before
  }

  get<V extends Value>(setting: RoomSetting<V>): V {
    if (setting.view) return setting.view.read(this)
    const value = this.#valueByField.get(setting.field)
    return value === undefined ? setting.kind.standard : (value as V)
  }

  /** Sets a value; a view passes it on to the setting that keeps it. */
  set<V extends Value>(setting: RoomSetting<V>, value: V): void {
    if (setting.view) setting.view.write(value, this)
    else this.#valueByField.set(setting.field, value)
  }

  /** A copy to make changes in, which become the room's all together or not at all. */
  draft(): RoomConfig {
    return new RoomConfig(this.#valueByField, new RoomConfig(this.#valueByField))
  }

  /** What is kept, also of settings that nobody knows at the moment. */
  entries(): IterableIterator<[string, Value]> {
    return this.#valueByField.entries()
  }
}
