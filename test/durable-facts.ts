// What a server has promised to keep, and what it may or may not have kept because it was never acknowledged.

/** Something that is kept as a whole: a password, a roster, a room. */
export class Fact<Value> {
  #sure: Value
  #unsure: Value[] = []

  constructor(value: Value) {
    this.#sure = value
  }

  /** The newest value: what it is unless the server dies now. */
  get newest(): Value {
    return this.possible.at(-1) as Value
  }

  get isSure(): boolean {
    return this.#unsure.length === 0
  }

  /** Everything that may be found after a crash: what was acknowledged last, and what was asked for since. */
  get possible(): readonly Value[] {
    return [this.#sure, ...this.#unsure]
  }

  /** A change is asked for. */
  ask(value: Value): void {
    this.#unsure.push(value)
  }

  /** The last change is acknowledged, and with it those before. */
  acknowledged(): void {
    this.#sure = this.newest
    this.#unsure = []
  }

  /** After a crash that was found; it is the truth from now on. */
  found(value: Value): void {
    this.#sure = value
    this.#unsure = []
  }
}

/** A contact's name and groups, or `undefined` for none. By address. */
export type RosterState = Readonly<Record<string, string>>

/** A room as its owner sees it. */
export interface RoomState {
  readonly name: string
  readonly secret: string
  readonly isModerated: boolean
  /** By bare address: the affiliation, and the reserved nick behind it if there is one. */
  readonly lists: Readonly<Record<string, string>>
  readonly subject: string
}

/** Everything that is on the server. */
export class DurableFacts {
  /** Passwords by account name; `undefined` for no account. */
  readonly passwords = new Map<string, Fact<string | undefined>>()
  /** Rosters by account name. */
  readonly rosters = new Map<string, Fact<RosterState>>()
  /** Rooms by localpart, with the account that owns them; `undefined` for no room. */
  readonly rooms = new Map<string, { readonly owner: string; readonly fact: Fact<RoomState | undefined> }>()
  /** Requests that were answered with a result. */
  acknowledgements = 0

  password(name: string): Fact<string | undefined> {
    return getOrMake(this.passwords, name, () => new Fact<string | undefined>(undefined))
  }

  roster(name: string): Fact<RosterState> {
    return getOrMake(this.rosters, name, () => new Fact<RosterState>({}))
  }

  room(local: string, owner: string): Fact<RoomState | undefined> {
    return getOrMake(this.rooms, local, () => ({ owner, fact: new Fact<RoomState | undefined>(undefined) }))
      .fact
  }

  /** How many changes are under way. */
  get unsureCount(): number {
    const facts = [
      ...this.passwords.values(),
      ...this.rosters.values(),
      ...[...this.rooms.values()].map(({ fact }) => fact),
    ]
    return facts.filter((fact) => !fact.isSure).length
  }
}

function getOrMake<Value>(map: Map<string, Value>, key: string, make: () => Value): Value {
  const there = map.get(key)
  if (there !== undefined) return there
  const made = make()
  map.set(key, made)
  return made
}
