// XEP-0054: vcard-temp
import { integer } from '../../base/options.ts'
import type { Undo } from '../../base/scope.ts'
import { Signal } from '../../base/signal.ts'
import type { Account } from '../../host/account.ts'
import { defineExtension } from '../../host/extension.ts'
import { notThere } from '../../host/not-there.ts'
import type { Jid } from '../../jid/jid.ts'
import { StanzaError } from '../../stanza/stanza-error.ts'
import type { KeyValue } from '../../storage/storage.ts'
import { type Element, element } from '../../xml/element.ts'
import { serialize } from '../../xml/serialize.ts'
import { parseDocument } from '../../xml/xml.ts'

export const vcardNamespace = 'vcard-temp'

/** An account's vCard has been replaced. */
export interface VcardChange {
  readonly account: Account
  readonly vcard: Element
  /** What there was before, if anything. */
  readonly before: Element | undefined
  /** The extension that did it in the account's name; `undefined` where the account did itself. */
  readonly origin: string | undefined
}

/** What other extensions get of this one. */
export interface VcardApi {
  /** The vCard of an account, if it has one. */
  get(account: Jid): Promise<Element | undefined>
  /**
   * Replaces the vCard of an account in its name, as `origin`, which is what the extension is called.
   * @throws StanzaError not-acceptable for one that is too large
   */
  set(account: Account, vcard: Element, origin: string): Promise<void>
  /** Hears of every vCard that is replaced, once it is kept; whoever replaced it waits. */
  changed(listener: (change: VcardChange) => void | Promise<void>): Undo
}

/** Keeps a vCard for each account; everybody may read it (XEP-0054 §3.3). */
export const vcard = defineExtension({
  name: 'vcard',
  xep: { number: 54, version: '1.3' },
  options: { maxBytes: integer(131_072, 'bytes of one vCard, its picture included') },
  setup(host, _apis, { maxBytes }): VcardApi {
    const kept: KeyValue<string> = host.store.keyValue('vcard')
    const changes = new Signal<VcardChange>()
    const get = async (account: Jid) => {
      const text = await kept.get(account.local)
      const parsed = text === undefined ? undefined : parseDocument(text)
      return parsed && !('condition' in parsed) ? parsed : undefined
    }
    host.advertise(vcardNamespace)
    host.account.advertise(vcardNamespace)
    host.account.openIq.get(vcardNamespace, 'vCard', async (_iq, account, session) => {
      const found = await get(account.jid)
      if (found) return found
      // §3.3: others cannot tell an account without a vCard from one that does not exist.
      if (!session) throw notThere()
      return element('vCard', vcardNamespace)
    })
    const set = async (account: Account, vcard: Element, origin: string | undefined) => {
      const text = serialize(vcard)
      if (Buffer.byteLength(text) > maxBytes) {
        throw new StanzaError('not-acceptable', `a vCard has at most ${maxBytes} bytes`)
      }
      const before = await get(account.jid)
      await kept.set(account.jid.local, text)
      await changes.emitAndWait({ account, vcard, before, origin }, (error) => {
        // What has no room elsewhere, or is too large there, is no fault.
        const level = error instanceof StanzaError ? 'info' : 'error'
        host.log[level]('a vCard could not be converted', { error })
      })
    }
    host.account.iq.set(vcardNamespace, 'vCard', (iq, _session, account) => {
      return set(account, iq.payload as Element, undefined)
    })
    host.accountRemoved((account) => kept.set(account.local, undefined))
    return { get, set, changed: (listener) => changes.add(listener) }
  },
})
