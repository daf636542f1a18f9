// What begins with `<!` or `<?`, and what may come before it: XML §2.8, §F; RFC 6120 §11.1, §11.3, §11.6.
import { isSpace } from './characters.ts'
import type { Source } from './source.ts'

const lt = 0x3c
const gt = 0x3e
const byteOrderMark = [0xef, 0xbb, 0xbf]

const version = String.raw`[ \t\r\n]+version[ \t\r\n]*=[ \t\r\n]*(?:'1\.\d+'|"1\.\d+")`
const encoding = String.raw`[ \t\r\n]+encoding[ \t\r\n]*=[ \t\r\n]*(?:'([A-Za-z][-\w.]*)'|"([A-Za-z][-\w.]*)")`
const standalone = String.raw`[ \t\r\n]+standalone[ \t\r\n]*=[ \t\r\n]*(?:'(?:yes|no)'|"(?:yes|no)")`
const declaration = new RegExp(String.raw`^<\?xml${version}(?:${encoding})?(?:${standalone})?[ \t\r\n]*\?>$`)

/** Reads the first bytes of a document, which are no `<`; false if they are not whole, or not UTF-8. */
export function readByteOrderMark(source: Source): boolean {
  const { bytes, at, length } = source
  const first = bytes[at] as number
  if (first === 0 || first >= 0xfe)
    return source.refuse('unsupported-encoding', 'an encoding other than UTF-8', at)
  for (let index = 0; index < byteOrderMark.length; index += 1) {
    if (at + index === length) return false
    if (bytes[at + index] !== byteOrderMark[index]) return true
  }
  source.finish(at + byteOrderMark.length)
  return true
}

/** Reads an XML declaration where one may stand, and refuses other instructions; false if it is not whole, or wrong. */
export function readInstruction(source: Source, mayDeclare: boolean): boolean {
  const { bytes, at } = source
  const isNamedXml = isAhead(source, '<?xml')
  if (isNamedXml === false) return source.refuse('restricted-xml', 'a processing instruction', at)
  if (isNamedXml === undefined || at + 5 >= source.end) return source.waitForTag()
  if (!isSpace(bytes[at + 5])) return source.refuse('restricted-xml', 'a processing instruction', at)
  if (!mayDeclare) return source.refuse('not-well-formed', 'an XML declaration that is not at the start', at)
  let end = at
  while (end < source.end && bytes[end] !== gt && (bytes[end] !== lt || end === at)) end += 1
  if (end === source.end) return source.waitForTag()
  const match = declaration.exec(bytes.toString('latin1', at, end + 1))
  if (match === null) return source.refuse('not-well-formed', 'a wrong XML declaration', at)
  const name = match[1] ?? match[2] ?? 'utf-8'
  if (name.toLowerCase() !== 'utf-8')
    return source.refuse('unsupported-encoding', 'an encoding other than UTF-8', at)
  source.finish(end + 1)
  return true
}

/** Reads `<![CDATA[` and refuses all else that begins with `<!`; false if it is not whole, or wrong. */
export function readSectionStart(source: Source): boolean {
  const isComment = isAhead(source, '<!--')
  if (isComment) return source.refuse('restricted-xml', 'a comment', source.at)
  const isDoctype = isAhead(source, '<!DOCTYPE')
  if (isDoctype) return source.refuse('restricted-xml', 'a document type', source.at)
  const isSection = isAhead(source, '<![CDATA[')
  if (isSection) {
    source.finish(source.at + 9)
    return true
  }
  if (isComment === undefined || isDoctype === undefined || isSection === undefined)
    return source.waitForTag()
  return source.refuse('not-well-formed', 'markup that is neither a tag nor a CDATA section', source.at)
}

/** Whether `text` is what comes next; `undefined` if that cannot be told yet. */
function isAhead(source: Source, text: string): boolean | undefined {
  const { bytes, at, end } = source
  for (let index = 0; index < text.length; index += 1) {
    if (at + index === end) return undefined
    if (bytes[at + index] !== text.charCodeAt(index)) return false
  }
  return true
}
