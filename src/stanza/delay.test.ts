import assert from 'node:assert/strict'
import { test } from 'node:test'
import { jid } from '../jid/jid.ts'
import { serialize } from '../xml/serialize.ts'
import { delay, formatDate, parseDate } from './delay.ts'

test('XEP-0203 §2: when, and who kept it', () => {
  assert.equal(
    serialize(delay(jid('localhost'), Date.UTC(2002, 8, 10, 23, 8, 25))),
    `<delay xmlns='urn:xmpp:delay' from='localhost' stamp='2002-09-10T23:08:25Z'/>`,
  )
})

test('XEP-0082 §3.2: dates are read as they may be written, and nothing else is', () => {
  const cases = {
    '1969-07-21T02:56:15Z': Date.UTC(1969, 6, 21, 2, 56, 15),
    '1969-07-20T21:56:15-05:00': Date.UTC(1969, 6, 21, 2, 56, 15),
    '2002-09-10T23:08:25.123Z': Date.UTC(2002, 8, 10, 23, 8, 25, 123),
    '2002-09-10T23:08:25': undefined,
    '2002-13-10T23:08:25Z': undefined,
    '2002-09-10': undefined,
    now: undefined,
    '': undefined,
  }
  for (const [text, when] of Object.entries(cases)) assert.equal(parseDate(text), when, text)
})

test('a date that is written can be read', () => {
  for (const when of [0, 1, 999, Date.UTC(2026, 10, 22), 1e12])
    assert.equal(parseDate(formatDate(when)), when)
})
