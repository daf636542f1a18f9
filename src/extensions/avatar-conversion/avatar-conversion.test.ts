import assert from 'node:assert/strict'
import { createHash } from 'node:crypto'
import { test } from 'node:test'
import fc from 'fast-check'
import { answerTo } from '../../../test/answer.ts'
import { asked, nodesServer, read, submit } from '../../../test/nodes.ts'
import type { MemoryClient } from '../../server/memory-client.ts'
import { element } from '../../xml/element.ts'
import { pep } from '../pep/pep.ts'
import { vcard } from '../vcard/vcard.ts'
import { avatarConversion } from './avatar-conversion.ts'
import { dataNode, metadataNode, metadataOf, pictureOfCard, pictureOfData, withPicture } from './picture.ts'

const extensions = [pep, vcard, avatarConversion]
const hello = { base64: 'aGVsbG8=', hash: createHash('sha1').update('hello').digest('hex') }
const png = Buffer.from('\x89PNG picture', 'latin1').toString('base64')

const options = (model: string) =>
  `<publish-options>${submit({ access_model: model }, 'publish-options')}</publish-options>`

function publishData(client: MemoryClient, model: string, id = hello.hash): Promise<string> {
  const data = `<data xmlns='${dataNode}'>${hello.base64}</data>`
  return asked(
    client,
    `<publish node='${dataNode}'><item id='${id}'>${data}</item></publish>${options(model)}`,
    {
      to: '',
    },
  )
}

function publishMetadata(client: MemoryClient, model: string, id = hello.hash): Promise<string> {
  const info = id === '' ? '' : `<info bytes='5' id='${id}' type='image/png'/>`
  const metadata = `<metadata xmlns='${metadataNode}'>${info}</metadata>`
  return asked(
    client,
    `<publish node='${metadataNode}'><item id='${id}'>${metadata}</item></publish>${options(model)}`,
    { to: '' },
  )
}

async function card(client: MemoryClient): Promise<string> {
  const answer = await answerTo(client, 'get', `<vCard xmlns='vcard-temp'/>`)
  const parts = answer?.elements()[0]?.elements() ?? []
  return parts
    .map((part) => [part, ...part.elements()].map(({ name, text }) => `${name} ${text}`).join(''))
    .join(', ')
}

async function setCard(client: MemoryClient, inside: string): Promise<void> {
  await client.send(`<iq type='set' id='v'><vCard xmlns='vcard-temp'>${inside}</vCard></iq>`)
  client.takeAll()
}

const photo = (base64: string, type = '') => `<PHOTO>${type}<BINVAL>${base64}</BINVAL></PHOTO>`

test('XEP-0398 §7: a picture that is not for everybody is not put into the vCard, nor taken away with it', async () => {
  await using local = await nodesServer({ extensions })
  const romeo = await local.connect('romeo@localhost/orchard')
  await publishData(romeo, 'presence')
  await publishMetadata(romeo, 'presence')
  assert.equal(await card(romeo), '')
  await setCard(romeo, '<FN>Romeo</FN>')
  assert.equal(await read(romeo, metadataNode, '', ''), hello.hash)
})

test('XEP-0398 §3.1: bytes that come after their metadata count as well', async () => {
  await using local = await nodesServer({ extensions })
  const romeo = await local.connect('romeo@localhost/orchard')
  await publishMetadata(romeo, 'open')
  assert.equal(await card(romeo), '')
  await publishData(romeo, 'open')
  assert.equal(await card(romeo), `PHOTO TYPE image/pngBINVAL ${hello.base64}`)
})

test('XEP-0398 §3.1: bytes of another hash than they are said to have are not taken', async () => {
  await using local = await nodesServer({ extensions })
  const romeo = await local.connect('romeo@localhost/orchard')
  await publishData(romeo, 'open', '0'.repeat(40))
  await publishMetadata(romeo, 'open', '0'.repeat(40))
  assert.equal(await card(romeo), '')
})

test('XEP-0398 §3.2: a photo without a type is known by how it begins; what is none is not published', async () => {
  await using local = await nodesServer({ extensions })
  const romeo = await local.connect('romeo@localhost/orchard')
  await setCard(romeo, photo(hello.base64))
  assert.equal(await read(romeo, metadataNode, '', ''), 'item-not-found')
  await setCard(romeo, photo(hello.base64, '<TYPE>text/html</TYPE>'))
  assert.equal(await read(romeo, metadataNode, '', ''), 'item-not-found')
  await setCard(romeo, photo(png))
  assert.match(await read(romeo, metadataNode, '', ''), /^[0-9a-f]{40}$/)
})

test('a photo that is taken out of the vCard is no longer published (XEP-0084 §4.2.3)', async () => {
  await using local = await nodesServer({ extensions })
  const romeo = await local.connect('romeo@localhost/orchard')
  await setCard(romeo, photo(png))
  await setCard(romeo, '<FN>Romeo</FN>')
  assert.equal(await read(romeo, metadataNode, '', ''), 'none')
  await setCard(romeo, photo(png))
  await asked(romeo, `<delete node='${metadataNode}'/>`, { to: '', isOwner: true })
  assert.equal(await card(romeo), '')
})

test('a picture too large for the vCard is published all the same', async () => {
  await using local = await inSmall()
  const romeo = await local.connect('romeo@localhost/orchard')
  assert.match(await publishData(romeo, 'open'), /publish/)
  assert.match(await publishMetadata(romeo, 'open'), /publish/)
  assert.equal(await card(romeo), '')
})

const inSmall = () => nodesServer({ extensions, extensionOptions: { vcard: { maxBytes: 40 } } })

test('any picture is the same after it has been in a vCard', () => {
  const property = fc.property(fc.uint8Array({ minLength: 1, maxLength: 300 }), (array) => {
    const bytes = Buffer.from(array)
    const id = createHash('sha1').update(bytes).digest('hex')
    const data = element('data', dataNode, {}, bytes.toString('base64'))
    const picture = pictureOfData(data, { id, type: 'image/gif' })
    assert.ok(picture)
    assert.deepEqual(pictureOfCard(withPicture(undefined, picture)), picture)
    assert.equal(metadataOf(picture).elements()[0]?.attribute('id'), id)
  })
  fc.assert(property, { seed: 398, numRuns: 100 })
})
