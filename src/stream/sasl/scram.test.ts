import assert from 'node:assert/strict'
import { test } from 'node:test'
import fc from 'fast-check'
import { cpuTimeOf } from '../../../test/cpu-time.ts'
import { deriveScramKeys, type ScramHash } from '../credentials.ts'
import { type ClientFirst, parseClientFirst, ScramExchange } from './scram.ts'

interface Vector {
  readonly hash: ScramHash
  readonly salt: string
  readonly serverNonce: string
  readonly clientFirst: string
  readonly serverFirst: string
  readonly clientFinal: string
  readonly serverFinal: string
}

const vectors: Readonly<Record<string, Vector>> = {
  'RFC 5802 §5': {
    hash: 'sha-1',
    salt: 'QSXCR+Q6sek8bf92',
    serverNonce: '3rfcNHYJY1ZVvWVs7j',
    clientFirst: 'n,,n=user,r=fyko+d2lbbFgONRv9qkxdawL',
    serverFirst: 'r=fyko+d2lbbFgONRv9qkxdawL3rfcNHYJY1ZVvWVs7j,s=QSXCR+Q6sek8bf92,i=4096',
    clientFinal: 'c=biws,r=fyko+d2lbbFgONRv9qkxdawL3rfcNHYJY1ZVvWVs7j,p=v0X8v3Bz2T0CJGbJQyF0X+HI4Ts=',
    serverFinal: 'v=rmF9pqV8S7suAoZWja4dJRkFsKQ=',
  },
  'RFC 7677 §3': {
    hash: 'sha-256',
    salt: 'W22ZaJ0SNY7soEsUEjb6gQ==',
    serverNonce: '%hvYDpWUa2RaTCAfuxFIlj)hNlF$k0',
    clientFirst: 'n,,n=user,r=rOprNGfwEbeRWgbNEkqO',
    serverFirst: 'r=rOprNGfwEbeRWgbNEkqO%hvYDpWUa2RaTCAfuxFIlj)hNlF$k0,s=W22ZaJ0SNY7soEsUEjb6gQ==,i=4096',
    clientFinal:
      'c=biws,r=rOprNGfwEbeRWgbNEkqO%hvYDpWUa2RaTCAfuxFIlj)hNlF$k0,p=dHzbZapWIk4jUhN+Ute9ytag9zjfMHgsqmmiz7AndVQ=',
    serverFinal: 'v=6rriTRBi23WpRR/wtup+mMhUZUn/dB5nLTJRsjl95G4=',
  },
}

async function begin(vector: Vector): Promise<ScramExchange> {
  const salt = Buffer.from(vector.salt, 'base64')
  const keys = await deriveScramKeys('pencil', { hash: vector.hash, salt, iterations: 4096 })
  return new ScramExchange(parseClientFirst(vector.clientFirst) as ClientFirst, keys, {
    nonce: vector.serverNonce,
  })
}

for (const [name, vector] of Object.entries(vectors)) {
  test(`${name}: the exchange of the example`, async () => {
    const exchange = await begin(vector)
    assert.equal(exchange.challenge, vector.serverFirst)
    assert.deepEqual(exchange.finish(vector.clientFinal), { serverFinal: vector.serverFinal })
  })

  test(`${name}: the example with anything changed is refused`, async () => {
    const exchange = await begin(vector)
    const { clientFinal } = vector
    const changed: readonly [string, string][] = [
      ['the proof', clientFinal.replace(/p=./, (start) => (start === 'p=A' ? 'p=B' : 'p=A'))],
      ['the nonce', clientFinal.replace('r=', 'r=x')],
      ['the nonce, shortened', clientFinal.replace(/,r=[^,]+/, `,r=${vector.serverNonce}`)],
      ['the flag (§6)', clientFinal.replace('c=biws', `c=${btoa('y,,')}`)],
      ['an extension more', clientFinal.replace(',p=', ',x=1,p=')],
    ]
    for (const [what, text] of changed) assert.equal(exchange.finish(text), 'not-authorized', what)
  })

  test(`${name}: a final message that cannot be read is malformed`, async () => {
    const exchange = await begin(vector)
    const { clientFinal } = vector
    const malformed = [
      '',
      'c=biws',
      clientFinal.replace('c=biws,', ''),
      clientFinal.replace(/,p=.*/, ''),
      clientFinal.replace(/p=.*/, 'p=AAAA'),
      clientFinal.replace(/p=.*/, 'p=%'),
      `${clientFinal},x=1`,
      `m=1,${clientFinal}`,
    ]
    for (const text of malformed) assert.equal(exchange.finish(text), 'malformed-request', text)
  })
}

test('RFC 5802 §7: first messages that can be read', () => {
  assert.deepEqual(parseClientFirst('n,,n=user,r=abc'), {
    gs2: 'n,,',
    authzid: '',
    username: 'user',
    nonce: 'abc',
    binding: 'n',
    bare: 'n=user,r=abc',
  })
  assert.equal(parseClientFirst('y,,n=user,r=abc')?.gs2, 'y,,')
  assert.equal(parseClientFirst('p=tls-exporter,,n=user,r=abc')?.binding, 'p=tls-exporter')
  assert.equal(parseClientFirst('n,a=user@example.org,n=user,r=abc')?.authzid, 'user@example.org')
  assert.equal(parseClientFirst('n,,n=a=2Cb=3Dc,r=abc')?.username, 'a,b=c')
  assert.equal(parseClientFirst('n,,n=ünï,r=abc,x=ext')?.bare, 'n=ünï,r=abc,x=ext')
})

test('RFC 5802 §7: first messages that cannot be read or demand an extension', () => {
  const malformed = [
    '',
    'n',
    'n,,',
    'n,,n=user',
    'n,,r=abc',
    'n,,r=abc,n=user',
    'n,,n=,r=abc',
    'n,,n=user,r=',
    'n,,n=us=er,r=abc',
    'n,,n=us=2cer,r=abc',
    'n,,n=user,r=a c',
    'n,,n=user,r=aüc',
    'n,,m=1,n=user,r=abc',
    'n,,n=user,n=other,r=abc',
    'x,,n=user,r=abc',
    'p,,n=user,r=abc',
    'p=tls unique,,n=user,r=abc',
    'n=user,r=abc',
    'n,user,n=user,r=abc',
    'n,,n=us\0er,r=abc',
    `n,,n=${'u'.repeat(1024)},r=abc`,
    `n,,n=user,r=${'n'.repeat(257)}`,
  ]
  for (const text of malformed) assert.equal(parseClientFirst(text), undefined, text.slice(0, 40))
})

test('any text is read or refused, in time that grows with its length', () => {
  const parts = fc.constantFrom(
    'n',
    'y',
    'p=x',
    ',',
    'a=',
    'n=',
    'r=',
    'c=',
    '=2C',
    '=',
    'm=',
    'x',
    '\0',
    'é',
    'biws',
  )
  const text = fc.array(parts, { maxLength: 40 }).map((list) => list.join(''))
  fc.assert(
    fc.property(text, (message) => {
      const first = parseClientFirst(message)
      if (first) assert.equal(first.gs2 + first.bare, message)
    }),
    { seed: 5802, numRuns: 2000 },
  )
  const long = `n,,n=user,r=abc${',x=1'.repeat(50_000)},`
  const cost = cpuTimeOf(() => assert.equal(parseClientFirst(long), undefined))
  assert.ok(cost < 500, `${cost} ms`)
})
