// What the reader and what it hands over hold on to.
import assert from 'node:assert/strict'
import { test } from 'node:test'
import { setFlagsFromString } from 'node:v8'
import { runInNewContext } from 'node:vm'
import { defaultLimits, XmlReader } from './xml.ts'

setFlagsFromString('--expose-gc')
const collect: () => void = runInNewContext('gc')

function heldBytes(): number {
  // Twice, as buffers that the first finds dead are given back by the second.
  collect()
  collect()
  const { heapUsed, external, arrayBuffers } = process.memoryUsage()
  return heapUsed + external + arrayBuffers
}

function quiet(onElement: (text: string) => void): XmlReader {
  return new XmlReader({ onOpen() {}, onElement: (element) => onElement(element.text), onClose() {} })
}

test('a string that is kept does not keep the chunk that it came in', () => {
  const kept: string[] = []
  const reader = quiet((text) => {
    if (text.startsWith('keep')) kept.push(text)
  })
  reader.push(Buffer.from('<stream>'))
  const filling = `<a>${'x'.repeat(1000)}</a>`.repeat(60)
  const before = heldBytes()
  for (let index = 0; index < 200; index += 1)
    reader.push(Buffer.from(`${filling}<a>keep this, all of it ${index}</a>${filling}`))
  const perString = (heldBytes() - before) / 200
  assert.equal(kept.length, 200)
  // A chunk has 120 000 bytes; a window of the reader has 1024, and the program itself takes some.
  assert.ok(perString < 12_000, `${perString} bytes for each string`)
})

test('a reader between stanzas holds nothing of what went through it', () => {
  const message = Buffer.from(`<message><body>${'x'.repeat(50_000)}</body></message>`)
  const before = heldBytes()
  const readers = Array.from({ length: 100 }, () => {
    const reader = quiet(() => {})
    reader.push(Buffer.from("<stream:stream xmlns='jabber:client' xmlns:stream='urn:s'>"))
    for (let at = 0; at < message.length; at += 10_000) reader.push(message.subarray(at, at + 10_000))
    return reader
  })
  const perReader = (heldBytes() - before) / readers.length
  assert.ok(perReader < 10_000, `${perReader} bytes for each reader`)
})

test('after a fault a reader holds nothing of what was unread', () => {
  const before = heldBytes()
  const readers = Array.from({ length: 50 }, () => {
    const reader = quiet(() => {})
    reader.push(Buffer.from(`<stream><message><body>${'x'.repeat(100_000)}`))
    assert.equal(reader.push(Buffer.alloc(defaultLimits.elementBytes, 'x'))?.condition, 'policy-violation')
    return reader
  })
  const perReader = (heldBytes() - before) / readers.length
  assert.ok(perReader < 10_000, `${perReader} bytes for each reader`)
})
