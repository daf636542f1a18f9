// XEP-0153: vCard-Based Avatars, put into presence by the server as XEP-0398 §4 has it
import { createHash } from 'node:crypto'
import type { Account } from '../../host/account.ts'
import { defineExtension } from '../../host/extension.ts'
import type { Presence } from '../../stanza/stanza.ts'
import { type Element, element } from '../../xml/element.ts'
import { vcard, vcardNamespace } from '../vcard/vcard.ts'

const namespace = 'vcard-temp:x:update'

/** Adds the hash of the account's picture to presence that does not have one. */
export const avatarHash = defineExtension({
  name: 'avatar-hash',
  xep: { number: 153, version: '1.1.1' },
  needs: { vcard },
  setup(host, { vcard }) {
    const hashByAccount = new WeakMap<Account, string>()
    host.keep(
      vcard.changed(({ account, vcard }) => {
        hashByAccount.set(account, hashOfPhoto(vcard))
      }),
    )
    host.presenceSent.stamp((delivery) => {
      const { presence, account } = delivery
      if (presence.type !== 'available' || presence.child('x', namespace)?.child('photo', namespace)) return
      const known = hashByAccount.get(account)
      if (known !== undefined) {
        delivery.presence = withHash(presence, known)
        return
      }
      return vcard.get(account.jid).then((card) => {
        const hash = card ? hashOfPhoto(card) : ''
        hashByAccount.set(account, hash)
        delivery.presence = withHash(presence, hash)
      })
    })
  },
})

// XEP-0153 §2.1: the SHA-1 of the picture's bytes; an empty photo says that there is none.
function hashOfPhoto(card: Element): string {
  const photo = card.child('PHOTO', vcardNamespace)?.child('BINVAL', vcardNamespace)?.text
  return photo ? createHash('sha1').update(Buffer.from(photo, 'base64')).digest('hex') : ''
}

function updateOf(hash: string): Element {
  return element('x', namespace, {}, element('photo', namespace, {}, hash))
}

/** What is said for the many who have no picture. */
const noPhoto = updateOf('')

function withHash(presence: Presence, hash: string): Presence {
  const update = hash === '' ? noPhoto : updateOf(hash)
  const said = presence.child('x', namespace)
  // XEP-0398 §4: one that says nothing of a photo is overwritten.
  const others = said ? presence.children.filter((child) => child !== said) : presence.children
  // Not spread: the list is kept as long as the session, and would have room for sixteen more.
  return presence.with({ children: others.concat(update) })
}
