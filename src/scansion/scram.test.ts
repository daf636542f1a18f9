import assert from 'node:assert/strict'
import { test } from 'node:test'
import { ScramExchange, type ScramHash } from './scram.ts'

interface Example {
  readonly clause: string
  readonly hash: ScramHash
  readonly nonce: string
  readonly serverFirst: string
  readonly final: string
  readonly serverFinal: string
}

const examples: readonly Example[] = [
  {
    clause: 'RFC 5802 §5',
    hash: 'sha1',
    nonce: 'fyko+d2lbbFgONRv9qkxdawL',
    serverFirst: 'r=fyko+d2lbbFgONRv9qkxdawL3rfcNHYJY1ZVvWVs7j,s=QSXCR+Q6sek8bf92,i=4096',
    final: 'c=biws,r=fyko+d2lbbFgONRv9qkxdawL3rfcNHYJY1ZVvWVs7j,p=v0X8v3Bz2T0CJGbJQyF0X+HI4Ts=',
    serverFinal: 'v=rmF9pqV8S7suAoZWja4dJRkFsKQ=',
  },
  {
    clause: 'RFC 7677 §3',
    hash: 'sha256',
    nonce: 'rOprNGfwEbeRWgbNEkqO',
    serverFirst: 'r=rOprNGfwEbeRWgbNEkqO%hvYDpWUa2RaTCAfuxFIlj)hNlF$k0,s=W22ZaJ0SNY7soEsUEjb6gQ==,i=4096',
    final:
      'c=biws,r=rOprNGfwEbeRWgbNEkqO%hvYDpWUa2RaTCAfuxFIlj)hNlF$k0,p=dHzbZapWIk4jUhN+Ute9ytag9zjfMHgsqmmiz7AndVQ=',
    serverFinal: 'v=6rriTRBi23WpRR/wtup+mMhUZUn/dB5nLTJRsjl95G4=',
  },
]

for (const { clause, hash, nonce, serverFirst, final, serverFinal } of examples) {
  test(`${clause}: the example's messages`, async () => {
    const exchange = new ScramExchange(hash, 'user', 'pencil', nonce)
    assert.equal(exchange.first, `n,,n=user,r=${nonce}`)
    assert.equal(await exchange.final(serverFirst), final)
    assert.ok(exchange.isServer(serverFinal))
    assert.ok(!exchange.isServer(serverFinal.replace(/=.(.)/, '=A$1')))
    assert.ok(!exchange.isServer('e=other-error'))
  })
}

test('RFC 5802 §5.1: commas and equals signs in names are written otherwise', () => {
  assert.equal(new ScramExchange('sha1', 'a=b,c', 'p', 'n').first, 'n,,n=a=3Db=2Cc,r=n')
})

const untrusted: readonly (readonly [string, string])[] = [
  ['a nonce that is not ours', 'r=other,s=QSXCR+Q6sek8bf92,i=4096'],
  ['a nonce without a part of the server', 'r=nonce,s=QSXCR+Q6sek8bf92,i=4096'],
  ['no iterations', 'r=nonce1,s=QSXCR+Q6sek8bf92,i=0'],
  ['iterations without end', 'r=nonce1,s=QSXCR+Q6sek8bf92,i=99999999999'],
  ['an extension that is mandatory', 'm=x,r=nonce1,s=QSXCR+Q6sek8bf92,i=4096'],
]

for (const [what, serverFirst] of untrusted) {
  test(`RFC 5802 §5.1: a challenge with ${what} is not answered`, async () => {
    assert.equal(await new ScramExchange('sha1', 'user', 'p', 'nonce').final(serverFirst), undefined)
  })
}

test('nobody is the server before the exchange', () => {
  assert.ok(!new ScramExchange('sha1', 'user', 'p', 'nonce').isServer('v='))
})
