// XEP-0115 §6.2: asking an entity what is behind the caps it shows.
import type { ScopedHost } from '../../host/scoped-host.ts'
import type { Jid } from '../../jid/jid.ts'
import { Iq } from '../../stanza/stanza.ts'
import { StanzaError } from '../../stanza/stanza-error.ts'
import { discoInfoElement, discoInfoNamespace } from '../disco/disco.ts'
import type { Caps } from './caps.ts'
import type { CapsCache, Features } from './caps-cache.ts'

/** An entity is being asked about caps, on behalf of so many accounts. */
interface OpenQuestion {
  askers: number
  readonly answer: Promise<Features | undefined>
}

// Each account that sees a presence may want to know what is behind it; past these the answer to one serves all.
const maxAskers = 10
// Clients are used to it. Answers are told apart by who sends them, and by their order.
const questionId = 'disco'

/** The questions of a host that wait for their answers. */
export class CapsQuestions {
  readonly #host: ScopedHost
  readonly #cache: CapsCache
  readonly #openByEntity = new Map<string, OpenQuestion>()

  constructor(host: ScopedHost, cache: CapsCache) {
    this.#host = host
    this.#cache = cache
  }

  /** Asks `entity`, on behalf of `account`; resolves with `undefined` if no answer comes that fits. */
  ask(account: Jid, entity: Jid, caps: Caps): Promise<Features | undefined> {
    const key = `${entity}\n${caps.hash} ${caps.ver}`
    const open = this.#openByEntity.get(key)
    if (open && open.askers >= maxAskers) return open.answer
    const answer = this.#ask(account, entity, caps)
    const question = open ?? { askers: 0, answer }
    question.askers += 1
    this.#openByEntity.set(key, question)
    return answer.finally(() => {
      question.askers -= 1
      if (question.askers === 0) this.#openByEntity.delete(key)
    })
  }

  async #ask(account: Jid, entity: Jid, caps: Caps): Promise<Features | undefined> {
    const query = discoInfoElement({ node: `${caps.node}#${caps.ver}`, identities: [], features: [] })
    const question = new Iq('get', { from: account, to: entity, id: questionId, children: [query] })
    try {
      const told = (await this.#host.request(question)).child('query', discoInfoNamespace)
      const features = told && this.#cache.learn(caps, told)
      if (!features) this.#host.log.debug('caps-wrong', { entity: entity.toString(), ver: caps.ver })
      return features
    } catch (error) {
      if (error instanceof StanzaError) return undefined
      throw error
    }
  }
}
