import assert from 'node:assert/strict'
import { test } from 'node:test'
import { element } from '../../xml/element.ts'
import { parseDocument } from '../../xml/xml.ts'
import { parseScript } from '../parse.ts'
import type { Failure } from '../runner.ts'
import type { Script } from '../script.ts'
import type { Result } from '../suite.ts'
import { colours, noPaint, type Paint } from './paint.ts'
import { type ReporterName, reporters } from './report.ts'

const text = `# The # title
[Client] Romeo
	jid: romeo@localhost
---
Romeo connects
Romeo receives:
	<message id='1'><body>hello</body></message>
`
const script = parseScript(text, 'dir/a.scs') as Script
const client = 'jabber:client'
const received = element('message', client, { id: '1' }, element('body', client, {}, 'hello!'))
const failure: Failure = {
  step: 2,
  line: 6,
  message: 'another stanza came',
  expected: element('message', client, { id: '1' }, element('body', client, {}, 'hello')),
  received,
  unmatched: [element('presence', client)],
  exchanges: new Map([
    ['Romeo', [{ direction: 'received', stanza: received }]],
    ['Juliet', []],
  ]),
}

const results: readonly Result[] = [
  {
    outcome: 'passed',
    script,
    performance: { steps: 2, durationMs: 1234, notes: [{ line: 5, text: 'odd\u0007' }] },
  },
  { outcome: 'failed', script, performance: { steps: 1, durationMs: 10, notes: [], failure } },
  { outcome: 'skipped', script },
  {
    outcome: 'broken',
    file: 'b.scs',
    faults: [{ file: 'b.scs', line: 3, column: 7, message: 'expected x' }],
  },
]

function report(name: ReporterName, { isTTY = false, paint = noPaint as Paint } = {}): string {
  let written = ''
  const audience = reporters[name]({ write: (part: string) => (written += part), isTTY }, paint)
  audience.begin(results.length)
  for (const result of results) {
    if (result.outcome === 'passed' || result.outcome === 'failed') audience.started(result.script)
    audience.finished(result)
  }
  audience.end(results, 1244)
  return written
}

test('pretty: each script has a line, failures and faults say where and what', () => {
  assert.equal(
    report('pretty'),
    `✓ The # title dir/a.scs (1.23 s)
  line 5: odd\u0007
✗ The # title dir/a.scs (0.01 s)
  dir/a.scs:6: Romeo receives: another stanza came
    - expected  + received
      <message id='1'>
    -   <body>hello</body>
    +   <body>hello!</body>
      </message>
    1 more did not match either

  Last stanzas of Romeo (→ sent, ← received):
    ← <message id='1'><body>hello!</body></message>

- The # title (skipped)
✗ b.scs cannot be read
  b.scs:3:7: expected x
1 passed, 1 failed, 1 not readable, 1 skipped (1.24 s)
`,
  )
})

test('pretty: only a terminal gets a moving line and colours', () => {
  const plain = report('pretty')
  assert.ok(!plain.includes('\x1b'))
  const moving = report('pretty', { isTTY: true, paint: colours })
  assert.ok(moving.includes('\r\x1b[2K1/4 … dir/a.scs'))
  assert.ok(moving.includes('\x1b[31m'))
  assert.ok(moving.endsWith(' (1.24 s)\n'))
})

test('tap: a plan, a line for each script in order, and why it failed', () => {
  const lines = report('tap').split('\n')
  assert.deepEqual(lines.slice(0, 2), ['TAP version 14', '1..4'])
  assert.deepEqual(
    lines.filter((line) => /^(not )?ok/.test(line)),
    [
      'ok 1 - The \\# title (dir/a.scs)',
      'not ok 2 - The \\# title (dir/a.scs)',
      'ok 3 - The \\# title (dir/a.scs) # SKIP by its tags',
      'not ok 4 - b.scs',
    ],
  )
  assert.ok(lines.includes('  at: "dir/a.scs:6"'))
  assert.ok(lines.includes('    b.scs:3:7: expected x'))
})

test('junit: well-formed XML whatever was received, with the right numbers', () => {
  const whole = parseDocument(
    report('junit')
      .replace(/^<\?xml.*\n/, '')
      .trimEnd(),
  )
  assert.ok('attributes' in whole)
  const suite = whole.child('testsuite')
  for (const [name, value] of Object.entries({
    tests: '4',
    failures: '1',
    errors: '1',
    skipped: '1',
    time: '1.244',
  })) {
    assert.equal(suite?.attribute(name), value, name)
  }
  const [passed, failed, skipped, broken] = suite?.elements('testcase') ?? []
  assert.equal(passed?.child('system-out')?.text, 'line 5: odd�')
  assert.equal(failed?.attribute('file'), 'dir/a.scs')
  assert.match(failed?.child('failure')?.text ?? '', /\+ {3}<body>hello!<\/body>/)
  assert.ok(skipped?.child('skipped'))
  assert.equal(broken?.child('error')?.text, 'b.scs:3:7: expected x')
})

test('json: one object with every script', () => {
  const whole = JSON.parse(report('json'))
  assert.deepEqual([whole.passed, whole.failed, whole.skipped, whole.broken], [1, 1, 1, 1])
  assert.equal(whole.scripts[1].failure.line, 6)
  assert.equal(whole.scripts[1].failure.expected, "<message id='1'><body>hello</body></message>")
  assert.deepEqual(whole.scripts[1].failure.lastStanzas.Juliet, [])
  assert.deepEqual(whole.scripts[3].faults, [{ line: 3, column: 7, message: 'expected x' }])
})
