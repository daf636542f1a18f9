// What the log writes, for programs and for people.
import assert from 'node:assert/strict'
import { test } from 'node:test'
import { makeLog } from './log.ts'
import { printable, trafficTo } from './traffic.ts'

class Kept {
  readonly isTTY: boolean
  text = ''

  constructor(isTTY = false) {
    this.isTTY = isTTY
  }

  write(text: string): void {
    this.text += text
  }
}

test('one JSON object a line, with level, time, event and data', () => {
  const output = new Kept()
  const log = makeLog({ level: 'info', format: 'auto' }, output).child({ host: 'localhost' })
  log.info('bound', { jid: 'a@localhost/b' })
  log.debug('not said')
  const { time, ...rest } = JSON.parse(output.text)
  assert.ok(Math.abs(Date.parse(time) - Date.now()) < 60_000)
  assert.deepEqual(rest, { level: 'info', host: 'localhost', jid: 'a@localhost/b', event: 'bound' })
})

test('an error keeps its message, stack and cause', () => {
  const output = new Kept()
  const error = new Error('outer', { cause: new Error('inner') })
  makeLog({ level: 'info', format: 'json' }, output).error('failed', { error })
  const { error: written } = JSON.parse(output.text)
  assert.match(written.message, /outer/)
  assert.match(written.stack, /log\.test\.ts/)
  assert.match(written.stack, /inner/)
})

test('on a terminal it is lines for people, coloured', () => {
  const output = new Kept(true)
  makeLog({ level: 'info', format: 'auto' }, output).warn('slow', { ms: 5, what: 'two words' })
  assert.ok(output.text.includes('\u001b[33mwarn'))
  assert.match(output.text, /slow.*ms=.*5.*what=.*"two words"\n$/)
})

test('a changed level holds for children too', () => {
  for (const format of ['text', 'json'] as const) {
    const output = new Kept()
    const log = makeLog({ level: 'error', format }, output)
    const child = log.child({})
    child.info('first')
    log.setLevel('info')
    child.info('second')
    assert.doesNotMatch(output.text, /first/)
    assert.match(output.text, /second/)
    log.setLevel('silent')
    child.error('third')
    assert.doesNotMatch(output.text, /third/)
  }
})

test('what peers sent cannot command the terminal or begin a line of its own', () => {
  for (const format of ['text', 'json'] as const) {
    const output = new Kept(false)
    makeLog({ level: 'info', format }, output).info('odd', { nick: 'x\n00:00 error fake\u001b[2J\u202e' })
    assert.equal(output.text.split('\n').length, 2)
    assert.ok(!output.text.includes('\u001b'))
  }
  assert.equal(printable('a\u001b[2Jb\u202ec\nd\t'), 'a\\u{1b}[2Jb\\u{202e}c⏎d\\u{9}')
  assert.ok(printable('x'.repeat(100_000)).length < 5000)
})

test('traffic is a line for each chunk, with its direction', () => {
  const output = new Kept()
  const tap = trafficTo(output)
  tap('5222/1', 'in', '<presence/>')
  tap('5222/1', 'out', ' ')
  assert.match(
    output.text,
    /^\S+ 5222\/1 → server {2}<presence\/>\n\S+ 5222\/1 ← server {2}\(white space\)\n$/,
  )
})
