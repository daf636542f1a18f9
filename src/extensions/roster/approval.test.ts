import assert from 'node:assert/strict'
import { test } from 'node:test'
import { items, online, told } from '../../../test/contacts.ts'
import { inMemoryServer } from '../../../test/in-memory.ts'
import { defineExtension } from '../../host/extension.ts'
import { roster } from './roster.ts'

/** An extension of somebody's: who brings Juliet's token has been invited by her. */
const invited = defineExtension({
  name: 'invited',
  needs: { roster },
  setup(host, apis) {
    host.keep(
      apis.roster.approve(
        ({ jid }, request) =>
          jid.local === 'juliet' &&
          request.child('preauth', 'urn:xmpp:pars:0')?.attribute('token') === 'rose',
      ),
    )
  },
})

const ask = (token: string) =>
  `<presence to='juliet@localhost' type='subscribe'><preauth xmlns='urn:xmpp:pars:0' token='${token}'/></presence>`

test('XEP-0379 §3.4: who brings a token that holds is let in, listed, and asked in turn', async () => {
  await using local = await inMemoryServer({ extensions: [roster, invited] })
  const romeo = await online(local, 'romeo@localhost/orchard')
  const juliet = await online(local, 'juliet@localhost/balcony')
  // §3.3: who was invited agrees beforehand.
  await romeo.send(`<presence to='juliet@localhost' type='subscribed'/>`)
  await romeo.send(ask('rose'))
  assert.deepEqual(await items(romeo), ['juliet@localhost both'])
  assert.deepEqual(await items(juliet), ['romeo@localhost both'])
  await romeo.send(`<presence><status>here</status></presence>`)
  assert.ok(told(juliet).includes('available romeo@localhost/orchard'))
})

test('XEP-0379 §3.4: nobody who is there is asked, and nobody need be there', async () => {
  await using local = await inMemoryServer({ extensions: [roster, invited] })
  const juliet = await online(local, 'juliet@localhost/balcony')
  juliet.close()
  const romeo = await online(local, 'romeo@localhost/orchard')
  await romeo.send(ask('rose'))
  assert.ok(told(romeo).includes('subscribed juliet@localhost'))
  assert.deepEqual(await items(romeo), ['juliet@localhost to'])
})

test('XEP-0379 §5: a token that does not hold makes a request like any other', async () => {
  await using local = await inMemoryServer({ extensions: [roster, invited] })
  const romeo = await online(local, 'romeo@localhost/orchard')
  const juliet = await online(local, 'juliet@localhost/balcony')
  await romeo.send(ask('thorn'))
  assert.deepEqual(told(juliet), ['subscribe romeo@localhost'])
  assert.deepEqual(await items(juliet), [])
})
