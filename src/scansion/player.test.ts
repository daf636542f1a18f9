// A character and a server that says what the test lets it say: what travels, and what is made of odd answers.
import assert from 'node:assert/strict'
import { once } from 'node:events'
import { createServer, type Socket } from 'node:net'
import { type TestContext, test } from 'node:test'
import { parseScript } from './parse.ts'
import { type Performance, type PlayOptions, playScript, usualPlay } from './runner.ts'
import type { Script } from './script.ts'

const header =
  "<stream:stream from='localhost' version='1.0' xmlns='jabber:client' xmlns:stream='http://etherx.jabber.org/streams'>"
const mechanisms = (name: string) =>
  `${header}<stream:features><mechanisms xmlns='urn:ietf:params:xml:ns:xmpp-sasl'><mechanism>${name}</mechanism></mechanisms></stream:features>`
const success = "<success xmlns='urn:ietf:params:xml:ns:xmpp-sasl'/>"
const bindFeature = "<bind xmlns='urn:ietf:params:xml:ns:xmpp-bind'/>"
const features = `${header}<stream:features>${bindFeature}</stream:features>`
const bound =
  "<iq type='result' id='scs-bind'><bind xmlns='urn:ietf:params:xml:ns:xmpp-bind'><jid>romeo@localhost/1</jid></bind></iq>"

type Answer = readonly [heard: RegExp, said: string]

/** A log-in by PLAIN. */
const login: readonly Answer[] = [
  [/<stream:stream /, mechanisms('PLAIN')],
  [/<\/auth>/, success],
  [/<stream:stream /, features],
  [/<\/iq>/, bound],
]
const pong: Answer = [/<ping /, "<iq type='result' id='scs-sync-1'/>"]
/** For what never comes. */
const impatient = { timeoutMs: 300 }
const goodbye: Answer = [/<\/stream:stream>/, '</stream:stream>']

interface Scene {
  readonly performance: Performance
  /** Everything the server has heard. */
  readonly heard: string
}

/** Plays actions of Romeo's against a server that gives each of the answers, in order, when it hears what they wait for. */
async function play(
  t: TestContext,
  actions: string,
  answers: readonly Answer[],
  options: Partial<PlayOptions> = {},
): Promise<Scene> {
  let heard = ''
  const closed: Promise<unknown>[] = []
  const server = createServer((socket) => {
    closed.push(once(socket, 'close'))
    converse(socket, [...answers], (text) => {
      heard += text
    })
  })
  server.listen(0, '127.0.0.1')
  await once(server, 'listening')
  t.after(() => server.close())
  const address = server.address()
  assert.ok(address !== null && typeof address === 'object')
  const text = `[Client] Romeo\n\tjid: romeo@localhost\n\tpassword: pencil\n---\n${actions}`
  const usual = { ...usualPlay, port: address.port, settleMs: 0, timeoutMs: 5000 }
  const performance = await playScript(parseScript(text, 'x.scs') as Script, { ...usual, ...options })
  await Promise.all(closed)
  return { performance, heard }
}

function converse(socket: Socket, answers: Answer[], hear: (text: string) => void): void {
  let unanswered = ''
  socket.on('error', () => {})
  socket.on('data', (bytes) => {
    hear(bytes.toString())
    unanswered += bytes.toString()
    for (;;) {
      const match = answers[0]?.[0].exec(unanswered)
      if (!match) return
      unanswered = unanswered.slice(match.index + match[0].length)
      socket.write(answers.shift()?.[1] ?? '')
    }
  })
}

test('RFC 6120 §4.2, §6.4, §7: what a log-in by PLAIN says, and nothing else', async (t) => {
  const { performance, heard } = await play(t, 'Romeo connects\nRomeo disconnects\n', [...login, goodbye])
  assert.equal(performance.failure, undefined)
  const opening =
    "<?xml version='1.0'?><stream:stream to='localhost' version='1.0' xml:lang='en' xmlns='jabber:client' xmlns:stream='http://etherx.jabber.org/streams'>"
  const plain = Buffer.from('\0romeo\0pencil').toString('base64')
  const auth = `<auth mechanism='PLAIN' xmlns='urn:ietf:params:xml:ns:xmpp-sasl'>${plain}</auth>`
  const bind = "<iq type='set' id='scs-bind'><bind xmlns='urn:ietf:params:xml:ns:xmpp-bind'></bind></iq>"
  assert.equal(heard, `${opening}${auth}${opening}${bind}</stream:stream>`)
})

test('RFC 3921 §3: a session is asked for where it is offered, even if it is optional', async (t) => {
  const session = "<session xmlns='urn:ietf:params:xml:ns:xmpp-session'><optional/></session>"
  const answers: Answer[] = [
    ...login.slice(0, 2),
    [/<stream:stream /, `${header}<stream:features>${bindFeature}${session}</stream:features>`],
    [/<\/iq>/, bound],
    [/<session /, "<iq type='result' id='scs-session'/>"],
    goodbye,
  ]
  const { performance, heard } = await play(t, 'Romeo connects\n', answers)
  assert.equal(performance.failure, undefined)
  assert.match(heard, /<iq type='set' id='scs-session'><session /)
})

test('who is there already cannot connect', async (t) => {
  const { performance } = await play(t, 'Romeo connects\nRomeo connects\n', [...login, goodbye])
  assert.equal(performance.failure?.line, 6)
  assert.equal(performance.failure?.message, 'Romeo is connected already')
})

test('what the server asks is the script’s affair: nothing is answered', async (t) => {
  const query = "<iq type='get' id='q' from='localhost'><ping xmlns='urn:xmpp:ping'/></iq>"
  const receives = "Romeo connects\nRomeo receives:\n\t<iq type='get' id='q'/>\n"
  const { performance, heard } = await play(t, receives, [
    ...login.slice(0, 3),
    [/<\/iq>/, bound + query],
    goodbye,
  ])
  assert.equal(performance.failure, undefined)
  assert.match(heard, /<\/iq><\/stream:stream>$/)
})

const sends =
  "Romeo connects\nRomeo sends:\n\t<iq scansion:strict='true' id='1'>\n\t\t<a xmlns='x'/> <b/>\n\t</iq>\n"

test('what is sent carries neither instructions nor the script’s layout', async (t) => {
  const { heard } = await play(t, sends, [...login, pong, goodbye])
  assert.ok(
    heard.includes("<iq id='1'><a xmlns='x'/><b/></iq><iq type='get' id='scs-sync-1' to='localhost'>"),
    heard,
  )
})

test('layout is sent where that is wished', async (t) => {
  const { heard } = await play(t, sends, [...login, pong, goodbye], { sendsLayout: true })
  assert.ok(heard.includes("<iq id='1'>\n\t\t<a xmlns='x'/> <b/>\n\t</iq>"), heard)
})

test('white space that is all an element has is no layout, unless it has line breaks', async (t) => {
  const blank = 'Romeo connects\nRomeo sends:\n\t<message><body>  </body><subject>\n\t</subject></message>\n'
  const { heard } = await play(t, blank, [...login, pong, goodbye])
  assert.ok(heard.includes('<message><body>  </body><subject/></message>'), heard)
})

test('with sync none nothing of our own is sent', async (t) => {
  const { heard } = await play(t, sends, [...login, goodbye], { sync: 'none' })
  assert.ok(!heard.includes('ping'), heard)
})

test('an error answers a ping as well as a result does, and the script sees neither', async (t) => {
  const refusal: Answer = [/<ping /, "<iq type='error' id='scs-sync-1'/><message id='m'/>"]
  const actions = `${sends}Romeo receives:\n\t<message/>\n`
  const { performance } = await play(t, actions, [...login, refusal, goodbye], { order: 'exact' })
  assert.equal(performance.failure, undefined)
})

test('a server that does not answer pings costs one time-out and a note', async (t) => {
  const again = 'Romeo sends:\n\t<iq id="2"/>\n'
  const { performance, heard } = await play(t, sends + again, [...login, goodbye], { timeoutMs: 2000 })
  assert.equal(performance.failure, undefined)
  assert.deepEqual(performance.notes, [
    { line: 6, text: 'Romeo: the server does not answer pings; none are sent any more' },
  ])
  assert.equal(heard.split('<ping ').length, 2)
  assert.match(heard, /<iq id='2'\/><\/stream:stream>$/)
})

test('RFC 6120 §4.4: a server that closes the stream is answered', async (t) => {
  const closing: Answer = [/<ping /, '</stream:stream>']
  const { performance, heard } = await play(t, `${sends}Romeo receives:\n\t<message/>\n`, [...login, closing])
  assert.equal(performance.failure?.message, "Romeo's stream has ended: the server closed the stream")
  assert.match(heard, /<\/stream:stream>$/)
})

const refused: readonly (readonly [what: string, answers: readonly Answer[], message: RegExp])[] = [
  ['says nothing', [], /no log-in within 0\.3 s$/],
  [
    'sends XML that is none',
    [[/<stream:stream /, `${header}<a></b>`]],
    /the server sent XML that cannot be read: /,
  ],
  [
    'ends the stream',
    [
      [
        /<stream:stream /,
        `${header}<stream:error><host-unknown xmlns='urn:ietf:params:xml:ns:xmpp-streams'/></stream:error>`,
      ],
    ],
    /the server answers the stream header with host-unknown$/,
  ],
  ['offers nothing that is known', [[/<stream:stream /, mechanisms('EXTERNAL')]], /but EXTERNAL$/],
  [
    'binds nothing',
    [...login.slice(0, 3), [/<\/iq>/, "<iq type='error' id='scs-bind'><error><conflict/></error></iq>"]],
    /refuses the log-in: conflict$/,
  ],
  [
    'does not know the password itself',
    [
      [/<stream:stream /, mechanisms('SCRAM-SHA-1')],
      [
        /<\/auth>/,
        success.replace(
          '/>',
          `>${Buffer.from('v=rmF9pqV8S7suAoZWja4dJRkFsKQ=').toString('base64')}</success>`,
        ),
      ],
    ],
    /refuses the log-in: success$/,
  ],
]

for (const [what, answers, message] of refused) {
  test(`a server that ${what} during log-in is a failure that says so`, async (t) => {
    const { performance } = await play(t, 'Romeo connects\n', answers, answers.length === 0 ? impatient : {})
    assert.equal(performance.failure?.line, 5)
    assert.match(performance.failure?.message ?? '', message)
  })
}

test('a server that does not answer the TLS handshake is given up, and so is its connection', async (t) => {
  const { performance } = await play(t, 'Romeo connects\n', [], { ...impatient, security: 'direct' })
  assert.match(performance.failure?.message ?? '', /no connection within 0\.3 s$/)
})

test('a server that goes silent in the midst of STARTTLS is given up', async (t) => {
  const starttls = "<starttls xmlns='urn:ietf:params:xml:ns:xmpp-tls'><required/></starttls>"
  const answers: Answer[] = [
    [/<stream:stream /, `${header}<stream:features>${starttls}</stream:features>`],
    [/<starttls /, "<proceed xmlns='urn:ietf:params:xml:ns:xmpp-tls'/>"],
  ]
  const { performance } = await play(t, 'Romeo connects\n', answers, impatient)
  assert.match(performance.failure?.message ?? '', /no log-in within 0\.3 s$/)
})

test('RFC 5802 §5: a server whose signature is wrong is not believed', async (t) => {
  let heard = ''
  const encode = (text: string) => Buffer.from(text).toString('base64')
  const server = createServer((socket) => {
    socket.on('error', () => {})
    socket.on('data', (bytes) => {
      const text = bytes.toString()
      heard += text
      const [, data = ''] = /<auth [^>]*>([^<]*)</.exec(text) ?? []
      const nonce = /r=(.*)$/.exec(Buffer.from(data, 'base64').toString())?.[1]
      if (text.includes('<stream:stream ')) socket.write(mechanisms('SCRAM-SHA-256'))
      if (nonce) {
        const challenge = encode(`r=${nonce}more,s=${encode('salt')},i=4096`)
        socket.write(`<challenge xmlns='urn:ietf:params:xml:ns:xmpp-sasl'>${challenge}</challenge>`)
      }
      if (text.includes('<response')) {
        socket.write(success.replace('/>', `>${encode(`v=${encode('x'.repeat(32))}`)}</success>`))
      }
    })
  })
  server.listen(0, '127.0.0.1')
  await once(server, 'listening')
  t.after(() => server.close())
  const address = server.address()
  assert.ok(address !== null && typeof address === 'object')
  const script = parseScript(
    '[Client] R\n\tjid: r@localhost\n\tpassword: p\n---\nR connects',
    'x.scs',
  ) as Script
  const { failure } = await playScript(script, { ...usualPlay, port: address.port, timeoutMs: 2000 })
  assert.match(failure?.message ?? 'passed', /SCRAM-SHA-256 signature is wrong/)
  assert.ok(!heard.includes('<iq'), 'nothing may be told to a server that is not the one')
})

test('a server that does not close its stream is left after two seconds', async (t) => {
  const start = performance.now()
  const { performance: played } = await play(t, 'Romeo connects\nRomeo disconnects\n', login)
  assert.equal(played.failure, undefined)
  const took = performance.now() - start
  assert.ok(took >= 1900 && took < 20_000, `${took} ms`)
})
