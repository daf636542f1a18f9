import assert from 'node:assert/strict'
import { test } from 'node:test'
import { inMemoryServer } from '../../../test/in-memory.ts'
import { parseForm } from '../../stanza/form.ts'
import { disco } from '../disco/disco.ts'
import { contactAddresses } from './contact-addresses.ts'

async function formOf(options: object) {
  const extensions = [disco, contactAddresses]
  await using local = await inMemoryServer({ extensions, options: { 'contact-addresses': options } })
  const romeo = await local.connect('romeo@localhost/orchard')
  await romeo.send(
    `<iq type='get' id='i' to='localhost'><query xmlns='http://jabber.org/protocol/disco#info'/></iq>`,
  )
  const info = romeo.takeAll()[0]?.child('query', 'http://jabber.org/protocol/disco#info')
  const x = info?.child('x', 'jabber:x:data')
  return x && parseForm(x)
}

test('XEP-0157 §3: the addresses that are configured stand in the disco#info of the server', async () => {
  const form = await formOf({
    admin: ['mailto:a@example.org', 'xmpp:a@example.org'],
    abuse: ['mailto:b@example.org'],
  })
  assert.equal(form?.formType, 'http://jabber.org/network/serverinfo')
  assert.deepEqual(
    [...(form?.values ?? [])],
    [
      ['abuse-addresses', ['mailto:b@example.org']],
      ['admin-addresses', ['mailto:a@example.org', 'xmpp:a@example.org']],
    ],
  )
})

test('without addresses there is no form', async () => {
  assert.equal(await formOf({}), undefined)
})

test('XEP-0157 §3: an address is a URI; another is refused when the configuration is read', () => {
  for (const [kind, option] of Object.entries(contactAddresses.options)) {
    for (const [address, isUri] of [
      ['mailto:help@example.org', true],
      ['xmpp:help@example.org?message', true],
      ['https://example.org/help', true],
      ['tel:+49-123-456', true],
      ['help@example.org', false],
      ['mailto:', false],
      ['mailto:two words', false],
      ['', false],
    ] as const) {
      assert.equal(option.safeParse([address]).success, isUri, `${kind} ${address}`)
    }
  }
})
