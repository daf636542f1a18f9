// Whether a server that has been started again has what was acknowledged, and nothing half.
import assert from 'node:assert/strict'
import type { TestContext } from 'node:test'
import type { Element } from '../src/xml/element.ts'
import { parseDocument } from '../src/xml/xml.ts'
import type { DurableFacts, Fact, RoomState, RosterState } from './durable-facts.ts'
import { header, plain, RawClient } from './raw-client.ts'

const muc = 'http://jabber.org/protocol/muc'
const rooms = 'rooms.localhost'

/** Looks at everything, and takes what is found as the truth from now on. */
export async function checkDurable(test: TestContext, port: number, facts: DurableFacts): Promise<void> {
  const checkPassword = async (name: string, fact: Fact<string | undefined>) => {
    const found = await findPassword(test, port, name, fact.possible)
    assert.notEqual(found, 'none', `${name} can log in with none of ${fact.possible}`)
    fact.found(found)
  }
  await Promise.all([...facts.passwords].map(([name, fact]) => checkPassword(name, fact)))
  const accountOf = (name: string) => ({
    user: name,
    password: facts.password(name).newest as string,
    resource: 'check',
  })
  for (const [name, fact] of facts.rosters) {
    const client = await RawClient.login(test, port, accountOf(name))
    fact.found(oneOf(fact.possible, await readRoster(client), `roster of ${name}`))
    client.destroy()
  }
  const stranger = await RawClient.login(test, port, accountOf('stranger'))
  for (const [local, { owner, fact }] of facts.rooms) {
    const client = await RawClient.login(test, port, accountOf(owner))
    fact.found(oneOf(fact.possible, await readRoom(client, stranger, local), `room ${local}`))
    client.destroy()
  }
  await checkListing(stranger, facts)
  stranger.destroy()
}

function oneOf<State>(possible: readonly State[], found: State, what: string): State {
  const isPossible = possible.some((state) => JSON.stringify(sorted(state)) === JSON.stringify(sorted(found)))
  assert.ok(
    isPossible,
    `${what} is ${JSON.stringify(found)}, not one of ${possible.map((state) => JSON.stringify(state)).join(' or ')}`,
  )
  return found
}

function sorted(value: unknown): unknown {
  if (typeof value !== 'object' || value === null) return value
  const entries = Object.entries(value).map(([key, inner]) => [key, sorted(inner)] as const)
  return entries.sort(([one], [other]) => (one < other ? -1 : 1))
}

/** The password that logs in; `undefined` if there is no such account and there need not be one. */
async function findPassword(
  test: TestContext,
  port: number,
  name: string,
  possible: readonly (string | undefined)[],
): Promise<string | undefined> {
  for (const password of possible.filter((wanted) => wanted !== undefined)) {
    const client = await RawClient.connect(test, port)
    client.write(`${header()}${plain(name, password)}`)
    const answer = await client.until(/<success[^>]*>|<\/failure>/)
    client.destroy()
    if (answer.endsWith('</failure>')) assert.match(answer, /<not-authorized\/>/)
    else return password
  }
  return possible.includes(undefined) ? undefined : 'none'
}

async function readRoster(client: RawClient): Promise<RosterState> {
  const query = await ask(client, `<query xmlns='jabber:iq:roster'/>`)
  return Object.fromEntries(
    (query?.elements('item') ?? []).map((item) => [
      item.attribute('jid'),
      `${item.attribute('name')}/${item.child('group')?.text}`,
    ]),
  )
}

/** A room, seen by its owner and by a stranger who enters it; `undefined` if there is none. */
async function readRoom(
  owner: RawClient,
  stranger: RawClient,
  local: string,
): Promise<RoomState | undefined> {
  const to = `${local}@${rooms}`
  const form = await ask(owner, `<query xmlns='${muc}#owner'/>`, to)
  if (form === undefined) return undefined
  const field = (name: string) =>
    form
      .child('x', 'jabber:x:data')
      ?.elements('field')
      .find((candidate) => candidate.attribute('var') === `muc#roomconfig_${name}`)
      ?.child('value')?.text ?? ''
  const secret = field('roomsecret')
  assert.equal(field('persistentroom'), '1')
  assert.equal(field('passwordprotectedroom'), secret === '' ? '0' : '1')
  return {
    name: field('roomname'),
    secret,
    isModerated: field('moderatedroom') === '1',
    lists: await readLists(owner, to),
    subject: await enterAsStranger(stranger, to, secret),
  }
}

async function readLists(owner: RawClient, to: string): Promise<Record<string, string>> {
  const lists: Record<string, string> = {}
  for (const affiliation of ['owner', 'admin', 'member', 'outcast']) {
    const query = await ask(
      owner,
      `<query xmlns='${muc}#admin'><item affiliation='${affiliation}'/></query>`,
      to,
    )
    for (const item of query?.elements('item') ?? []) {
      const address = item.attribute('jid') ?? ''
      assert.equal(lists[address], undefined, `${address} is on two lists of ${to}`)
      const nick = item.attribute('nick')
      lists[address] = nick === undefined ? affiliation : `${affiliation} ${nick}`
    }
  }
  return lists
}

/** Enters with the password, after having been refused with another; answers the subject. */
async function enterAsStranger(stranger: RawClient, to: string, secret: string): Promise<string> {
  const enter = (password: string) => {
    const given = password === '' ? '' : `<password>${password}</password>`
    stranger.write(`<presence to='${to}/stranger'><x xmlns='${muc}'>${given}</x></presence>`)
    return stranger.until(/<\/error>|<subject\/>|<subject>[^<]*<\/subject>/)
  }
  if (secret !== '') assert.match(await enter(`not ${secret}`), /<not-authorized/)
  const entered = await enter(secret)
  assert.match(entered, /<status[^>]*code='110'/)
  stranger.write(`<presence to='${to}/stranger' type='unavailable'/>`)
  await stranger.until(/type='unavailable'/)
  return /<subject>([^<]*)<\/subject>$/.exec(entered)?.[1] ?? ''
}

/** The service lists the public rooms that there are, and no others (XEP-0045 §6.3). */
async function checkListing(client: RawClient, facts: DurableFacts): Promise<void> {
  const query = await ask(client, `<query xmlns='http://jabber.org/protocol/disco#items'/>`, rooms)
  const listed = (query?.elements('item') ?? []).map((item) => item.attribute('jid')?.split('@')[0])
  const there = [...facts.rooms].filter(([, { fact }]) => fact.newest !== undefined).map(([local]) => local)
  assert.deepEqual(listed.sort(), there.sort())
}

/** The payload of the result; `undefined` for item-not-found. */
async function ask(client: RawClient, payload: string, to = ''): Promise<Element | undefined> {
  const reply = parseDocument(await client.request('get', payload, { to }), {
    namespaces: { '': 'jabber:client' },
  })
  assert.ok('children' in reply)
  if (reply.attribute('type') === 'result') return reply.elements(undefined).at(0)
  const error = reply.child('error')
  assert.ok(error?.child('item-not-found', 'urn:ietf:params:xml:ns:xmpp-stanzas'), payload)
  return undefined
}
