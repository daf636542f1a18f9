// The nodes at one address: heads of all in memory, what they hold for those in use.
import { InTurn } from '../../base/in-turn.ts'
import type { Jid } from '../../jid/jid.ts'
import { StanzaError } from '../../stanza/stanza-error.ts'
import type { Store } from '../../storage/storage.ts'
import { Node, type NodeHead } from './node.ts'
import { NodeItems } from './node-items.ts'
import { type Changes, NodeStore, putAffiliation } from './node-store.ts'
import type { NodeConfig } from './settings/node-config.ts'

/** What `Nodes` is made of. */
export interface NodesParts {
  readonly store: Store
  /** Under whose name nodes are kept. */
  readonly owner: string
  readonly defaults: NodeConfig
  /** How many nodes are kept in memory with their lists. */
  readonly inMemory: number
}

/** All nodes of one owner. */
export class Nodes {
  readonly items: NodeItems
  readonly store: NodeStore
  readonly #defaults: NodeConfig
  readonly #inMemory: number
  readonly #inTurn = new InTurn()
  readonly #headByName = new Map<string, NodeHead>()
  readonly #redirectByName = new Map<string, string>()
  /** The ones used last are last. */
  readonly #nodeByName = new Map<string, Node>()
  readonly #loadingByName = new Map<string, Promise<Node | undefined>>()
  readonly #busy = new Map<string, number>()
  /** Bytes of nodes that are not in memory, once somebody has asked. */
  #bytesByName: Map<string, number> | undefined
  #opening: Promise<void> | undefined

  constructor({ store, owner, defaults, inMemory }: NodesParts) {
    this.store = new NodeStore(store, owner)
    this.items = new NodeItems(this.store)
    this.#defaults = defaults
    this.#inMemory = inMemory
  }

  /** Reads which nodes there are; to be called before anything else. */
  open(): Promise<void> {
    if (!this.#opening) {
      this.#opening = this.#read()
      this.#opening.catch(() => {
        this.#opening = undefined
      })
    }
    return this.#opening
  }

  /** How many names are taken: by nodes, and by those that were deleted in favour of others. */
  get size(): number {
    return this.#headByName.size + this.#redirectByName.size
  }

  get heads(): Iterable<NodeHead> {
    return this.#headByName.values()
  }

  has(name: string): boolean {
    return this.#headByName.has(name)
  }

  /** Bytes of all payloads. */
  async bytes(): Promise<number> {
    this.#bytesByName ??= await this.#readBytes()
    let bytes = 0
    for (const name of this.#headByName.keys()) {
      bytes += this.#nodeByName.get(name)?.totals.bytes ?? this.#bytesByName.get(name) ?? 0
    }
    return bytes
  }

  /** Does something with the node of that name, after all that was begun before. */
  run<Result>(name: string, action: () => Promise<Result>): Promise<Result> {
    this.#busy.set(name, (this.#busy.get(name) ?? 0) + 1)
    return new Promise<Result>((resolve, reject) => {
      const done = this.#inTurn.run(name, () => action().then(resolve, reject))
      void done?.then(() => this.#release(name))
    })
  }

  /**
   * A node with its lists; `undefined` if there is none.
   * @throws StanzaError gone, with the address of another one, where it was deleted in favour of that
   */
  async find(name: string): Promise<Node | undefined> {
    const known = this.#nodeByName.get(name)
    if (known) {
      this.#nodeByName.delete(name)
      this.#nodeByName.set(name, known)
      return known
    }
    const head = this.#headByName.get(name)
    const redirect = this.#redirectByName.get(name)
    if (redirect !== undefined)
      throw new StanzaError('gone', 'the node is elsewhere now', { address: redirect })
    if (!head) return undefined
    return this.#load(head)
  }

  /** Once at a time, so that there is only one of a node in memory. */
  #load(head: NodeHead): Promise<Node | undefined> {
    const { name } = head
    let loading = this.#loadingByName.get(name)
    if (!loading) {
      loading = this.store
        .load(head)
        .then((node) => this.#keep(head, node))
        .finally(() => this.#loadingByName.delete(name))
      this.#loadingByName.set(name, loading)
    }
    return loading
  }

  #keep(head: NodeHead, node: Node): Node | undefined {
    const { name } = node
    // It may have been deleted meanwhile.
    if (this.#headByName.get(name) !== head) return this.#nodeByName.get(name)
    this.#nodeByName.set(name, node)
    this.#headByName.set(name, node)
    return node
  }

  /** Makes a node that belongs to its creator; resolves when it would survive a loss of power. */
  async create(name: string, creator: Jid, createdAt: number, config: NodeConfig): Promise<Node> {
    const node = new Node({ name, creator: creator.bare, createdAt, config })
    node.affiliations.set(creator.bare.toString(), 'owner')
    const changes: Changes = new Map()
    putAffiliation(changes, node, creator)
    await Promise.all([this.store.changeLists(node, changes), this.store.saveHead(node)])
    this.#redirectByName.delete(name)
    this.#headByName.set(name, node)
    this.#nodeByName.set(name, node)
    return node
  }

  /** Gives a node another configuration; resolves when it is kept. */
  async configure(node: Node, config: NodeConfig): Promise<void> {
    const { name, creator, createdAt } = node
    await this.store.saveHead({ name, creator, createdAt, config })
    node.config = config
  }

  /** Removes a node with all it holds; `redirect` is where it went. */
  async remove(node: Node, redirect?: string): Promise<void> {
    await this.items.clear(node)
    await this.store.remove(node, redirect)
    this.#headByName.delete(node.name)
    this.#nodeByName.delete(node.name)
    this.#bytesByName?.delete(node.name)
    if (redirect !== undefined) this.#redirectByName.set(node.name, redirect)
  }

  async #readBytes(): Promise<Map<string, number>> {
    const read = async (name: string) => [name, await this.store.bytesOf({ name })] as const
    return new Map(await Promise.all([...this.#headByName.keys()].map(read)))
  }

  async #read(): Promise<void> {
    const { heads, redirects } = await this.store.heads(this.#defaults)
    for (const head of heads) this.#headByName.set(head.name, head)
    for (const [name, redirect] of redirects) this.#redirectByName.set(name, redirect)
  }

  #release(name: string): void {
    const left = (this.#busy.get(name) ?? 1) - 1
    if (left > 0) this.#busy.set(name, left)
    else this.#busy.delete(name)
    for (const [oldest, node] of this.#nodeByName) {
      if (this.#nodeByName.size <= this.#inMemory) return
      if (this.#busy.has(oldest)) continue
      this.#nodeByName.delete(oldest)
      this.#bytesByName?.set(oldest, node.totals.bytes)
      const { creator, createdAt, config } = node
      this.#headByName.set(oldest, { name: oldest, creator, createdAt, config })
    }
  }
}
