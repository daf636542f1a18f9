// XEP-0030: what an entity says of itself, as others registered it.
import type { Undo } from '../base/scope.ts'
import type { Element } from '../xml/element.ts'

/** XEP-0030 §3.1: who or what an entity is. */
export interface Identity {
  readonly category: string
  readonly type: string
  readonly name?: string
}

/** Identities, features and extended information (XEP-0128) of one kind of entity. */
export class Advertised {
  readonly #identities = new Set<Identity>()
  readonly #countByFeature = new Map<string, number>()
  readonly #forms = new Set<() => Element | undefined>()

  identity(identity: Identity): Undo {
    const own = { ...identity }
    this.#identities.add(own)
    return () => this.#identities.delete(own)
  }

  /** A feature may be advertised by several; it goes with the last of them. */
  feature(feature: string): Undo {
    this.#countByFeature.set(feature, (this.#countByFeature.get(feature) ?? 0) + 1)
    let isOn = true
    return () => {
      if (!isOn) return
      isOn = false
      const left = (this.#countByFeature.get(feature) ?? 0) - 1
      if (left > 0) this.#countByFeature.set(feature, left)
      else this.#countByFeature.delete(feature)
    }
  }

  /** A form that is added to disco#info, made anew each time (XEP-0128). */
  form(make: () => Element | undefined): Undo {
    this.#forms.add(make)
    return () => this.#forms.delete(make)
  }

  get identities(): Identity[] {
    return [...this.#identities]
  }

  get features(): string[] {
    return [...this.#countByFeature.keys()].sort()
  }

  get forms(): Element[] {
    return [...this.#forms].map((make) => make()).filter((form) => form !== undefined)
  }
}
