// What an XMPP stream and a document may and may not contain.
import assert from 'node:assert/strict'
import { test } from 'node:test'
import { Element } from './element.ts'
import { serialize } from './serialize.ts'
import {
  beforeLoginLimits,
  defaultLimits,
  parseDocument,
  type XmlFault,
  type XmlLimits,
  XmlReader,
} from './xml.ts'

const header =
  "<?xml version='1.0'?><stream:stream xmlns='jabber:client' xmlns:stream='http://etherx.jabber.org/streams' version='1.0'>"

/** A reader that notes what it is told; `react` may call it back. */
class Recorder {
  readonly told: string[] = []
  readonly reader: XmlReader
  react: (told: string) => void = () => {}

  constructor(limits?: Partial<XmlLimits>) {
    this.reader = new XmlReader(
      {
        onOpen: (root, namespaces) => this.#note(`open ${root.name} ${namespaces.get('') ?? 'none'}`),
        onElement: (element) => this.#note(serialize(element, 'jabber:client')),
        onClose: () => this.#note('close'),
      },
      limits,
    )
  }

  push(text: string): XmlFault | undefined {
    return this.reader.push(Buffer.from(text))
  }

  #note(told: string): void {
    this.told.push(told)
    this.react(told)
  }
}

function conditionOf(text: string | Uint8Array, limits?: Partial<XmlLimits>): string | undefined {
  const result = parseDocument(text, limits === undefined ? {} : { limits })
  return result instanceof Element ? undefined : result.condition
}

test('RFC 6120 §4.2: the header is told with the namespaces declared on it, then each element, then the end', () => {
  const { told, reader } = new Recorder()
  const bytes = `${header}\n<presence/> <message to='a@b'><body>hi</body></message></stream:stream>\n`
  assert.equal(reader.push(Buffer.from(bytes)), undefined)
  assert.deepEqual(told, [
    'open stream jabber:client',
    '<presence/>',
    "<message to='a@b'><body>hi</body></message>",
    'close',
  ])
})

test('RFC 6120 §4.8.5: prefixes declared on the header hold in the stanzas', () => {
  const recorder = new Recorder()
  recorder.push(`${header}<stream:features><x stream:y='1'/></stream:features>`)
  assert.equal(
    recorder.told[1],
    "<features xmlns='http://etherx.jabber.org/streams'><x xmlns='jabber:client'" +
      " xmlns:a0='http://etherx.jabber.org/streams' a0:y='1'/></features>",
  )
})

test('a root that is empty is opened and closed', () => {
  const recorder = new Recorder()
  recorder.push("<stream xmlns='jabber:client'/>")
  assert.deepEqual(recorder.told, ['open stream jabber:client', 'close'])
})

const refusedDocuments: readonly (readonly [string, string, string])[] = [
  ['RFC 6120 §11.1: a comment', '<a><!-- x --></a>', 'restricted-xml'],
  ['RFC 6120 §11.1: a document type', '<!DOCTYPE a><a/>', 'restricted-xml'],
  [
    'RFC 6120 §11.1: a document type that declares entities',
    '<!DOCTYPE a [<!ENTITY b "c">]><a>&b;</a>',
    'restricted-xml',
  ],
  ['RFC 6120 §11.1: a processing instruction', '<a><?php x?></a>', 'restricted-xml'],
  ['RFC 6120 §11.1: an entity other than the five', '<a>&nbsp;</a>', 'restricted-xml'],
  ['RFC 6120 §11.1: such an entity in a value', "<a b='&nbsp;'/>", 'restricted-xml'],
  ['RFC 6120 §11.6: another encoding', "<?xml version='1.0' encoding='latin1'?><a/>", 'unsupported-encoding'],
  ['XML §2.8: a declaration after white space', " <?xml version='1.0'?><a/>", 'not-well-formed'],
  ['XML §2.8: a second declaration', "<?xml version='1.0'?><?xml version='1.0'?><a/>", 'not-well-formed'],
  ['XML §2.8: a declaration without version', "<?xml encoding='utf-8'?><a/>", 'not-well-formed'],
  ['XML §2.1: a second root', '<a/><b/>', 'not-well-formed'],
  ['XML §2.1: text behind the root', '<a/>x', 'not-well-formed'],
  ['XML §2.1: text before the root', 'GET / HTTP/1.1\r\n\r\n', 'not-well-formed'],
  ['XML §2.1: a section outside of the root', '<![CDATA[x]]><a/>', 'not-well-formed'],
  ['XML §2.4: ]]> in text', '<a>]]></a>', 'not-well-formed'],
  ['XML §3.1: an end tag with another name', '<a></b>', 'not-well-formed'],
  ['XML §3.1: an end tag that goes on', '<a></ab>', 'not-well-formed'],
  ['XML §3.1: an end tag with an attribute', "<a></a b='c'>", 'not-well-formed'],
  ['XML §3.1: an attribute twice', "<a b='1' b='2'/>", 'not-well-formed'],
  ['XML §3.1: xmlns twice', "<a xmlns='1' xmlns='2'/>", 'not-well-formed'],
  ['XML §3.1: an attribute without value', '<a b/>', 'not-well-formed'],
  ['XML §3.1: a value without quotes', '<a b=c/>', 'not-well-formed'],
  ['XML §3.1: no space between attributes', "<a b='c'd='e'/>", 'not-well-formed'],
  ['XML §3.1: a < in a value', "<a b='<'/>", 'not-well-formed'],
  ['XML §2.3: a name that begins with a digit', '<1/>', 'not-well-formed'],
  ['XML §4.1: a reference to nothing', '<a>&;</a>', 'not-well-formed'],
  ['XML §4.1: a reference without end', '<a>& </a>', 'not-well-formed'],
  ['XML §4.1: a reference to NUL', '<a>&#0;</a>', 'not-well-formed'],
  ['XML §4.1: a reference to a surrogate', '<a>&#xD800;</a>', 'not-well-formed'],
  ['XML §4.1: a reference past Unicode', '<a>&#x110000;</a>', 'not-well-formed'],
  ['XML §2.2: a control character', '<a>\u0001</a>', 'not-well-formed'],
  ['XML §2.2: NUL', '<a>\u0000</a>', 'not-well-formed'],
  ['XML §2.2: U+FFFE', '<a>\ufffe</a>', 'not-well-formed'],
  ['Namespaces §5: a prefix that is not declared', '<p:a/>', 'not-well-formed'],
  ['Namespaces §5: a prefix out of its scope', "<a><b xmlns:p='x'/><p:c/></a>", 'not-well-formed'],
  ['Namespaces §4: two colons', "<p:a:b xmlns:p='x'/>", 'not-well-formed'],
  ['Namespaces §4: a colon at the start', '<:a/>', 'not-well-formed'],
  ['Namespaces §4: a colon at the end', "<p: xmlns:p='x'/>", 'not-well-formed'],
  ['Namespaces §3: xmlns declared', "<a xmlns:xmlns='x'/>", 'not-well-formed'],
  ['Namespaces §3: xml declared as something else', "<a xmlns:xml='x'/>", 'not-well-formed'],
  [
    'Namespaces §3: something else declared as xml',
    "<a xmlns:p='http://www.w3.org/XML/1998/namespace'/>",
    'not-well-formed',
  ],
  ['Namespaces §5: a prefix declared as nothing', "<a xmlns:p=''/>", 'not-well-formed'],
  [
    'Namespaces §6.3: the same name by two prefixes',
    "<a xmlns:p='x' xmlns:q='x' p:b='1' q:b='2'/>",
    'not-well-formed',
  ],
]
for (const [what, document, condition] of refusedDocuments) {
  test(`${what} is ${condition}`, () => assert.equal(conditionOf(document), condition))
}

test('RFC 3629: overlong forms, surrogates and what is no UTF-8 are refused in text, values and names', () => {
  for (const bytes of [
    [0xc0, 0x80],
    [0xe0, 0x80, 0xaf],
    [0xed, 0xa0, 0x80],
    [0xf4, 0x90, 0x80, 0x80],
    [0xff],
    [0x80],
  ]) {
    for (const [before, after] of [
      ['<a>', '</a>'],
      ["<a b='", "'/>"],
      ['<a', '/>'],
      ['<a ', "='c'/>"],
    ]) {
      const document = Buffer.concat([Buffer.from(`${before}`), Buffer.from(bytes), Buffer.from(`${after}`)])
      assert.equal(conditionOf(document), 'not-well-formed')
    }
  }
})

test('XML §F: UTF-16 and UTF-32 are told from broken UTF-8', () => {
  assert.equal(conditionOf(Buffer.from('\ufeff<a/>', 'utf16le')), 'unsupported-encoding')
  assert.equal(conditionOf(Buffer.from('<a/>', 'utf16le').swap16()), 'unsupported-encoding')
})

test('RFC 6120 §11.6: a byte order mark is passed over at the very start only', () => {
  assert.equal(conditionOf("\ufeff<?xml version='1.0'?><a/>"), undefined)
  assert.equal(conditionOf('\ufeff\ufeff<a/>'), 'not-well-formed')
  assert.equal(conditionOf('<a/>\ufeff'), 'not-well-formed')
  const recorder = new Recorder()
  assert.equal(recorder.push(`\ufeff${header}`), undefined)
  assert.equal(recorder.push('\ufeff')?.condition, 'bad-format')
})

test('XML §2.11, §3.3.3, §4.1: line ends, white space in values, references and sections', () => {
  const root = parseDocument(
    "<a b='1\r\n2\t3&#9;&#xA;&apos;&quot;'>x\r\ny\rz&#13;&lt;&amp;<![CDATA[<&\r\n]]]]>]&#x1F600;</a>",
  )
  assert.ok(root instanceof Element)
  assert.equal(root.attribute('b'), '1 2 3\t\n\'"')
  assert.equal(root.text, 'x\ny\nz\r<&<&\n]]]😀')
  assert.equal(root.children.length, 1)
})

test('text that sections and references cut in pieces is one child, wherever it stands', () => {
  const root = parseDocument('<a><b/><c/>x<![CDATA[y]]>&lt;<d/>x<![CDATA[y]]></a>')
  assert.ok(root instanceof Element)
  assert.deepEqual(
    root.children.map((node) => (typeof node === 'string' ? node : node.name)),
    ['b', 'c', 'xy<', 'd', 'xy'],
  )
})

test('names of the prototype are names like others', () => {
  const root = parseDocument(
    "<__proto__ constructor='1' __proto__='2' xmlns:__proto__='urn:x'><__proto__:toString/></__proto__>",
  )
  assert.ok(root instanceof Element)
  assert.deepEqual(root.attributes, ['constructor', '1', '__proto__', '2'])
  assert.equal(root.elements()[0]?.namespace, 'urn:x')
  assert.equal(conditionOf('<constructor:a/>'), 'not-well-formed')
  assert.equal(conditionOf('<a>&constructor;</a>'), 'restricted-xml')
})

test('a document can be read as if it stood in another', () => {
  const root = parseDocument('<message><stream:x/></message>', {
    namespaces: { '': 'jabber:client', stream: 'http://etherx.jabber.org/streams' },
  })
  assert.ok(root instanceof Element)
  assert.equal(root.namespace, 'jabber:client')
  assert.equal(root.elements()[0]?.namespace, 'http://etherx.jabber.org/streams')
})

test('a document that ends too early is not well-formed', () => {
  for (const document of [
    '',
    ' ',
    '<a',
    '<a>',
    '<a>x',
    "<a b='",
    '<a></a',
    '<a><![CDATA[x]]',
    "<?xml version='1.0'",
  ])
    assert.equal(conditionOf(document), 'not-well-formed', document)
})

test('RFC 6120 §4.6.1: white space between stanzas is a keep-alive, other text is bad-format', () => {
  const recorder = new Recorder({ elementBytes: 200 })
  recorder.push(header)
  for (let count = 0; count < 1000; count += 1) assert.equal(recorder.push(' \r\n\t'), undefined)
  assert.equal(recorder.push('<presence/>'), undefined)
  assert.equal(recorder.told.length, 2)
  assert.equal(recorder.push('hello')?.condition, 'bad-format')
})

test('a fault tells where it is, comes again for ever, and lets nothing more through', () => {
  const recorder = new Recorder()
  const fault = recorder.push(`${header}<presence/><a><!---->`)
  assert.deepEqual(fault, { condition: 'restricted-xml', text: 'a comment', offset: header.length + 14 })
  assert.equal(recorder.push('<presence/>'), fault)
  assert.equal(recorder.reader.proceed(), fault)
  assert.equal(recorder.told.length, 2)
})

test('what was told before a fault in the same bytes stays told', () => {
  const recorder = new Recorder()
  recorder.push(`${header}<presence/></oops>`)
  assert.deepEqual(recorder.told, ['open stream jabber:client', '<presence/>'])
})

test('hold keeps everything back until proceed, and loses nothing', () => {
  const recorder = new Recorder()
  recorder.react = (told) => {
    if (told === '<iq/>') recorder.reader.hold()
  }
  recorder.push(`${header}<iq/><presence/><iq/><mess`)
  assert.equal(recorder.told.length, 2)
  recorder.push('age/>')
  assert.equal(recorder.told.length, 2)
  assert.equal(recorder.reader.proceed(), undefined)
  assert.deepEqual(recorder.told.slice(2), ['<presence/>', '<iq/>'])
  recorder.reader.proceed()
  assert.equal(recorder.told.at(-1), '<message/>')
})

test('what has come of a token is read again without more of it, wherever it was cut', () => {
  const stanza = "<message to='a'><body>x &amp; y<![CDATA[z]]></body></message>"
  for (let cut = 1; cut < stanza.length; cut += 1) {
    const recorder = new Recorder()
    recorder.push(`${header}<presence/>${stanza.slice(0, cut)}`)
    recorder.reader.hold()
    // As after a pause: what is behind the bytes that have come is nobody's.
    assert.equal(recorder.reader.proceed(), undefined, stanza.slice(0, cut))
    recorder.push(stanza.slice(cut))
    assert.equal(recorder.told.at(-1), "<message to='a'><body>x &amp; yz</body></message>")
  }
})

test('hold in the header keeps back the end of an empty root', () => {
  const recorder = new Recorder()
  recorder.react = () => recorder.reader.hold()
  recorder.push('<stream/>')
  assert.deepEqual(recorder.told, ['open stream none'])
  recorder.reader.proceed()
  assert.deepEqual(recorder.told, ['open stream none', 'close'])
})

test('RFC 6120 §4.3.3: after a restart the bytes behind belong to a new stream', () => {
  const recorder = new Recorder()
  recorder.react = (told) => {
    if (told.startsWith('<auth')) recorder.reader.restart()
  }
  recorder.push(`${header}<auth/>\n<?xml version='1.0'?><stream xmlns='jabber:server'><presence/>`)
  assert.deepEqual(recorder.told, [
    'open stream jabber:client',
    '<auth/>',
    'open stream jabber:server',
    "<presence xmlns='jabber:server'/>",
  ])
  assert.equal(recorder.push('<stream:x/>')?.condition, 'not-well-formed')
})

test('RFC 6120 §5.4.3.3: what was sent behind <starttls/> can be thrown away', () => {
  const recorder = new Recorder()
  recorder.react = (told) => {
    if (!told.startsWith('<starttls')) return
    recorder.reader.restart()
    recorder.reader.discard()
  }
  recorder.push(`${header}<starttls/><auth/><broken`)
  assert.equal(recorder.push(`${header}<presence/>`), undefined)
  assert.deepEqual(recorder.told.slice(2), ['open stream jabber:client', '<presence/>'])
})

test('bytes pushed from within a callback come after those being read', () => {
  const recorder = new Recorder()
  recorder.react = (told) => {
    if (told === '<iq/>') recorder.push('<message/>')
  }
  recorder.push(`${header}<iq/><presence/>`)
  assert.deepEqual(recorder.told.slice(1), ['<iq/>', '<presence/>', '<message/>'])
})

test('what a callback throws passes through, and reading can go on', () => {
  const recorder = new Recorder()
  recorder.react = (told) => {
    if (told === '<iq/>') throw new Error('from above')
  }
  assert.throws(() => recorder.push(`${header}<iq/><presence/>`), /from above/)
  assert.equal(recorder.push('<message/>'), undefined)
  assert.deepEqual(recorder.told.slice(2), ['<presence/>', '<message/>'])
})

const limitCases: readonly (readonly [keyof XmlLimits, number, string, string])[] = [
  ['elementBytes', 20, '<a>123456789012</a >', '<a>1234567890123</a >'],
  ['depth', 3, '<a><b><c/></b></a>', '<a><b><c><d/></c></b></a>'],
  ['elements', 3, '<a><b/><c/></a>', '<a><b/><c/><d/></a>'],
  ['attributes', 2, "<a b='1' xmlns='2'/>", "<a b='1' xmlns='2' c='3'/>"],
  ['nameLength', 4, '<abcd/>', '<abcde/>'],
  ['nameLength', 5, "<a efghi='1'/>", "<a efghij='1'/>"],
  ['valueLength', 4, "<a b='1234'/>", "<a b='12345'/>"],
  ['valueLength', 5, "<a b='&lt;1'/>", "<a b='&lt;12'/>"],
]
for (const [limit, value, within, beyond] of limitCases) {
  test(`RFC 6120 §4.9.3.14: going past ${limit} (${value}) is a policy-violation: ${beyond}`, () => {
    for (const size of [1, 3, 1000]) {
      const recorder = new Recorder()
      recorder.push("<stream xmlns='jabber:client'>")
      recorder.reader.limits = { ...defaultLimits, [limit]: value }
      const faults = [within, beyond].map((text) => {
        let fault: XmlFault | undefined
        for (let at = 0; at < text.length; at += size) fault = recorder.push(text.slice(at, at + size))
        return fault?.condition
      })
      assert.deepEqual(faults, [undefined, 'policy-violation'])
    }
  })
}

test('RFC 6120 §13.12: 10 000 bytes are accepted after login, and what is held of more is bounded', () => {
  const recorder = new Recorder()
  recorder.push(header)
  assert.equal(recorder.push(`<message><body>${'x'.repeat(10_000)}</body></message>`), undefined)
  assert.equal(
    recorder.push(`<message><body>${'x'.repeat(defaultLimits.elementBytes)}`)?.condition,
    'policy-violation',
  )
})

test('limits before login are small and are raised by setting others', () => {
  const recorder = new Recorder(beforeLoginLimits)
  recorder.push(header)
  recorder.reader.limits = defaultLimits
  assert.equal(recorder.push(`<iq>${'x'.repeat(20_000)}</iq>`), undefined)
  recorder.reader.limits = beforeLoginLimits
  assert.equal(recorder.push(`<iq>${'x'.repeat(20_000)}</iq>`)?.condition, 'policy-violation')
})

test('the limit of bytes counts from the tag of each top-level element', () => {
  const recorder = new Recorder({ elementBytes: 140 })
  recorder.push(header)
  for (let count = 0; count < 50; count += 1)
    assert.equal(recorder.push(`<a>${'x'.repeat(130)}</a>   `), undefined)
})

test('a namespace behind a prefix counts each time, so that few bytes cannot become many', () => {
  const long = 'n'.repeat(10_000)
  const attack = `<a xmlns:p='${long}'>${'<p:b/>'.repeat(100)}</a>`
  assert.equal(conditionOf(attack), 'policy-violation')
  assert.equal(conditionOf(`<a xmlns:p='${long}'>${"<b p:c=''/>".repeat(100)}</a>`), 'policy-violation')
  assert.equal(conditionOf(`<a xmlns:p='urn:p'>${'<p:b/>'.repeat(100)}</a>`), undefined)
})
