import assert from 'node:assert/strict'
import { test } from 'node:test'
import { element } from '../xml/element.ts'
import { StreamError, streamErrorConditions, streamsNamespace } from './stream-error.ts'

test('RFC 6120 §4.9.3: there are 25 conditions, each an element of its own name', () => {
  assert.equal(streamErrorConditions.length, 25)
  for (const condition of streamErrorConditions) {
    const elements = new StreamError(condition).toElements()
    assert.equal(elements.length, 1)
    assert.ok(elements[0]?.is(condition, streamsNamespace))
  }
})

test('RFC 6120 §4.9.2: text and the application’s condition follow the condition, in that order', () => {
  const application = element('escape-your-data', 'http://example.org/ns')
  const elements = new StreamError('not-well-formed', 'some text', { application }).toElements()
  assert.deepEqual(
    elements.map(({ name }) => name),
    ['not-well-formed', 'text', 'escape-your-data'],
  )
  assert.equal(elements[1]?.attribute('xml:lang'), 'en')
  assert.equal(elements[1]?.text, 'some text')
})

test('what led to an error is passed on', () => {
  const cause = new Error('why')
  assert.equal(new StreamError('internal-server-error', '', { cause }).cause, cause)
})
