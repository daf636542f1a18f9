import assert from 'node:assert/strict'
import { test } from 'node:test'
import { jid } from '../../jid/jid.ts'
import type { Message } from '../../stanza/stanza.ts'
import { memory } from '../../storage/sqlite.ts'
import { answerQuery } from './archive-page.ts'

test('XEP-0313 §3.2: a message that cannot be read any more leaves its place empty', async () => {
  const messages = memory().archive<string>('archive')
  const kept = [`<message xmlns='jabber:client'><body>1</body></message>`, '<message', '']
  for (const [index, value] of kept.entries())
    await messages.append('juliet', {
      id: `${index}`,
      when: index,
      with: 'romeo@localhost',
      resource: '',
      value,
    })
  const sent: Message[] = []
  const juliet = jid('juliet@localhost')
  const send = (message: Message) => void sent.push(message)
  const shelf = { messages, owner: 'juliet', by: juliet, to: juliet, send }
  const request = { query: { limit: 10 }, queryId: undefined, isFlipped: false }
  await answerQuery(shelf, request, 1000)
  const places = sent.map((message) => {
    const result = message.child('result', 'urn:xmpp:mam:2')
    const inside = result?.child('forwarded', 'urn:xmpp:forward:0')?.elements() ?? []
    return [result?.attribute('id'), ...inside.map(({ name }) => name)]
  })
  assert.deepEqual(places, [
    ['0', 'delay', 'message'],
    ['1', 'delay'],
    ['2', 'delay'],
  ])
})
