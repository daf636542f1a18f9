// XML that no server may take, with the stream error that RFC 6120 has for it.

/** What is sent, and what must come of it. */
export interface HostileXml {
  readonly what: string
  readonly bytes: Uint8Array | string
  readonly condition: string
}

const restricted: Readonly<Record<string, string>> = {
  'a comment': '<!-- -->',
  'a comment in an element': '<message><!-- --></message>',
  'a comment that does not end': '<!-- ',
  'a processing instruction': '<?php phpinfo() ?>',
  'a processing instruction in an element': '<message><?a b?></message>',
  'a document type': '<!DOCTYPE a>',
  'a document type from outside': "<!DOCTYPE a SYSTEM 'file:///etc/passwd'>",
  'an entity of its own': '<message><body>&lol;</body></message>',
  'an entity of its own in an attribute': "<message id='&lol;'/>",
  'an entity of HTML': '<message><body>&nbsp;</body></message>',
}

const illFormed: Readonly<Record<string, Uint8Array | string>> = {
  'the wrong end tag': '<message></presence>',
  'end tags in the wrong order': '<message><body></message></body>',
  'an end tag with an attribute': "<message></message a='b'>",
  'an attribute twice': "<message id='1' id='2'/>",
  'an attribute twice by namespace': "<message xmlns:a='u' xmlns:b='u' a:x='1' b:x='2'/>",
  'an attribute without quotes': '<message id=1/>',
  'an attribute without value': '<message id/>',
  'attributes without space between': "<message id='1'to='a'/>",
  'a less-than sign in an attribute': "<message id='<'/>",
  'a less-than sign before a space': '< message/>',
  'an ampersand by itself': '<message>a & b</message>',
  'a reference without semicolon': '<message>&amp</message>',
  'the end of a section outside of one': '<message>]]></message>',
  'a prefix that is not bound': '<a:message/>',
  'a prefix that is not bound, at an attribute': "<message a:b='c'/>",
  'a prefix bound to nothing': "<message xmlns:a=''/>",
  'the prefix xml bound to something else': "<message xmlns:xml='urn:x'/>",
  'another prefix bound to the namespace of xml': "<message xmlns:a='http://www.w3.org/XML/1998/namespace'/>",
  'the prefix xmlns declared': "<message xmlns:xmlns='urn:x'/>",
  'the namespace of xmlns as default': "<message xmlns='http://www.w3.org/2000/xmlns/'/>",
  'an element with the prefix xmlns': '<xmlns:message/>',
  'a name with two colons': '<a:b:c/>',
  'a name that begins with a digit': '<1message/>',
  'a name that begins with a colon': '<:message/>',
  'an empty end tag': '<message></>',
  'a reference to NUL': '<message>&#0;</message>',
  'a reference to a control character': '<message>&#x1;</message>',
  'a reference to a surrogate': '<message>&#xD800;</message>',
  'a reference to U+FFFE': '<message>&#xFFFE;</message>',
  'a reference past U+10FFFF': '<message>&#x110000;</message>',
  'a reference with a huge number': `<message>&#${'9'.repeat(500)};</message>`,
  'NUL in text': '<message>\0</message>',
  'NUL in a name': '<mess\0age/>',
  'NUL in an attribute': "<message id='\0'/>",
  'a control character': '<message>\x1b[2J</message>',
  'U+FFFE': '<message>\ufffe</message>',
  'a byte that begins no character': within(0xff),
  'a continuation with nothing before it': within(0x80),
  'an overlong NUL': within(0xc0, 0x80),
  'an overlong slash': within(0xe0, 0x80, 0xaf),
  'a surrogate in UTF-8': within(0xed, 0xa0, 0x80),
  'a character past U+10FFFF': within(0xf4, 0x90, 0x80, 0x80),
  'a character that is cut off': within(0xe2, 0x82),
  'five bytes for a character': within(0xf8, 0x88, 0x80, 0x80, 0x80),
  'bytes that are no UTF-8 in a name': Buffer.concat([
    Buffer.from('<mess'),
    Buffer.of(0xe9),
    Buffer.from('/>'),
  ]),
  'Latin-1 in an attribute': Buffer.from("<message id='caf\u00e9'/>", 'latin1'),
  'a declaration of a document type by itself': "<!ENTITY lol 'lol'>",
  'half a section start': '<![CDATE[',
}

const badFormat: Readonly<Record<string, string>> = {
  'text between stanzas': 'hello',
  'a byte order mark in the middle': '\ufeff<message/>',
  'a section between stanzas': '<![CDATA[ ]]>',
  'a reference between stanzas': '&#32;',
  JSON: '{"type":"message"}',
}

/** What is refused wherever an element may begin, before log-in and after. */
export const hostileElements: readonly HostileXml[] = [
  ...withCondition(restricted, 'restricted-xml'),
  ...withCondition(illFormed, 'not-well-formed'),
  ...withCondition(badFormat, 'bad-format'),
]

const root = "xmlns:stream='http://etherx.jabber.org/streams'"
const client = "xmlns='jabber:client'"
const lol = Array.from(
  { length: 9 },
  (_, depth) => `<!ENTITY lol${depth + 1} "${`&lol${depth};`.repeat(10)}">`,
).join('')
const headers: Readonly<Record<string, readonly [condition: string, bytes: Uint8Array | string]>> = {
  'a billion laughs': [
    'restricted-xml',
    `<?xml version='1.0'?><!DOCTYPE stream [<!ENTITY lol0 "lol">${lol}]><stream:stream to='&lol9;' ${client} ${root}>`,
  ],
  'a comment before the header': [
    'restricted-xml',
    `<!-- --><stream:stream to='localhost' ${client} ${root}>`,
  ],
  'an instruction before the header': ['restricted-xml', '<?xml-stylesheet href="a"?>'],
  'a declaration that comes twice': ['not-well-formed', "<?xml version='1.0'?><?xml version='1.0'?>"],
  'an encoding that is not UTF-8': ['unsupported-encoding', "<?xml version='1.0' encoding='ISO-8859-1'?>"],
  'UTF-16': ['unsupported-encoding', Buffer.from("\ufeff<?xml version='1.0'?>", 'utf16le')],
  'a request for a web page': ['not-well-formed', 'GET / HTTP/1.1\r\nHost: localhost\r\n\r\n'],
  'the start of TLS where none is due': [
    'not-well-formed',
    Buffer.of(0x16, 3, 1, 0, 0xa5, 1, 0, 0, 0xa1, 3, 3),
  ],
  'a root of another namespace': [
    'invalid-namespace',
    `<stream:stream to='localhost' xmlns:stream='urn:x' ${client}>`,
  ],
  'a root of no namespace': ['invalid-namespace', "<stream to='localhost' version='1.0'>"],
  'another root': ['bad-format', `<stream:features to='localhost' version='1.0' ${client} ${root}>`],
  'stanzas of a server': [
    'invalid-namespace',
    `<stream:stream to='localhost' version='1.0' xmlns='jabber:server' ${root}>`,
  ],
  'no version': ['unsupported-version', `<stream:stream to='localhost' ${client} ${root}>`],
  'a version that is none': [
    'unsupported-version',
    `<stream:stream to='localhost' version='x' ${client} ${root}>`,
  ],
  'a domain that is not here': [
    'host-unknown',
    `<stream:stream to='example.org' version='1.0' ${client} ${root}>`,
  ],
  'a service without accounts': [
    'host-unknown',
    `<stream:stream to='rooms.localhost' version='1.0' ${client} ${root}>`,
  ],
  'no domain': ['improper-addressing', `<stream:stream version='1.0' ${client} ${root}>`],
  'an address for a domain': [
    'improper-addressing',
    `<stream:stream to='juliet@localhost' version='1.0' ${client} ${root}>`,
  ],
  'a `from` that is no address': [
    'invalid-from',
    `<stream:stream to='localhost' from='@' version='1.0' ${client} ${root}>`,
  ],
}

/** What is refused where the header of a stream should be. */
export const hostileHeaders: readonly HostileXml[] = Object.entries(headers).map(
  ([what, [condition, bytes]]) => ({ what, bytes, condition }),
)

function withCondition(
  table: Readonly<Record<string, Uint8Array | string>>,
  condition: string,
): HostileXml[] {
  return Object.entries(table).map(([what, bytes]) => ({ what, bytes, condition }))
}

/** A stanza with these bytes as its text. */
function within(...bytes: number[]): Buffer {
  return Buffer.concat([Buffer.from('<message>'), Buffer.of(...bytes), Buffer.from('</message>')])
}
