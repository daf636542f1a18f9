// XEP-0115 §8.2: features by the hash that was verified, for whoever shows it.
import { forgetOldest } from '../../base/forget-oldest.ts'
import { detached } from '../../jid/memo.ts'
import type { Element } from '../../xml/element.ts'
import type { Caps } from './caps.ts'
import { featuresOf, isKnownHash, verificationOf } from './verification.ts'

/** What an entity can do, as it says in disco#info. */
export type Features = ReadonlySet<string>

// More than any program has; one that has more is one that wants memory.
const maxFeatures = 1000
const maxFeatureUnits = 32_768

/** Features that were asked for lately, a bounded number of sets. */
export class CapsCache {
  readonly #maxSets: number
  // Those not asked for the longest time first.
  readonly #featuresByKey = new Map<string, Features>()

  constructor(maxSets: number) {
    this.#maxSets = maxSets
  }

  /** The features behind `caps`, if somebody who showed the same has told them. */
  get(caps: Caps): Features | undefined {
    const key = keyOf(caps)
    const features = this.#featuresByKey.get(key)
    if (!features) return undefined
    this.#featuresByKey.delete(key)
    this.#featuresByKey.set(key, features)
    return features
  }

  /**
   * The features in `query`, the answer of somebody who shows `caps`; `undefined` if it does not fit (§5.4). What is
   * verified is remembered for all; with a hash function that is not known here it holds for that one peer.
   */
  learn(caps: Caps, query: Element): Features | undefined {
    const isVerifiable = isKnownHash(caps.hash)
    if (isVerifiable && verificationOf(query, caps.hash) !== caps.ver) return undefined
    const features = setOf(featuresOf(query))
    if (features && isVerifiable) this.#remember(caps, features)
    return features
  }

  #remember(caps: Caps, features: Features): void {
    this.#featuresByKey.set(detached(keyOf(caps)), features)
    if (this.#featuresByKey.size > this.#maxSets) forgetOldest(this.#featuresByKey)
  }
}

/** In memory of their own, so that they do not keep the stanza they came in. */
function setOf(features: readonly string[]): Features | undefined {
  let units = 0
  for (const feature of features) units += feature.length
  if (features.length > maxFeatures || units > maxFeatureUnits) return undefined
  return new Set(features.map(detached))
}

// The node is no part of what is hashed.
function keyOf({ hash, ver }: Caps): string {
  return `${hash} ${ver}`
}
