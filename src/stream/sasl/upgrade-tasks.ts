// XEP-0480: clients that know the password make keys for hashes that an account has none for.
import type { Ids } from '../../base/ids.ts'
import { type Element, element } from '../../xml/element.ts'
import { keysOfSalted, type ScramHash, type ScramKeys, saltBytes } from '../credentials.ts'
import type { XmlStream } from '../stream.ts'
import { sasl2Namespace } from './authenticate.ts'
import { decodeBase64, encodeBase64 } from './base64.ts'
import type { KnownHashes } from './known-hashes.ts'
import { scramName } from './scram-mechanism.ts'

const namespace = 'urn:xmpp:sasl:upgrade:0'
const scramNamespace = 'urn:xmpp:scram-upgrade:0'

/** A task that a client has been asked to do. */
export interface UpgradeTask {
  readonly name: string
  readonly hash: ScramHash
}

/** The tasks that the account named in a stream's header would do well to have done. */
export function tasksFor(stream: XmlStream, known: KnownHashes): UpgradeTask[] {
  if (!stream.domain?.credentials.addKeys) return []
  return known.missing(stream).map((hash) => ({ name: `UPGR-${scramName(hash)}`, hash }))
}

/** What tells clients of tasks (§2.1). */
export function upgradeElements(tasks: readonly UpgradeTask[]): Element[] {
  return tasks.map(({ name }) => element('upgrade', namespace, {}, name))
}

/** Those of `tasks` that a client wants to do (§2.2). */
export function wantedTasks(request: Element, tasks: readonly UpgradeTask[]): UpgradeTask[] {
  const names = request.children.filter(
    (child): child is Element => typeof child !== 'string' && child.is('upgrade', namespace),
  )
  return tasks.filter((task) => names.some(({ text }) => text.trim() === task.name))
}

/** One task, from its `<next/>` on (§3). */
export class ScramUpgrade {
  readonly #parts: Pick<ScramKeys, 'hash' | 'salt' | 'iterations'>

  constructor({ hash }: UpgradeTask, iterations: number, ids: Ids) {
    this.#parts = { hash, iterations, salt: ids.bytes(saltBytes) }
  }

  /** What the client needs to make its SaltedPassword. */
  get data(): Element {
    const { salt, iterations } = this.#parts
    const attributes = { iterations: String(iterations) }
    return element(
      'task-data',
      sasl2Namespace,
      {},
      element('salt', scramNamespace, attributes, encodeBase64(salt)),
    )
  }

  /** The keys that come of the client's SaltedPassword; `undefined` if it is none. */
  finish(taskData: Element): ScramKeys | undefined {
    const salted = decodeBase64(taskData.child('hash', scramNamespace)?.text.trim() ?? '')
    try {
      return salted && keysOfSalted(salted, this.#parts)
    } catch (error) {
      if (error instanceof RangeError) return undefined
      throw error
    }
  }
}
