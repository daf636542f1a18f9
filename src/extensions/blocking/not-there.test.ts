import assert from 'node:assert/strict'
import { test } from 'node:test'
import { inMemoryServer } from '../../../test/in-memory.ts'
import type { MemoryClient } from '../../server/memory-client.ts'
import { serialize } from '../../xml/serialize.ts'
import { disco } from '../disco/disco.ts'
import { ping } from '../ping/ping.ts'
import { roster } from '../roster/roster.ts'
import { blocking } from './blocking.ts'

const asked: readonly string[] = [
  `<iq type='get' id='1' to='ADDRESS'><query xmlns='jabber:iq:roster'/></iq>`,
  `<iq type='get' id='2' to='ADDRESS'><query xmlns='urn:example:nothing'/></iq>`,
  `<iq type='get' id='3' to='ADDRESS'><query xmlns='http://jabber.org/protocol/disco#info'/></iq>`,
  `<iq type='get' id='4' to='ADDRESS/nowhere'><ping xmlns='urn:xmpp:ping'/></iq>`,
  `<message id='5' to='ADDRESS'><body>Is anybody there?</body></message>`,
  `<message id='6' type='groupchat' to='ADDRESS/nowhere'><body>Is anybody there?</body></message>`,
]

/** What comes back for each request to an address, with the address itself left out. */
async function answers(client: MemoryClient, address: string): Promise<string[]> {
  const all: string[] = []
  for (const text of asked) {
    await client.send(text.replace('ADDRESS', address))
    const [answer] = client.takeAll()
    all.push(answer ? serialize(answer).replaceAll(address, 'ADDRESS') : 'nothing')
  }
  return all
}

test('RFC 6121 §8.5.1, XEP-0191 §3.3: no account, one that is away and one that blocks all sound the same', async () => {
  await using local = await inMemoryServer({ extensions: [disco, roster, blocking, ping] })
  const juliet = await local.connect('juliet@localhost/balcony')
  const romeo = await local.connect('romeo@localhost/orchard')
  const tybalt = await local.connect('tybalt@localhost/street')
  await tybalt.send('<presence/>')
  await tybalt.send(
    `<iq type='set' id='b'><block xmlns='urn:xmpp:blocking'><item jid='juliet@localhost'/></block></iq>`,
  )
  romeo.close()
  const ofNobody = await answers(juliet, 'nobody@localhost')
  for (const answer of ofNobody) assert.match(answer, /service-unavailable/)
  assert.deepEqual(await answers(juliet, 'romeo@localhost'), ofNobody)
  assert.deepEqual(await answers(juliet, 'tybalt@localhost'), ofNobody)
})
