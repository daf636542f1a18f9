// biome-ignore-all lint/suspicious/noTemplateCurlyInString: it is the notation of scripts
import assert from 'node:assert/strict'
import { test } from 'node:test'
import fc from 'fast-check'
import { parseScript } from './parse.ts'
import type { Script } from './script.ts'

const head = '[Client] Romeo\n\tjid: romeo@localhost\n\tpassword: p\n\n---\n'

function read(text: string): Script {
  const parsed = parseScript(text, 'x.scs')
  assert.ok(!Array.isArray(parsed), JSON.stringify(parsed))
  return parsed
}

/** Faults as `line:column message`. */
function faultsOf(text: string): string[] {
  const parsed = parseScript(text, 'x.scs')
  assert.ok(Array.isArray(parsed), 'the script has no faults')
  return parsed.map(({ line, column, message }) => `${line}:${column} ${message}`)
}

test('the head gives title, description, tags and characters', () => {
  const script = read(`# Title
# More
## slow
## status: stable
// no title
[Client] Romeo
	password: secret
	mood: low
	jid: romeo@localhost
	resource: garden
[Client] Juliet
	jid: juliet@localhost/balcony
	resource: unused
	connect_host: ::1
	connect_port: 5223
-----
`)
  assert.equal(script.title, 'Title')
  assert.deepEqual(script.description, ['More'])
  assert.deepEqual(script.tags, [{ name: 'slow' }, { name: 'status', value: 'stable' }])
  assert.deepEqual(script.characters, [
    { name: 'Romeo', line: 6, bareJid: 'romeo@localhost', resource: 'garden', password: 'secret' },
    {
      name: 'Juliet',
      line: 11,
      bareJid: 'juliet@localhost',
      resource: 'balcony',
      password: '',
      connectHost: '::1',
      connectPort: 5223,
    },
  ])
})

test('the longest name wins, the colon is optional, comments and blank lines do not end a stanza', () => {
  const script = read(`[Client] Juliet
	jid: j@localhost
[Client] Juliet's phone
	jid: j@localhost
---
Juliet's phone connects
Juliet sends
# comment

	<message>
-- comment
		<body># no comment</body>
// comment
	</message>
Juliet's phone receives : nothing
Juliet receives nothing
Juliet's phone receives:
	<presence/>
`)
  const steps = script.steps.map(({ who, kind, line }) => `${line} ${who} ${kind}`)
  assert.deepEqual(steps, [
    "6 Juliet's phone connects",
    '7 Juliet sends',
    "15 Juliet's phone receives nothing",
    '16 Juliet receives nothing',
    "17 Juliet's phone receives",
  ])
  const [, sends] = script.steps
  assert.ok(sends?.kind === 'sends')
  assert.equal(sends.stanza.namespace, 'jabber:client')
  assert.equal(sends.stanza.child('body')?.text, '# no comment')
})

test('of two names that both fit the longer one counts, wherever it is defined', () => {
  const clients = ['The', 'The Nurse', 'The N'].map((name) => `[Client] ${name}\n\tjid: a@b\n`)
  const [step] = read(`${clients.join('')}---\nThe Nurse connects\n`).steps
  assert.equal(step?.who, 'The Nurse')
})

test('lines may end as on any system, and a byte order mark does not matter', () => {
  const script = read(`\uFEFF${head}Romeo sends:\n\t<message>\n\t</message>\n`.replaceAll('\n', '\r\n'))
  assert.equal(script.steps.length, 1)
})

test('of two elements under one sends the first counts, with a note', () => {
  const script = read(`${head}Romeo sends:\n\t<iq id='1'/>\n\t<iq id='2'/>\n`)
  const [step] = script.steps
  assert.ok(step?.kind === 'sends')
  assert.equal(step.stanza.attribute('id'), '1')
  assert.deepEqual(script.notes, [{ line: 6, text: '2 elements under one “sends”: only the first is sent' }])
})

const broken: readonly (readonly [name: string, text: string, fault: RegExp])[] = [
  ['no dashes', '# x\n[Client] Romeo\n\tjid: r@localhost', /^3:1 expected a line of three or more dashes/],
  ['another type', '[Component] X\n\tjid: x@y\n---', /^1:2 expected the type Client, not “Component”$/],
  ['no name', '[Client]  \n---', /^1:9 expected a name after/],
  ['a name twice', `[Client] Romeo\n\tjid: r@localhost\n${head}`, /^3:10 expected a new name: “Romeo”/],
  ['no jid', '[Client] Romeo\n\tpassword: x\n---', /^1:1 expected a line “jid: …” below \[Client\] Romeo$/],
  ['a jid that is none', '[Client] R\n\tjid: localhost\n---', /^2:7 expected an address like user@domain/],
  ['a port that is none', '[Client] R\n\tjid: a@b\n\tconnect_port: 0x1\n---', /^3:16 expected a port/],
  ['a setting without a colon', '[Client] R\n\tjid: a@b\n\t  hello\n---', /^3:4 expected “key: value”/],
  ['a setting of nobody', '\tjid: a@b\n---', /^1:2 expected “\[Client\] NAME” before/],
  ['something else in the head', 'Romeo connects\n---', /^1:1 expected “\[Client\] NAME”/],
  [
    'an unknown character',
    `${head}Juliet connects`,
    /^6:1 expected the name of a character \(defined are Romeo\)/,
  ],
  [
    'an unknown verb',
    `${head}Romeo dances`,
    /^6:7 expected connects, disconnects, sends: or receives: after/,
  ],
  ['a verb with more behind it', `${head}Romeo sends: <presence/>`, /^6:7 expected connects/],
  ['no stanza', `${head}Romeo sends:\nRomeo connects`, /^6:13 expected an indented stanza on the next line$/],
  ['a stanza of nobody', `${head}\t<presence/>`, /^6:2 expected “NAME sends:” or “NAME receives:” first$/],
  [
    'a stanza after connects',
    `${head}Romeo connects\n\t<presence/>`,
    /^7:2 expected no stanza after “connects”$/,
  ],
  ['a stanza after nothing', `${head}Romeo receives: nothing\n\t<iq/>`, /^7:2 expected no stanza after/],
  [
    'two expected elements',
    `${head}Romeo receives:\n\t<iq/>\n\t<iq/>`,
    /^7:2 expected one element, found 2$/,
  ],
  [
    'a tag that is not closed',
    `${head}Romeo sends:\n\t<iq>\n\t\t<a/>`,
    /^8:7 expected the end of the stanza/,
  ],
  ['an end of the stream', `${head}Romeo sends:\n\t</stream:stream>`, /^7:2 expected a stanza, not the end/],
  [
    'ill-formed XML',
    `${head}Romeo sends:\n\t<iq>\n\n# x\n\t\té<b></c>\n\t</iq>`,
    /^10:\d+ expected well-formed XML: /,
  ],
  ['an undeclared prefix', `${head}Romeo sends:\n\t<x:y/>`, /^7:\d+ expected well-formed XML: /],
  ['text without a tag', `${head}Romeo sends:\n\thello`, /^7:\d+ expected /],
  [
    'a wrong strictness',
    `${head}Romeo receives:\n\t<iq scansion:strict='yes'/>`,
    /^7:2 expected scansion:strict to be/,
  ],
]

for (const [name, text, fault] of broken) {
  test(`a script with ${name} is refused, with the place and what was expected`, () => {
    assert.match(faultsOf(text)[0] ?? '', fault)
  })
}

test('all faults are reported, not only the first', () => {
  const faults = faultsOf(`${head}Romeo dances\n\t<what/>\nRomeo sends:\n\t<a></b>\nNobody leaves`)
  assert.deepEqual(
    faults.map((fault) => fault.split(':')[0]),
    ['6', '9', '10'],
  )
})

const pieces = [
  ...[
    '# x',
    '## t: v',
    '[Client] A',
    "[Client] A's b",
    '[',
    '[Other] C',
    '\tjid: a@b/c',
    '\tjid:',
    '\tpassword',
  ],
  ...[
    '---',
    '-- x',
    '// x',
    'A connects',
    'A sends:',
    "A's b receives: nothing",
    'A receives',
    '\t<a>',
    '\t</a>',
  ],
  ...[
    "\t<a b='${A's full JID}'/>",
    '\t<!-- -->',
    '\t&amp;',
    '\t<![CDATA[',
    ']]>',
    '\t</stream:stream>',
    '',
    ' ',
  ],
]

test('no text makes the parser throw, and every fault lies within the text', () => {
  const line = fc.oneof(fc.constantFrom(...pieces), fc.string({ unit: 'binary', maxLength: 20 }))
  const texts = fc.array(line, { maxLength: 25 }).map((lines) => lines.join('\n'))
  fc.assert(
    fc.property(texts, (text) => {
      const parsed = parseScript(text, 'x.scs')
      if (!Array.isArray(parsed)) return
      const lines = text.split(/\r\n|\n|\r/)
      for (const { line, column, message } of parsed) {
        assert.ok(
          column >= 1 && column <= (lines[line - 1]?.length ?? -1) + 2,
          `${line}:${column} ${message}`,
        )
      }
    }),
    { numRuns: 2000, seed: 6120 },
  )
})
