// XEP-0206 §4, §5: what a client of BOSH says without an element of its own, as RFC 7395 has it said.
import { escapeAttribute } from '../../xml/serialize.ts'
import { framingNamespace } from '../message-reader.ts'
import type { RequestBody } from './body.ts'

/** The end of the stream. */
export const closeMessage = Buffer.from(`<close xmlns='${framingNamespace}'/>`)

/** What the client would say in the header of a stream; when it restarts one it may leave out what it has said before. */
export function openMessage(body: RequestBody, first: RequestBody): Buffer {
  const { from, xmppVersion } = body
  const to = body.to ?? first.to
  const lang = body.lang ?? first.lang
  let text = `<open xmlns='${framingNamespace}' version='${escapeAttribute(xmppVersion ?? '1.0')}'`
  if (to !== undefined) text += ` to='${escapeAttribute(to)}'`
  if (from !== undefined) text += ` from='${escapeAttribute(from)}'`
  if (lang !== undefined) text += ` xml:lang='${escapeAttribute(lang)}'`
  return Buffer.from(`${text}/>`)
}
