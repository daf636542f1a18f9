// biome-ignore-all lint/suspicious/noTemplateCurlyInString: it is the notation of scripts
// What the runner says when a real server does not do what a script says, and what it lets pass.
import assert from 'node:assert/strict'
import { after, before, describe, test } from 'node:test'
import {
  type Order,
  type Performance,
  parseScript,
  playScript,
  usualPlay,
} from '../../src/scansion/scansion.ts'
import { findProsody, type Prosody, startProsody } from './prosody-server.ts'

const prosody = findProsody()
const skip = 'reason' in prosody ? `no Prosody here: ${prosody.reason}` : false

const head = `[Client] Romeo
	jid: romeo@localhost
	password: p

[Client] Juliet
	jid: juliet@localhost/balcony
	password: p

[Client] Twin
	jid: juliet@localhost/balcony
	password: p
---
Romeo connects
Juliet connects
`
const toSelf = (id: string) => `Romeo sends:\n\t<message to="\${Romeo's full JID}" id='${id}' type='chat'/>\n`
const receives = (id: string) => `Romeo receives:\n\t<message id='${id}'/>\n`
interface Case {
  readonly rule: string
  readonly actions: string
  readonly order?: Order
  /** The failure as `line: message`; undefined if the script passes. */
  readonly failure?: RegExp
}

const first = head.split('\n').length

const cases: readonly Case[] = [
  {
    rule: 'a stanza that the last action provoked and the script does not expect fails at once',
    actions: `${toSelf('a')}${receives('b')}`,
    failure: new RegExp(`^${first + 2}: another stanza came$`),
  },
  {
    rule: 'a stanza passed over cannot satisfy a later step',
    actions: `${toSelf('a')}${toSelf('b')}${receives('b')}${receives('a')}`,
    failure: new RegExp(`^${first + 6}: nothing that matches came within 10 s$`),
  },
  {
    rule: 'with order any it can',
    actions: `${toSelf('a')}${toSelf('b')}${receives('b')}${receives('a')}`,
    order: 'any',
  },
  {
    rule: 'with order exact nothing may be passed over',
    actions: `${toSelf('a')}${toSelf('b')}${receives('b')}`,
    order: 'exact',
    failure: new RegExp(`^${first + 4}: another stanza came$`),
  },
  {
    rule: 'an action of anybody makes what came before it stale',
    actions: `${toSelf('a')}Juliet disconnects\n${toSelf('b')}${receives('b')}`,
  },
  {
    rule: 'nothing means nothing',
    actions: `${toSelf('a')}Romeo receives: nothing\n`,
    failure: new RegExp(`^${first + 2}: a stanza came where nothing should$`),
  },
  {
    rule: 'nothing does not speak of what came before the last action',
    actions: `${toSelf('a')}Juliet disconnects\nRomeo receives: nothing\n`,
  },
  {
    rule: 'an unknown variable fails the step',
    actions: 'Romeo sends:\n\t<message id="${never}"/>\n',
    failure: new RegExp(`^${first}: \\$\\{never\\} has not been captured$`),
  },
  {
    rule: 'an address that the server has not bound yet fails the step',
    actions:
      'Romeo disconnects\nRomeo sends:\n\t<message to="${Romeo\'s full JID}" id="${Nobody\'s JID}"/>\n',
    failure: /no character is called Nobody$/,
  },
  {
    rule: 'connecting twice fails',
    actions: 'Romeo connects\n',
    failure: new RegExp(`^${first}: Romeo is connected already$`),
  },
  {
    rule: 'sending before connecting fails',
    actions: 'Twin sends:\n\t<presence/>\n',
    failure: new RegExp(`^${first}: Twin has not connected$`),
  },
  {
    rule: 'sending on a stream that the server ended fails',
    actions: 'Twin connects\nJuliet sends:\n\t<presence/>\n',
    failure: new RegExp(`^${first + 1}: Juliet's stream has ended: stream error conflict`),
  },
  {
    rule: 'waiting on a stream that the server ended fails at once',
    actions:
      'Twin connects\nJuliet receives:\n\t<stream:error scansion:strict="false"/>\nJuliet receives:\n\t<presence/>\n',
    failure: new RegExp(`^${first + 3}: Juliet's stream has ended: stream error conflict`),
  },
  {
    rule: 'that the server ended a stream is no failure by itself',
    actions: 'Twin connects\nJuliet disconnects\nTwin sends:\n\t<presence/>\nTwin receives:\n\t<presence/>\n',
  },
  {
    rule: 'waiting after having left fails at once',
    actions: `Romeo disconnects\n${receives('a')}`,
    failure: new RegExp(`^${first + 1}: Romeo has disconnected$`),
  },
  {
    rule: 'a stanza that is no XML the server can read ends the stream, and the next step fails',
    actions: 'Romeo sends:\n\t<nonsense/>\nRomeo receives:\n\t<message/>\n',
    failure: new RegExp(`^${first + 2}: `),
  },
]

describe('scansion and what Prosody does not do', { skip, concurrency: 4 }, () => {
  let server: Prosody
  before(async () => {
    server = await startProsody()
  })
  after(() => server.close())

  for (const [number, { rule, actions, order = 'script', failure }] of cases.entries()) {
    test(rule, async () => {
      const played = await play(head.replaceAll('@', `${number}@`) + actions, order)
      const told = played.failure ? `${played.failure.line}: ${played.failure.message}` : 'passed'
      if (failure) assert.match(told, failure)
      else assert.equal(told, 'passed')
    })
  }

  test('a failure tells the last stanzas of each character, without the runner’s own', async () => {
    const { failure } = await play(head.replaceAll('@', 'x@') + toSelf('a') + receives('b'), 'script')
    const sent = failure?.exchanges
      .get('Romeo')
      ?.map(({ direction, stanza }) => `${direction} ${stanza.attribute('id')}`)
    assert.deepEqual(sent, ['sent a', 'received a'])
    assert.deepEqual(failure?.exchanges.get('Juliet'), [])
  })

  function play(text: string, order: Order): Promise<Performance> {
    const script = parseScript(text, 'x.scs')
    assert.ok(!Array.isArray(script), JSON.stringify(script))
    return playScript(script, {
      ...usualPlay,
      host: server.host,
      port: server.port,
      order,
      timeoutMs: 10_000,
    })
  }
})
