import assert from 'node:assert/strict'
import { test } from 'node:test'
import { element } from '../xml/element.ts'
import { Inbox, type Order } from './inbox.ts'

const stanza = (id: string) => element('message', 'jabber:client', { id })

/** An inbox with stanzas `id@action`, in order of arrival. */
function inboxOf(...arrivals: string[]): Inbox {
  const inbox = new Inbox()
  for (const arrival of arrivals) {
    const [id = '', action = ''] = arrival.split('@')
    inbox.add(stanza(id), Number(action))
  }
  return inbox
}

/** What the inbox says to a `receives` of `id` after action 2 was the last. */
function take(inbox: Inbox, id: string, order: Order = 'script'): string {
  const answer = inbox.take(stanza(id), order, 2)
  return answer.kind === 'wait' ? 'wait' : `${answer.kind} ${answer.stanza.attribute('id')}`
}

test('order script: what came before the last action is passed over, and gone', () => {
  const inbox = inboxOf('a@0', 'b@1', 'c@2')
  assert.equal(take(inbox, 'c'), 'match c')
  assert.equal(take(inbox, 'a'), 'wait')
})

test('order script: what came before the last action may be asked for', () => {
  const inbox = inboxOf('a@0', 'b@1', 'c@2')
  assert.equal(take(inbox, 'b'), 'match b')
  assert.equal(take(inbox, 'c'), 'match c')
})

test('order script: what the last action provoked may not be passed over', () => {
  const inbox = inboxOf('a@1', 'b@2', 'c@2')
  assert.equal(take(inbox, 'c'), 'mismatch b')
})

test('order script: after everything stale has been passed over, one waits', () => {
  const inbox = inboxOf('a@0', 'b@1')
  assert.equal(take(inbox, 'c'), 'wait')
  assert.deepEqual(
    inbox.leftovers.map((left) => left.attribute('id')),
    ['a', 'b'],
  )
  inbox.add(stanza('c'), 2)
  assert.equal(take(inbox, 'c'), 'match c')
  assert.deepEqual(inbox.leftovers, [])
})

test('order exact: the next stanza has to match, stale or not', () => {
  const inbox = inboxOf('a@0', 'b@2', 'c@2')
  assert.equal(take(inbox, 'a', 'exact'), 'match a')
  assert.equal(take(inbox, 'c', 'exact'), 'mismatch b')
  assert.equal(take(inboxOf('a@0', 'b@2'), 'b', 'exact'), 'mismatch a')
})

test('order any: the first match anywhere is taken, the others stay', () => {
  const inbox = inboxOf('a@0', 'b@2', 'c@2', 'b@2')
  assert.equal(take(inbox, 'c', 'any'), 'match c')
  assert.equal(take(inbox, 'b', 'any'), 'match b')
  assert.equal(take(inbox, 'b', 'any'), 'match b')
  assert.equal(take(inbox, 'b', 'any'), 'wait')
  assert.equal(take(inbox, 'a', 'any'), 'match a')
})

test('only what the last action provoked is fresh', () => {
  assert.equal(inboxOf('a@0', 'b@1').fresh(2), undefined)
  assert.equal(inboxOf('a@0', 'b@2').fresh(2)?.attribute('id'), 'b')
})

test('an inbox that nobody reads forgets the oldest', () => {
  const inbox = new Inbox()
  for (let count = 0; count <= 10_000; count += 1) inbox.add(stanza(String(count)), 0)
  assert.equal(inbox.leftovers.length, 10_000)
  assert.equal(inbox.leftovers[0]?.attribute('id'), '1')
})
