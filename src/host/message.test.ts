import assert from 'node:assert/strict'
import { test } from 'node:test'
import { inMemoryServer } from '../../test/in-memory.ts'
import { jid } from '../jid/jid.ts'
import type { MemoryClient } from '../server/memory-client.ts'

// RFC 6121 §8.5.4, Table 1. D: the resource gets it; A: every resource whose priority is not negative gets it;
// E: the sender is told; S: nobody is told. Where the RFC leaves the choice between silence and an error, the
// sender of a message that is meant to be read is told.
const types = ['normal', 'chat', 'groupchat', 'headline', 'error'] as const
type Outcome = 'A' | 'D' | 'E' | 'S'

interface Row {
  readonly situation: string
  /** Priorities of available resources; `undefined` for one that is connected only. */
  readonly priorities: readonly (number | undefined)[]
  readonly to: string
  readonly outcomes: Readonly<Record<(typeof types)[number], Outcome>>
}

const rows: readonly Row[] = [
  {
    situation: 'the account does not exist, bare',
    priorities: [],
    to: 'nobody@localhost',
    outcomes: { normal: 'E', chat: 'E', groupchat: 'E', headline: 'S', error: 'S' },
  },
  {
    situation: 'the account does not exist, full',
    priorities: [],
    to: 'nobody@localhost/a',
    outcomes: { normal: 'E', chat: 'E', groupchat: 'E', headline: 'S', error: 'S' },
  },
  {
    situation: 'no resources, bare',
    priorities: [],
    to: 'juliet@localhost',
    outcomes: { normal: 'E', chat: 'E', groupchat: 'E', headline: 'S', error: 'S' },
  },
  {
    situation: 'no resources, full',
    priorities: [],
    to: 'juliet@localhost/gone',
    outcomes: { normal: 'E', chat: 'E', groupchat: 'E', headline: 'S', error: 'S' },
  },
  {
    situation: 'only a resource that is not available, bare',
    priorities: [undefined],
    to: 'juliet@localhost',
    outcomes: { normal: 'E', chat: 'E', groupchat: 'E', headline: 'S', error: 'S' },
  },
  {
    situation: 'a resource that is not available, full',
    priorities: [undefined],
    to: 'juliet@localhost/r0',
    outcomes: { normal: 'D', chat: 'D', groupchat: 'D', headline: 'D', error: 'D' },
  },
  {
    situation: 'only a negative resource, bare',
    priorities: [-1],
    to: 'juliet@localhost',
    outcomes: { normal: 'E', chat: 'E', groupchat: 'E', headline: 'S', error: 'S' },
  },
  {
    situation: 'a negative resource, full',
    priorities: [-1],
    to: 'juliet@localhost/r0',
    outcomes: { normal: 'D', chat: 'D', groupchat: 'D', headline: 'D', error: 'D' },
  },
  {
    situation: 'only a negative resource, another full',
    priorities: [-1],
    to: 'juliet@localhost/gone',
    outcomes: { normal: 'E', chat: 'E', groupchat: 'E', headline: 'S', error: 'S' },
  },
  {
    situation: 'several resources, bare',
    priorities: [0, 5, -1, undefined],
    to: 'juliet@localhost',
    outcomes: { normal: 'A', chat: 'A', groupchat: 'E', headline: 'A', error: 'S' },
  },
  {
    situation: 'several resources, full',
    priorities: [0, 5, -1, undefined],
    to: 'juliet@localhost/r0',
    outcomes: { normal: 'D', chat: 'D', groupchat: 'D', headline: 'D', error: 'D' },
  },
  {
    situation: 'several resources, another full',
    priorities: [0, 5, -1, undefined],
    to: 'juliet@localhost/gone',
    outcomes: { normal: 'E', chat: 'A', groupchat: 'E', headline: 'S', error: 'S' },
  },
]

for (const row of rows) {
  for (const type of types) {
    test(`RFC 6121 §8.5.4: ${type} message, ${row.situation}: ${row.outcomes[type]}`, async () => {
      await using local = await inMemoryServer()
      const romeo = await local.connect('romeo@localhost/orchard')
      const juliets = await connectJuliet(local, row.priorities)
      await romeo.send(`<message to='${row.to}' type='${type}' id='m'><body>hello</body></message>`)
      const outcome = row.outcomes[type]
      const expected = juliets.map((client, index) => {
        const priority = row.priorities[index]
        const gets =
          outcome === 'D' ? row.to.endsWith(`/r${index}`) : outcome === 'A' && (priority ?? -1) >= 0
        return gets && client.isOpen ? ['hello'] : []
      })
      assert.deepEqual(juliets.map(bodies), expected)
      const errors = romeo.takeAll().map((stanza) => stanza.child('error')?.elements()[0]?.name)
      assert.deepEqual(errors, outcome === 'E' ? ['service-unavailable'] : [])
    })
  }
}

async function connectJuliet(
  local: Awaited<ReturnType<typeof inMemoryServer>>,
  priorities: Row['priorities'],
): Promise<MemoryClient[]> {
  await local.server.host('localhost')?.accounts.create(jid('juliet@localhost'), 'password')
  const clients: MemoryClient[] = []
  for (const [index, priority] of priorities.entries()) {
    const client = await local.connect(`juliet@localhost/r${index}`)
    if (priority !== undefined) await client.send(`<presence><priority>${priority}</priority></presence>`)
    clients.push(client)
  }
  for (const client of clients) client.takeAll()
  return clients
}

function bodies(client: MemoryClient): (string | undefined)[] {
  return client.takeAll().map((stanza) => stanza.child('body')?.text)
}

test('RFC 6120 §10.3.1: a message without `to` goes to the sender’s own account', async () => {
  await using local = await inMemoryServer()
  const phone = await local.connect('romeo@localhost/phone')
  const laptop = await local.connect('romeo@localhost/laptop')
  await laptop.send('<presence/>')
  laptop.takeAll()
  await phone.send('<message><body>note to self</body></message>')
  assert.deepEqual(bodies(laptop), ['note to self'])
})

test('RFC 6120 §8.1.2.1: the server says who a stanza is from, and a false `from` ends the stream', async () => {
  await using local = await inMemoryServer()
  const romeo = await local.connect('romeo@localhost/orchard')
  const juliet = await local.connect('juliet@localhost/balcony')
  await romeo.send(`<message to='juliet@localhost/balcony' from='romeo@localhost'><body>hi</body></message>`)
  assert.equal(juliet.takeAll()[0]?.attribute('from'), 'romeo@localhost/orchard')
  await romeo.send(`<message to='juliet@localhost/balcony' from='tybalt@localhost'><body>hi</body></message>`)
  assert.equal(romeo.error?.condition, 'invalid-from')
  assert.deepEqual(juliet.takeAll(), [])
})

test('RFC 6120 §10.4: a domain that is not served is answered for', async () => {
  await using local = await inMemoryServer()
  const romeo = await local.connect('romeo@localhost/orchard')
  await romeo.send(`<message to='juliet@example.org' id='m'><body>hi</body></message>`)
  const [error] = romeo.takeAll()
  assert.equal(error?.child('error')?.elements()[0]?.name, 'remote-server-not-found')
  assert.equal(error?.attribute('from'), 'juliet@example.org')
})

test('messages for an account pass one at a time, even where a step waits', async () => {
  await using local = await inMemoryServer()
  const romeo = await local.connect('romeo@localhost/orchard')
  const tybalt = await local.connect('tybalt@localhost/street')
  const juliet = await local.connect('juliet@localhost/balcony')
  const gate = Promise.withResolvers<void>()
  const host = local.server.host('localhost')
  host?.received.add('archive', ({ message }) => (message.id === 'slow' ? gate.promise : undefined))
  const first = romeo.send(`<message to='juliet@localhost/balcony' id='slow'><body>1</body></message>`)
  const second = tybalt.send(`<message to='juliet@localhost/balcony'><body>2</body></message>`)
  await Promise.resolve()
  assert.deepEqual(juliet.inbox, [])
  gate.resolve()
  await Promise.all([first, second])
  assert.deepEqual(bodies(juliet), ['1', '2'])
})

test('a bug in a step is logged, answered with internal-server-error, and the session lives on', async () => {
  const events: string[] = []
  const log = {
    debug() {},
    info() {},
    warn() {},
    error: (event: string) => void events.push(event),
    child: () => log,
  }
  await using local = await inMemoryServer({ log })
  const romeo = await local.connect('romeo@localhost/orchard')
  const undo = local.server.host('localhost')?.sent.add('check', () => {
    throw new TypeError('a bug')
  })
  await romeo.send(`<message to='romeo@localhost/orchard' id='1'><body>1</body></message>`)
  assert.equal(romeo.takeAll()[0]?.child('error')?.elements()[0]?.name, 'internal-server-error')
  assert.deepEqual(events, ['handler failed'])
  undo?.()
  await romeo.send(`<message to='romeo@localhost/orchard' id='2'><body>2</body></message>`)
  assert.deepEqual(bodies(romeo), ['2'])
})

test('XEP-0203 §3: a client cannot claim that the server has kept something; what others say stays', async () => {
  await using local = await inMemoryServer()
  const romeo = await local.connect('romeo@localhost/orchard')
  const juliet = await local.connect('juliet@localhost/balcony')
  const delay = (from: string) =>
    `<delay xmlns='urn:xmpp:delay' from='${from}' stamp='2001-01-01T00:00:00Z'/>`
  const inside = delay('localhost') + delay('romeo@localhost/orchard') + delay('localhost')
  await romeo.send(`<message to='juliet@localhost/balcony'><body>hi</body>${inside}</message>`)
  await romeo.send(`<presence to='juliet@localhost/balcony'>${inside}</presence>`)
  for (const stanza of juliet.takeAll()) {
    const claims = stanza.elements('delay', 'urn:xmpp:delay').map((claim) => claim.attribute('from'))
    assert.deepEqual(claims, ['romeo@localhost/orchard'], stanza.name)
  }
})
