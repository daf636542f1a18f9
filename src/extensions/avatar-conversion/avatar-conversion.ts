// XEP-0398: User Avatar to vCard-Based Avatars Conversion
import { InTurn } from '../../base/in-turn.ts'
import type { Account } from '../../host/account.ts'
import { defineExtension } from '../../host/extension.ts'
import { type AccountNodeChange, type OwnNodes, pep } from '../pep/pep.ts'
import { type VcardApi, type VcardChange, vcard } from '../vcard/vcard.ts'
import {
  dataNode,
  dataOf,
  infoOf,
  metadataNode,
  metadataOf,
  pictureOfCard,
  pictureOfData,
  withPicture,
} from './picture.ts'

const name = 'avatar-conversion'
/** A vCard is for everybody, and so is what is made of it. */
const settings = { 'pubsub#access_model': 'open', 'pubsub#persist_items': 'true' }

/** Puts a picture that is published into the vCard, for rooms and strangers, and the other way round. */
export const avatarConversion = defineExtension({
  name,
  xep: { number: 398, version: '1.0.0' },
  needs: { pep, vcard },
  setup(host, { pep, vcard }) {
    const avatars = new Avatars(pep, vcard)
    host.account.advertise('urn:xmpp:pep-vcard-conversion:0')
    host.keep(pep.changed((change) => avatars.followNodes(change)))
    host.keep(vcard.changed((change) => avatars.followCard(change)))
  },
})

/** The pictures of accounts. */
class Avatars {
  readonly #pep: OwnNodes
  readonly #vcard: VcardApi
  /** What is asked for an account is done one thing after the other. */
  readonly #inTurn = new InTurn()

  constructor(pep: OwnNodes, vcard: VcardApi) {
    this.#pep = pep
    this.#vcard = vcard
  }

  /** §3.1: a picture has been published, its metadata or, late, its bytes. */
  async followNodes(change: AccountNodeChange): Promise<void> {
    const { account, node, origin } = change
    if (origin === name || (node !== metadataNode && node !== dataNode)) return
    // Bytes alone that are taken back say nothing of which picture is shown.
    if (node === dataNode && change.published.length === 0) return
    await this.#inTurn.run(account.jid.local, () => this.#toCard(account))
  }

  /** §3.2: a vCard has been replaced. */
  async followCard(change: VcardChange): Promise<void> {
    if (change.origin === name) return
    await this.#inTurn.run(change.account.jid.local, () => this.#toNodes(change))
  }

  async #toNodes({ account, vcard, before }: VcardChange): Promise<void> {
    const picture = pictureOfCard(vcard)
    const shown = infoOf((await this.#pep.item(account, metadataNode))?.payload)
    if (picture?.hash === shown?.id) return
    // One that the vCard never had, because it is not for everybody, is not taken away with it.
    if (!picture && pictureOfCard(before)?.hash !== shown?.id) return
    if (picture) {
      const data = { node: dataNode, id: picture.hash, payload: dataOf(picture), settings }
      await this.#pep.publish(account, data, name)
    }
    const id = picture?.hash ?? 'none'
    const metadata = { node: metadataNode, id, payload: metadataOf(picture), settings }
    await this.#pep.publish(account, metadata, name)
  }

  async #toCard(account: Account): Promise<void> {
    const metadata = (await this.#pep.item(account, metadataNode))?.payload
    const info = infoOf(metadata)
    const card = await this.#vcard.get(account.jid)
    const shown = pictureOfCard(card)
    if (!info) {
      // One that is only elsewhere cannot be put into a vCard, and is no reason to take another one out.
      if (shown && (metadata?.elements('info').length ?? 0) === 0)
        await this.#set(account, withPicture(card, undefined))
      return
    }
    // §7: what is not for everybody does not become so.
    if ((await this.#pep.accessOf(account, dataNode)) !== 'open') return
    const picture = pictureOfData((await this.#pep.item(account, dataNode, info.id))?.payload, info)
    if (picture && picture.hash !== shown?.hash) await this.#set(account, withPicture(card, picture))
  }

  #set(account: Account, card: ReturnType<typeof withPicture>): Promise<void> {
    return this.#vcard.set(account, card, name)
  }
}
