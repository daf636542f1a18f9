// RFC 6120 §8.2.3: who answers which request. A table instead of a line.
import type { Undo } from '../base/scope.ts'
import type { Iq } from '../stanza/stanza.ts'
import type { Element } from '../xml/element.ts'
import type { Account } from './account.ts'

/** A result, and what happens once it has been sent. */
export class AnswerThen {
  readonly payload: Element | undefined
  readonly afterwards: () => void | Promise<void>

  constructor(payload: Element | undefined, afterwards: () => void | Promise<void>) {
    this.payload = payload
    this.afterwards = afterwards
  }
}

/** What happens to an iq that an account here sends or receives: it may be refused. */
export const iqPhases = ['check'] as const
export type IqPhase = (typeof iqPhases)[number]

/** An iq on its way from or to an account. */
export interface IqPassage {
  readonly iq: Iq
  readonly account: Account
}

/** What a handler answers: the payload of the result, or nothing for an empty result. */
// biome-ignore lint/suspicious/noConfusingVoidType: a handler that says nothing is a function without return
export type IqAnswer = AnswerThen | Element | undefined | void

/** Answers a request, or refuses by throwing a `StanzaError`. */
export type IqHandler<Rest extends unknown[]> = (iq: Iq, ...rest: Rest) => IqAnswer | Promise<IqAnswer>

/** Handlers by type, namespace and name of the payload. `Rest` is what a handler gets besides the iq. */
export class IqTable<Rest extends unknown[] = []> {
  readonly #handlers = {
    get: new Map<string, Map<string, IqHandler<Rest>>>(),
    set: new Map<string, Map<string, IqHandler<Rest>>>(),
  }

  /**
   * Makes `handler` answer requests whose payload is `name` in `namespace`.
   * @throws Error if somebody else answers them already
   */
  add(type: 'get' | 'set', namespace: string, name: string, handler: IqHandler<Rest>): Undo {
    const byNamespace = this.#handlers[type]
    const byName = byNamespace.get(namespace) ?? new Map<string, IqHandler<Rest>>()
    if (byName.has(name)) throw new Error(`two handlers for iq ${type} ${name} in ${namespace}`)
    byNamespace.set(namespace, byName)
    byName.set(name, handler)
    return () => {
      byName.delete(name)
      if (byName.size === 0 && byNamespace.get(namespace) === byName) byNamespace.delete(namespace)
    }
  }

  /** The handler for a request, if there is one. */
  find(iq: Iq): IqHandler<Rest> | undefined {
    const payload = iq.payload
    if (!payload || (iq.type !== 'get' && iq.type !== 'set')) return undefined
    return this.#handlers[iq.type].get(payload.namespace)?.get(payload.name)
  }
}
