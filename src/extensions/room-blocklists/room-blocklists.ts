// XEP-0045 §7.2.7, XEP-0060: lists of hashed addresses that no room lets in, kept here or by others.
import { integer, texts } from '../../base/options.ts'
import { defineExtension } from '../../host/extension.ts'
import type { Jid } from '../../jid/jid.ts'
import { StanzaError } from '../../stanza/stanza-error.ts'
import { commands } from '../commands/commands.ts'
import { isAtLeast, muc, type Occupant, type Room } from '../muc/muc.ts'
import { Blocklist } from './blocklist.ts'
import { blockCommand, unblockCommand } from './blocklist-commands.ts'
import { FollowedList, parseListAddress } from './followed-list.ts'
import { hashOf, hashOfText } from './hashed-address.ts'

/** Keeps those out of all rooms whose hashed address, or whose domain's, is on a list. Whom a room knows it may let in. */
export const roomBlocklists = defineExtension({
  name: 'room-blocklists',
  needs: { muc, commands },
  options: {
    lists: texts([], 'lists that others keep, as service/node: `pubsub.example.org/muc_bans_sha256`'),
    addresses: texts(
      [],
      'addresses or domains, or their hashes (SHA-256, hex), that are blocked in any case',
    ),
    maxHashes: integer(100_000, 'hashes of one list; more are passed over', { min: 1 }),
    refreshMinutes: integer(60, 'minutes after which a list that others keep is read again', { min: 1 }),
    retryMinutes: integer(5, 'minutes after which it is tried again if that failed', { min: 1 }),
    atATime: integer(1000, 'addresses in one command', { min: 1 }),
  },
  setup(host, { muc, commands }, options) {
    const kept = host.store.collection<true>('room-blocklists')
    const own = new Blocklist(kept, '', options.maxHashes)
    const fixed = new Set(options.addresses.map(hashOfOption))
    const isListed = (hash: string) =>
      fixed.has(hash) || own.has(hash) || followed.some(({ list }) => list.has(hash))
    const isBlocked = (account: Jid) =>
      !host.isAdmin(account) &&
      (isListed(hashOf(account.bare.toString())) || isListed(hashOf(account.domain)))
    const isOut = (room: Room, occupant: Occupant) =>
      !isKnown(room, occupant.bare) && isBlocked(occupant.bare)
    const onAdded = (hashes: readonly string[]) => {
      if (hashes.length > 0) muc.expel(isOut, 'blocked on this service')
    }
    const followed = options.lists.map((text) => {
      const address = parseListAddress(text)
      if (!address) throw new Error(`lists: ${text} is not service/node`)
      const list = new Blocklist(kept, `${address.service}/${address.node}`, options.maxHashes)
      const bounds = {
        most: options.maxHashes,
        refreshMs: options.refreshMinutes * minuteMs,
        retryMs: options.retryMinutes * minuteMs,
      }
      return new FollowedList(host, address, list, bounds, onAdded)
    })

    let isLoaded = false
    const loading = Promise.all([own, ...followed.map(({ list }) => list)].map((list) => list.load()))
    loading.then(
      () => {
        isLoaded = true
      },
      (error: unknown) => host.log.error('blocklists not read', { error }),
    )
    host.keep(
      muc.enter.check(({ room, presence: { from } }) => {
        // Who makes a room owns it, and is not let in by that.
        if (!room.isLocked && isKnown(room, from)) return
        const check = () => {
          if (isBlocked(from)) throw refusal(room)
        }
        if (!isLoaded) return loading.then(check)
        check()
      }),
    )
    host.receiveAtDomain(
      (stanza) => stanza.kind === 'message' && followed.some((list) => list.receive(stanza)),
    )
    const ownList = { list: own, mostAtATime: options.atATime, onAdded }
    host.keep(commands.add(blockCommand(host, ownList)))
    host.keep(commands.add(unblockCommand(host, ownList)))
    for (const list of followed) {
      list.follow(firstReadMs)
      host.keep(() => list.close())
    }
  },
})

const minuteMs = 60_000
/** Until then other services of this server are there. */
const firstReadMs = 1000

/** Whether a room has decided itself about somebody. */
function isKnown(room: Room, account: Jid): boolean {
  return isAtLeast(room.affiliationOf(account), 'member')
}

function hashOfOption(text: string): string {
  const hash = hashOfText(text)
  if (hash === undefined) throw new Error(`addresses: ${text} is no address`)
  return hash
}

function refusal(room: Room): StanzaError {
  return new StanzaError('forbidden', 'you are blocked on this service', { by: room.jid })
}
