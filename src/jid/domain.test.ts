// RFC 7622 §3.2: domainparts.
import assert from 'node:assert/strict'
import { describe, test } from 'node:test'
import { cpuTimeOf } from '../../test/cpu-time.ts'
import { asciiDomain, prepareDomain } from './domain.ts'

describe('RFC 7622 §3.2, domainparts', () => {
  const forms: [string, string, string][] = [
    ['names have no case', 'Example.COM', 'example.com'],
    ['the dot of the root is taken off', 'example.com.', 'example.com'],
    ['one label is a name', 'localhost', 'localhost'],
    ['digits and hyphens are', '3com-x.9', '3com-x.9'],
    ['an A-label is its U-label', 'xn--mnchen-3ya.de', 'm\u00fcnchen.de'],
    ['an A-label has no case either', 'XN--MNCHEN-3YA.de', 'm\u00fcnchen.de'],
    ['U-labels have no case', 'M\u00dcNCHEN.DE', 'm\u00fcnchen.de'],
    ['U-labels are composed', 'mu\u0308nchen.de', 'm\u00fcnchen.de'],
    ['wide letters are narrow', '\uff45xample\u3002\uff43om', 'example.com'],
    ['the dot of the root may be ideographic', 'm\u00fcnchen\u3002de\u3002', 'm\u00fcnchen.de'],
    ['sharp s is itself (IDNA2008)', 'fa\u00df.de', 'fa\u00df.de'],
    ['capital sigma is no final sigma', '\u0391\u03a3.gr', '\u03b1\u03c3.gr'],
    ['capital sigma is no final sigma at the very end', 'gr.\u0391\u03a3', 'gr.\u03b1\u03c3'],
    ['small letters are composed as well', 'J\u030c.de', '\u01f0.de'],
    ['a right-to-left name', '\u05d0\u05d11.com', '\u05d0\u05d11.com'],
    ['RFC 5892 A.3: a middle dot between two l', 'col\u00b7lecci\u00f3.cat', 'col\u00b7lecci\u00f3.cat'],
    [
      'RFC 5892 A.1: a ZWNJ that breaks a joint',
      '\u0646\u0627\u0645\u0647\u200c\u0627\u06cc.ir',
      '\u0646\u0627\u0645\u0647\u200c\u0627\u06cc.ir',
    ],
    ['IPv4', '127.0.0.1', '127.0.0.1'],
    ['IPv6', '[::1]', '[::1]'],
    ['IPv6 in its shortest form', '[2001:DB8:0:0:0:0:0:1]', '[2001:db8::1]'],
    ['IPv6 with the digits of IPv4', '[::ffff:192.0.2.1]', '[::ffff:c000:201]'],
    ['63 octets in a label', `${'a'.repeat(63)}.de`, `${'a'.repeat(63)}.de`],
  ]
  for (const [rule, text, form] of forms) {
    test(`${rule}: ${text}`, () => assert.equal(prepareDomain(text), form))
  }

  const refused: [string, string][] = [
    ['nothing', ''],
    ['the root', '.'],
    ['an empty label', 'a..b'],
    ['an empty label at the end', 'example.com..'],
    ['an empty label among U-labels', '\u00fc..de'],
    ['an underscore', 'a_b.de'],
    ['a space', 'a b'],
    ['a port', 'example.com:5222'],
    ['a port after a U-label', '\u00fc.de:5222'],
    ['percent-encoding', '\u00fc%41.de'],
    ['a hyphen first', '-a.de'],
    ['a hyphen last', 'a-.de'],
    ['a hyphen first in a U-label', '-\u00fc.de'],
    ['a hyphen last in a U-label', '\u00fc-.de'],
    ['reserved hyphens', 'ab--cd.de'],
    ['64 octets in a label', `${'a'.repeat(64)}.de`],
    ['a U-label whose A-label has more than 63', `${'\u00fc'.repeat(63)}.de`],
    ['1024 octets', `${'a.'.repeat(511)}aa`],
    ['1024 octets and more in U-labels', `${'\u4e2d'.repeat(15)}.`.repeat(25)],
    ['an A-label that decodes to nothing', 'xn--zz.com'],
    ['an A-label of ASCII', 'xn--abc-.com'],
    ['an A-label of a symbol', 'xn--ls8h.la'],
    ['an A-label of a capital letter', 'xn--mnchen-9ra.de'],
    ['an A-label of an emoji with a letter', 'xn--i-7iq.ws'],
    ['a symbol', 'i\u2764.ws'],
    ['a combining mark first', '\u0301a.de'],
    ['a soft hyphen', 'a\u00adb\u00fc.de'],
    ['RFC 5893 rule 2: both directions in a label', '\u05d0a.com'],
    ['RFC 5893 rule 1: a digit first', '0\u05d0.com'],
    ['RFC 5893: a digit first in another label of a name with right-to-left', '0a.\u05d0.com'],
    ['RFC 5892 A.1: a ZWNJ between letters that do not join', 'a\u200cb.com'],
    ['RFC 5892 A.3: a middle dot elsewhere', 'a\u00b7b.com'],
    ['an unassigned code point', '\u{e0fff}.com'],
    ['a lone surrogate', '\ud800.com'],
    ['IPv6 without brackets', '::1'],
    ['IPv6 of too many groups', '[1:2:3:4:5:6:7:8:9]'],
    ['IPv6 with a zone', '[fe80::1%25eth0]'],
    ['IPv6 unended', '[::1'],
    ['IPv6 with more behind', '[::1].de'],
    ['IPv4 in brackets', '[127.0.0.1]'],
  ]
  for (const [rule, text] of refused) {
    test(`refused is ${rule}: ${text}`, () => assert.equal(prepareDomain(text), undefined))
  }
})

test('the form for DNS and certificates (RFC 6120 §13.7.1.2): A-labels, literals and ASCII as they are', () => {
  assert.equal(asciiDomain('m\u00fcnchen.de'), 'xn--mnchen-3ya.de')
  assert.equal(asciiDomain('[::1]'), '[::1]')
  assert.equal(asciiDomain('127.1'), '127.1')
  assert.equal(asciiDomain('example.com'), 'example.com')
})

test('a long label of many different letters costs little', () => {
  let label = ''
  for (let index = 0; index < 1000; index += 1) label += String.fromCharCode(0x4e00 + 7 * index)
  const cost = cpuTimeOf(() => {
    for (let count = 0; count < 100; count += 1) assert.equal(prepareDomain(label), undefined)
  })
  assert.ok(cost < 400, `${cost} ms`)
})
