// XML that is wrong in every way there is, against a live port: the right stream error, then the end, and nobody else
// notices (RFC 6120 §4.9.3, §11, §13).
import assert from 'node:assert/strict'
import { test } from 'node:test'
import { Bystander, HostileTarget, inBatches, streamErrorOf } from './hostile-target.ts'
import { type HostileXml, hostileElements, hostileHeaders } from './hostile-xml.ts'
import { header, RawClient } from './raw-client.ts'

const atOnce = 16

/** Cases whose stream error is not the expected one. */
async function wrongAnswers(
  cases: readonly HostileXml[],
  attack: (bytes: HostileXml['bytes']) => Promise<RawClient>,
): Promise<string[]> {
  const wrong: string[] = []
  await inBatches(cases, atOnce, async ({ what, bytes, condition }) => {
    const answer = await streamErrorOf(await attack(bytes))
    if (answer !== condition) wrong.push(`${what}: ${answer}, not ${condition}`)
  })
  return wrong
}

test('hostile XML', async (t) => {
  const target = await HostileTarget.start(t)
  const bystander = await Bystander.login(target)

  await t.test(
    'a header that is wrong: a header comes in answer, then the error (RFC 6120 §4.9.1.2)',
    async () => {
      const wrong = await wrongAnswers(hostileHeaders, async (bytes) => {
        const client = await target.connect()
        client.write(bytes)
        await client.until(/^<\?xml version='1.0'\?><stream:stream [^>]*version='1.0'[^>]*>/)
        return client
      })
      assert.deepEqual(wrong, [])
    },
  )

  await t.test('what is wrong before log-in, with and without TLS', async () => {
    const plain = await wrongAnswers(hostileElements, async (bytes) => {
      const client = await target.connect()
      await client.open()
      client.write(bytes)
      return client
    })
    const secure = await wrongAnswers(hostileElements, async (bytes) => {
      const client = await RawClient.connectTls(t, target.tlsPort)
      client.write(Buffer.concat([Buffer.from(header()), Buffer.from(bytes)]))
      return client
    })
    assert.deepEqual([...plain, ...secure], [])
  })

  await t.test('what is wrong after log-in, and nothing of it reaches others', async () => {
    const romeo = await target.login('romeo')
    romeo.write('<presence/>')
    await romeo.until(/<presence[^>]*>/)
    let attackers = 0
    const wrong = await wrongAnswers(hostileElements, async (bytes) => {
      attackers += 1
      const client = await target.login('juliet', `attacker ${attackers}`)
      // The message before it is whole and arrives; what comes behind the fault does not.
      client.write(
        Buffer.concat([
          Buffer.from("<message to='romeo@localhost'><body>before</body></message>"),
          Buffer.from(bytes),
          Buffer.from("<message to='romeo@localhost'><body>behind</body></message>"),
        ]),
      )
      return client
    })
    assert.deepEqual(wrong, [])
    const received = await romeo.request('get', "<ping xmlns='urn:xmpp:ping'/>", { to: 'localhost' })
    assert.match(received, /type='result'/)
    const bodies = romeo.taken.match(/<body>[^<]*<\/body>/g) ?? []
    assert.deepEqual(bodies, Array(hostileElements.length).fill('<body>before</body>'))
  })

  await bystander.wasServed()
  target.assertNoBugs()
})
