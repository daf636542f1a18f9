// The values that a node's settings have.
import type { Value } from '../../../storage/storage.ts'
import type { NodeSetting } from './setting.ts'

/** Values by field; what was never set has the value of `defaults`, or else the setting's standard value. */
export class NodeConfig {
  readonly #valueByField: Map<string, Value>
  readonly #defaults: NodeConfig | undefined

  constructor(values: Iterable<readonly [string, Value]> = [], defaults?: NodeConfig) {
    this.#valueByField = new Map(values)
    this.#defaults = defaults
  }

  get<V extends Value>(setting: NodeSetting<V>): V {
    const value = this.#valueByField.get(setting.field)
    if (value !== undefined) return value as V
    return this.#defaults ? this.#defaults.get(setting) : setting.kind.standard
  }

  set<V extends Value>(setting: NodeSetting<V>, value: V): void {
    this.#valueByField.set(setting.field, value)
  }

  /** A copy to make changes in, which become the node's all together or not at all. */
  draft(): NodeConfig {
    return new NodeConfig(this.#valueByField, this.#defaults)
  }

  /** A new node's configuration, for which these are the defaults. */
  child(): NodeConfig {
    return new NodeConfig([], this)
  }

  /** What is kept, also of settings that nobody knows at the moment. */
  entries(): IterableIterator<[string, Value]> {
    return this.#valueByField.entries()
  }
}
