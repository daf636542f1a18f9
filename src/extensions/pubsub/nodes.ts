// The nodes at one address: heads of all in memory, what they hold for those in use.
import type { Ids } from '../../base/ids.ts'
import { InTurn } from '../../base/in-turn.ts'
import type { Jid } from '../../jid/jid.ts'
import { StanzaError } from '../../stanza/stanza-error.ts'
import type { Store } from '../../storage/storage.ts'
import { KnownItems, type LookAhead } from './known-items.ts'
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
  readonly ids: Ids
  /** How many nodes are kept in memory with their lists. */
  readonly inMemory: number
}

/** Of how many items too many the others are moved. */
const movedFrom = 1000

/** All nodes of one owner. */
export class Nodes {
  readonly items: NodeItems
  readonly store: NodeStore
  readonly #defaults: NodeConfig
  readonly #ids: Ids
  readonly #inMemory: number
  readonly #inTurn = new InTurn()
  readonly #headByName = new Map<string, NodeHead>()
  readonly #redirectByName = new Map<string, string>()
  /** The ones used last are last. */
  readonly #nodeByName = new Map<string, Node>()
  readonly #loadingByName = new Map<string, Promise<Node | undefined>>()
  readonly #busy = new Map<string, number>()
  /** What of earlier actions is still to be finished, by node. */
  readonly #finishing = new Map<string, Promise<void>>()
  /** Places of items that nobody has any more. */
  readonly #left = new Set<string>()
  /** Bytes of nodes that are not in memory, once somebody has asked. */
  #bytesByName: Map<string, number> | undefined
  #opening: Promise<void> | undefined

  constructor({ store, owner, defaults, ids, inMemory }: NodesParts) {
    this.store = new NodeStore(store, owner)
    this.items = new NodeItems(this.store)
    this.#defaults = defaults
    this.#ids = ids
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
    return this.#begin(name, async () => {
      await this.#finishing.get(name)
      const result = await action()
      return () => result
    })
  }

  /**
   * Begins something with the node of that name, after all that was begun before. What `begin` answers is called as soon
   * as the same of those before has ended; others of this kind begin meanwhile.
   */
  pipe<Result>(name: string, begin: () => Promise<() => Promise<Result>>): Promise<Result> {
    return this.#begin(name, async () => {
      const finish = await begin()
      const before = this.#finishing.get(name)
      const result = before ? before.then(finish) : finish()
      const settled: Promise<void> = result.then(
        () => this.#finished(name, settled),
        () => this.#finished(name, settled),
      )
      this.#finishing.set(name, settled)
      return () => result
    })
  }

  /** Begins to look for items of a node that are about to be published, if that takes reading. */
  lookAhead(name: string, ids: readonly string[]): LookAhead | undefined {
    const node = this.#nodeByName.get(name)
    return node && this.items.lookAhead(node, ids)
  }

  /**
   * A node with its lists; `undefined` if there is none.
   * @throws StanzaError gone, with the address of another one, where it was deleted in favour of that
   */
  async find(name: string): Promise<Node | undefined> {
    const known = this.#nodeByName.get(name)
    if (known?.isDoubtful) return this.#loadAnew(known)
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

  #begin<Result>(name: string, begin: () => Promise<() => Result | Promise<Result>>): Promise<Result> {
    this.#busy.set(name, (this.#busy.get(name) ?? 0) + 1)
    return new Promise<Result>((resolve, reject) => {
      const begun = async () => {
        try {
          const finish = await begin()
          Promise.resolve(finish())
            .then(resolve, reject)
            .finally(() => this.#release(name))
        } catch (error) {
          reject(error)
          this.#release(name)
        }
      }
      void this.#inTurn.run(name, begun)
    })
  }

  #finished(name: string, settled: Promise<void>): void {
    if (this.#finishing.get(name) === settled) this.#finishing.delete(name)
  }

  /** Something could not be kept: what there is has to be counted. */
  async #loadAnew(node: Node): Promise<Node | undefined> {
    this.#unload(node)
    const loaded = await this.#load(this.#headByName.get(node.name) as NodeHead)
    if (loaded) await this.items.recount(loaded)
    return loaded
  }

  #unload({ name, creator, createdAt, config, shelf }: Node): void {
    this.#nodeByName.delete(name)
    this.#headByName.set(name, { name, creator, createdAt, config, shelf })
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
    const node = new Node({ name, creator: creator.bare, createdAt, config, shelf: this.#newShelf(name) })
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
    const { name, creator, createdAt, shelf } = node
    await this.store.saveHead({ name, creator, createdAt, config, shelf })
    node.config = config
  }

  /** Removes all items of a node. That costs the same for however many: their bytes go later, a part at a time. */
  async purge(node: Node): Promise<void> {
    const shelf = this.#newShelf(node.name)
    const left = await this.store.moveItems(node, shelf)
    node.shelf = shelf
    this.items.empty(node)
    this.#sweep(left)
  }

  /** Removes the oldest items until at most `most` are left. Where that is most of very many, the others are moved. */
  async trim(node: Node, most: number): Promise<void> {
    if (node.itemCount - most < movedFrom || most > movedFrom) return this.items.trim(node, most)
    const shelf = this.#newShelf(node.name)
    const totals = await this.items.copyNewest(node, most, shelf)
    const left = await this.store.moveItems(node, shelf)
    node.shelf = shelf
    node.totals = totals
    node.known = new KnownItems()
    this.#sweep(left)
  }

  /** Removes a node with all it holds; `redirect` is where it went. */
  async remove(node: Node, redirect?: string): Promise<void> {
    this.#sweep(await this.store.remove(node, redirect))
    this.items.empty(node)
    this.#headByName.delete(node.name)
    this.#nodeByName.delete(node.name)
    this.#bytesByName?.delete(node.name)
    if (redirect !== undefined) this.#redirectByName.set(node.name, redirect)
  }

  async #readBytes(): Promise<Map<string, number>> {
    const read = async (name: string) =>
      [name, await this.store.bytesOf(this.#headByName.get(name) as NodeHead)] as const
    return new Map(await Promise.all([...this.#headByName.keys()].map(read)))
  }

  async #read(): Promise<void> {
    const { heads, redirects, left } = await this.store.heads(this.#defaults)
    for (const head of heads) this.#headByName.set(head.name, head)
    for (const [name, redirect] of redirects) this.#redirectByName.set(name, redirect)
    for (const place of left) this.#sweep(place)
  }

  #release(name: string): void {
    const left = (this.#busy.get(name) ?? 1) - 1
    if (left > 0) this.#busy.set(name, left)
    else this.#busy.delete(name)
    for (const [oldest, node] of this.#nodeByName) {
      if (this.#nodeByName.size <= this.#inMemory) return
      if (this.#busy.has(oldest)) continue
      this.#bytesByName?.set(oldest, node.totals.bytes)
      this.#unload(node)
    }
  }

  /** A place for items in which there are none. */
  #newShelf(name: string): string {
    for (;;) {
      const shelf = this.#ids.id()
      const place = this.store.placeOf({ name, shelf })
      if (this.#headByName.get(name)?.shelf !== shelf && !this.#left.has(place)) return shelf
    }
  }

  /** Removes what nobody has any more, without anybody waiting; what is left when the server ends goes at the next start. */
  #sweep(place: string): void {
    this.#left.add(place)
    const swept = () => void this.#left.delete(place)
    this.store.sweep(place).then(swept, swept)
  }
}
