import assert from 'node:assert/strict'
import { test } from 'node:test'
import { type InMemory, inMemoryServer } from '../../../test/in-memory.ts'
import { defineExtension } from '../../host/extension.ts'
import type { MemoryClient } from '../../server/memory-client.ts'
import { form } from '../../stanza/form.ts'
import { StanzaError } from '../../stanza/stanza-error.ts'
import type { Element } from '../../xml/element.ts'
import type { FormStage } from './command.ts'
import { commands } from './commands.ts'

const namespace = 'http://jabber.org/protocol/commands'

const ask = (name: string): Element => form({ type: 'form', fields: [{ var: name, type: 'text-single' }] })

/** Asks for a name and a place, and greets. */
const greet = {
  node: 'greet',
  name: 'Greet somebody',
  isAllowed: () => true,
  start(): FormStage {
    return {
      form: ask('name'),
      submit(first) {
        const name = first.values.get('name')?.[0]
        if (!name) throw new StanzaError('not-acceptable', 'a name, please')
        return {
          form: ask('place'),
          submit: (second) => ({
            note: { type: 'info', text: `Hello ${name} in ${second.values.get('place')?.[0]}` },
          }),
        }
      },
    }
  },
}

const greeting = defineExtension({
  name: 'greeting',
  needs: { commands },
  setup(host, apis) {
    host.keep(apis.commands.add(greet))
    host.keep(
      apis.commands.add({
        node: 'secret',
        name: 'Secret',
        isAllowed: (from) => from.local === 'admin',
        start: () => ({ note: { type: 'info', text: 'psst' } }),
      }),
    )
  },
})

const start = (options = {}) => inMemoryServer({ extensions: [greeting], options: { commands: options } })

interface Request {
  readonly node?: string
  readonly action?: string
  readonly sessionid?: string | undefined
  readonly values?: Record<string, string>
}

async function run(client: MemoryClient, { values, ...attributes }: Request): Promise<Element> {
  const given = Object.entries({ node: 'greet', ...attributes }).filter(([, value]) => value !== undefined)
  const fields = Object.entries(values ?? {}).map(
    ([name, value]) => `<field var='${name}'><value>${value}</value></field>`,
  )
  const x = values ? `<x xmlns='jabber:x:data' type='submit'>${fields.join('')}</x>` : ''
  const text = given.map(([name, value]) => ` ${name}='${value}'`).join('')
  await client.send(
    `<iq type='set' id='i' to='localhost'><command xmlns='${namespace}'${text}>${x}</command></iq>`,
  )
  return client.takeAll()[0] as Element
}

const commandOf = (answer: Element) => answer.child('command', namespace)
const conditions = (answer: Element) =>
  answer
    .child('error')
    ?.elements()
    .map(({ name }) => name)
    .filter((name) => name !== 'text')

async function connected(local: InMemory, name = 'romeo'): Promise<MemoryClient> {
  return local.connect(`${name}@localhost/x`)
}

test('XEP-0050 §2.4.2: stage by stage to the end', async () => {
  await using local = await start()
  const romeo = await connected(local)
  const first = commandOf(await run(romeo, {}))
  assert.equal(first?.attribute('status'), 'executing')
  assert.equal(first?.child('x', 'jabber:x:data')?.elements()[0]?.attribute('var'), 'name')
  const sessionid = first?.attribute('sessionid')
  const second = commandOf(await run(romeo, { sessionid, values: { name: 'Juliet' } }))
  assert.equal(second?.child('actions')?.child('prev') !== undefined, true)
  const last = commandOf(await run(romeo, { sessionid, action: 'complete', values: { place: 'Verona' } }))
  assert.equal(last?.attribute('status'), 'completed')
  assert.equal(last?.child('note')?.text, 'Hello Juliet in Verona')
  assert.deepEqual(conditions(await run(romeo, { sessionid, values: { place: 'x' } })), [
    'bad-request',
    'bad-sessionid',
  ])
})

test('XEP-0050 §2.4.2: going back a stage; and a stage that is refused can be tried again', async () => {
  await using local = await start()
  const romeo = await connected(local)
  const sessionid = commandOf(await run(romeo, {}))?.attribute('sessionid')
  assert.deepEqual(conditions(await run(romeo, { sessionid, action: 'prev' })), ['bad-request', 'bad-action'])
  assert.deepEqual(conditions(await run(romeo, { sessionid, values: {} })), ['not-acceptable'])
  await run(romeo, { sessionid, values: { name: 'Juliet' } })
  const back = commandOf(await run(romeo, { sessionid, action: 'prev' }))
  assert.equal(back?.child('x', 'jabber:x:data')?.elements()[0]?.attribute('var'), 'name')
  assert.equal(back?.child('actions')?.child('prev'), undefined)
  await run(romeo, { sessionid, values: { name: 'Rosaline' } })
  const last = commandOf(await run(romeo, { sessionid, values: { place: 'Verona' } }))
  assert.equal(last?.child('note')?.text, 'Hello Rosaline in Verona')
})

test('XEP-0050 §2.4.3: a command is cancelled at any stage', async () => {
  await using local = await start()
  const romeo = await connected(local)
  const sessionid = commandOf(await run(romeo, {}))?.attribute('sessionid')
  assert.equal(commandOf(await run(romeo, { sessionid, action: 'cancel' }))?.attribute('status'), 'canceled')
  assert.deepEqual(conditions(await run(romeo, { sessionid, values: { name: 'x' } })), [
    'bad-request',
    'bad-sessionid',
  ])
})

test('the first form may be filled in at once', async () => {
  await using local = await start()
  const romeo = await connected(local)
  const second = commandOf(await run(romeo, { values: { name: 'Juliet' } }))
  assert.equal(second?.child('x', 'jabber:x:data')?.elements()[0]?.attribute('var'), 'place')
})

test('XEP-0050 §4: unknown commands, actions and sessions, and what is not for everybody', async () => {
  await using local = await start()
  const romeo = await connected(local)
  const juliet = await connected(local, 'juliet')
  assert.deepEqual(conditions(await run(romeo, { node: '__proto__' })), ['item-not-found'])
  assert.deepEqual(conditions(await run(romeo, { node: 'secret' })), ['forbidden'])
  assert.deepEqual(conditions(await run(romeo, { action: 'prev' })), ['bad-request', 'bad-action'])
  const sessionid = commandOf(await run(romeo, {}))?.attribute('sessionid')
  assert.deepEqual(conditions(await run(romeo, { sessionid, action: 'dance' })), [
    'bad-request',
    'malformed-action',
  ])
  assert.deepEqual(conditions(await run(juliet, { sessionid, values: { name: 'x' } })), [
    'bad-request',
    'bad-sessionid',
  ])
})

test('runs end after a while, and there is a bounded number of them', async () => {
  await using local = await start({ maxSessions: 2, sessionMinutes: 1 })
  const romeo = await connected(local)
  const sessionid = commandOf(await run(romeo, {}))?.attribute('sessionid')
  await run(romeo, {})
  assert.deepEqual(conditions(await run(romeo, {})), ['resource-constraint'])
  local.clock.advance(60_000)
  assert.deepEqual(conditions(await run(romeo, { sessionid, values: { name: 'x' } })), [
    'not-allowed',
    'session-expired',
  ])
  assert.equal(commandOf(await run(romeo, {}))?.attribute('status'), 'executing')
})

test('XEP-0050 §2.2: everybody finds the commands that are for them', async () => {
  await using local = await start()
  const nodes = async (name: string) => {
    const client = await connected(local, name)
    await client.send(
      `<iq type='get' id='d' to='localhost'><query xmlns='http://jabber.org/protocol/disco#items' node='${namespace}'/></iq>`,
    )
    return client
      .takeAll()[0]
      ?.elements()[0]
      ?.elements()
      .map((item) => item.attribute('node'))
  }
  assert.deepEqual(await nodes('romeo'), ['greet'])
  assert.deepEqual(await nodes('admin'), ['greet', 'secret'])
})
