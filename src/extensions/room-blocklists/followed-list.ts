// XEP-0060: a list that others keep as items of a node, whose ids are the hashes; subscribed to and read again.
import type { Timer } from '../../base/clock.ts'
import type { ScopedHost } from '../../host/scoped-host.ts'
import { type Jid, parseJid } from '../../jid/jid.ts'
import { pubsubNamespace } from '../../stanza/namespaces.ts'
import { pagingNamespace } from '../../stanza/paging.ts'
import { Iq, type Message } from '../../stanza/stanza.ts'
import { type Element, element } from '../../xml/element.ts'
import type { Blocklist } from './blocklist.ts'
import { parseHash } from './hashed-address.ts'

const eventNamespace = `${pubsubNamespace}#event`
/** Asked for at a time, where the service can page. */
const pageSize = 250

/** Where a list is. */
export interface ListAddress {
  readonly service: Jid
  readonly node: string
}

/** How a list is followed. */
export interface FollowOptions {
  /** After how many milliseconds it is read again. */
  readonly refreshMs: number
  /** After how many milliseconds it is tried again if that failed. */
  readonly retryMs: number
  /** Hashes that are read at most. */
  readonly most: number
}

/** Reads `service/node`; `undefined` if it is none. */
export function parseListAddress(text: string): ListAddress | undefined {
  const slash = text.indexOf('/')
  const service = slash > 0 ? parseJid(text.slice(0, slash)) : undefined
  const node = text.slice(slash + 1)
  return service && node !== '' ? { service, node } : undefined
}

/** Keeps a list as a node has it. */
export class FollowedList {
  readonly address: ListAddress
  readonly list: Blocklist
  readonly #host: ScopedHost
  readonly #options: FollowOptions
  readonly #onAdded: (hashes: readonly string[]) => void
  #timer: Timer | undefined
  #isOver = false
  /** What changed by events while the list is read. */
  #changed: Map<string, boolean> | undefined

  constructor(
    host: ScopedHost,
    address: ListAddress,
    list: Blocklist,
    options: FollowOptions,
    onAdded: (hashes: readonly string[]) => void,
  ) {
    this.#host = host
    this.address = address
    this.list = list
    this.#options = options
    this.#onAdded = onAdded
  }

  /** Reads the list in `delayMs` milliseconds, and from then on again and again. */
  follow(delayMs: number): void {
    this.#timer = this.#host.clock.after(delayMs, () => {
      this.#read().then(
        () => this.#again(this.#options.refreshMs),
        (error: unknown) => {
          const { service, node } = this.address
          this.#host.log.warn('blocklist not read', { list: `${service}/${node}`, error })
          this.#again(this.#options.retryMs)
        },
      )
    })
  }

  /** Stops following. */
  close(): void {
    this.#isOver = true
    this.#timer?.cancel()
  }

  /** Takes what the service says of the node; answers whether it was that. */
  receive(message: Message): boolean {
    const event = message.child('event', eventNamespace)
    const content = event?.elements(undefined)[0]
    if (!content || !message.from.equals(this.address.service)) return false
    if (content.attribute('node') !== this.address.node) return false
    this.#take(content)
    return true
  }

  #again(delayMs: number): void {
    if (!this.#isOver) this.follow(delayMs)
  }

  #take(content: Element): void {
    if (content.name === 'purge') this.#change(this.list.all, false)
    if (content.name !== 'items') return
    this.#change(hashesIn(content, 'item'), true)
    this.#change(hashesIn(content, 'retract'), false)
  }

  #change(hashes: Iterable<string>, isListed: boolean): void {
    const given = [...hashes]
    for (const hash of given) this.#changed?.set(hash, isListed)
    this.#apply(given, isListed).catch((error: unknown) => {
      this.#host.log.error('blocklist not kept', { error })
    })
  }

  async #apply(hashes: Iterable<string>, isListed: boolean): Promise<void> {
    if (!isListed) {
      await this.list.remove(hashes)
      return
    }
    const adding = this.list.add(hashes)
    this.#onAdded([...hashes])
    await adding
  }

  async #read(): Promise<void> {
    await this.list.load()
    const changed = new Map<string, boolean>()
    this.#changed = changed
    try {
      const jid = this.#host.domain.toString()
      await this.#ask('set', element('subscribe', pubsubNamespace, { node: this.address.node, jid }))
      const listed = await this.#readItems()
      for (const [hash, isListed] of changed) {
        if (isListed) listed.add(hash)
        else listed.delete(hash)
      }
      await this.#apply(
        [...this.list.all].filter((hash) => !listed.has(hash)),
        false,
      )
      await this.#apply(
        [...listed].filter((hash) => !this.list.has(hash)),
        true,
      )
    } finally {
      this.#changed = undefined
    }
  }

  async #readItems(): Promise<Set<string>> {
    const listed = new Set<string>()
    let after: string | undefined
    do {
      const bound = after === undefined ? undefined : element('after', pagingNamespace, {}, after)
      const max = element('max', pagingNamespace, {}, String(pageSize))
      const items = element('items', pubsubNamespace, { node: this.address.node })
      const answer = await this.#ask('get', items, element('set', pagingNamespace, {}, max, bound))
      const found = answer.payload?.child('items')
      const before = listed.size
      for (const hash of found ? hashesIn(found, 'item') : []) listed.add(hash)
      const last = answer.payload?.child('set', pagingNamespace)?.child('last')?.text
      // A service that does not page, or pages in circles, says nothing new.
      after = last !== after && listed.size > before && listed.size < this.#options.most ? last : undefined
    } while (after !== undefined && !this.#isOver)
    return listed
  }

  #ask(type: 'get' | 'set', ...content: Element[]): Promise<Iq> {
    const { domain, ids } = this.#host
    const children = [element('pubsub', pubsubNamespace, {}, ...content)]
    return this.#host.request(
      new Iq(type, { from: domain, to: this.address.service, id: ids.id(), children }),
    )
  }
}

function hashesIn(items: Element, name: string): string[] {
  return items.elements(name).flatMap((item) => parseHash(item.attribute('id') ?? '') ?? [])
}
