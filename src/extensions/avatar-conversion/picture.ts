// XEP-0084 and XEP-0153: a picture as metadata and data, and as the photo of a vCard. No I/O.
import { createHash } from 'node:crypto'
import { type Element, element } from '../../xml/element.ts'
import { vcardNamespace } from '../vcard/vcard.ts'

export const metadataNode = 'urn:xmpp:avatar:metadata'
export const dataNode = 'urn:xmpp:avatar:data'

/** A picture. */
export interface Picture {
  readonly bytes: Buffer
  /** `image/png` and the like. */
  readonly type: string
  /** The SHA-1 of the bytes, in hexadecimal. */
  readonly hash: string
}

/** The `<info/>` of the picture that is at the `data` node (XEP-0398 §3.1), if metadata names one. */
export function infoOf(metadata: Element | undefined): { id: string; type: string } | undefined {
  const infos = metadata?.elements('info', metadataNode) ?? []
  const info = infos.find((one) => one.attribute('url') === undefined)
  const id = info?.attribute('id')
  return id === undefined ? undefined : { id, type: info?.attribute('type') ?? 'image/png' }
}

/** The picture in `<data/>`; `undefined` if it is not the one whose hash is `id`. */
export function pictureOfData(
  data: Element | undefined,
  { id, type }: { id: string; type: string },
): Picture | undefined {
  const picture = data && pictureOf(data.text, type)
  return picture?.hash === id.toLowerCase() ? picture : undefined
}

/** The picture in a vCard; `undefined` if it has none that can be shown. */
export function pictureOfCard(card: Element | undefined): Picture | undefined {
  const photo = card?.child('PHOTO', vcardNamespace)
  const data = photo?.child('BINVAL', vcardNamespace)?.text
  if (!data) return undefined
  const type = photo?.child('TYPE', vcardNamespace)?.text.trim().toLowerCase()
  return pictureOf(data, type || undefined)
}

/** A vCard with another picture, or none. */
export function withPicture(card: Element | undefined, picture: Picture | undefined): Element {
  const others = (card?.children ?? []).filter(
    (child) => typeof child === 'string' || child.name !== 'PHOTO' || child.namespace !== vcardNamespace,
  )
  const photo =
    picture &&
    element(
      'PHOTO',
      vcardNamespace,
      {},
      element('TYPE', vcardNamespace, {}, picture.type),
      element('BINVAL', vcardNamespace, {}, picture.bytes.toString('base64')),
    )
  return element('vCard', vcardNamespace, {}, ...others, photo)
}

/** `<data/>` of a picture. */
export function dataOf({ bytes }: Picture): Element {
  return element('data', dataNode, {}, bytes.toString('base64'))
}

/** `<metadata/>` of a picture; empty for none (XEP-0084 §4.2.3). */
export function metadataOf(picture: Picture | undefined): Element {
  const info =
    picture &&
    element('info', metadataNode, { bytes: `${picture.bytes.length}`, id: picture.hash, type: picture.type })
  return element('metadata', metadataNode, {}, info)
}

function pictureOf(base64: string, type: string | undefined): Picture | undefined {
  const bytes = Buffer.from(base64, 'base64')
  const known = type ?? typeOf(bytes)
  if (bytes.length === 0 || !known?.startsWith('image/')) return undefined
  return { bytes, type: known, hash: createHash('sha1').update(bytes).digest('hex') }
}

/** By what files of each type begin with; a vCard need not say its photo's type. */
function typeOf(bytes: Buffer): string | undefined {
  const start = bytes.toString('latin1', 0, 12)
  if (start.startsWith('\x89PNG')) return 'image/png'
  if (start.startsWith('\xff\xd8\xff')) return 'image/jpeg'
  if (start.startsWith('GIF8')) return 'image/gif'
  if (start.startsWith('RIFF') && start.endsWith('WEBP')) return 'image/webp'
  return undefined
}
