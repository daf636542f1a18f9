// RFC 4648 §4: base64 as SASL's profiles use it, without white space or anything else that does not belong.

/** The bytes that `text` stands for; `undefined` if it is not base64. */
export function decodeBase64(text: string): Buffer | undefined {
  if (text.length % 4 !== 0 || !/^[A-Za-z0-9+/]*={0,2}$/.test(text)) return undefined
  return Buffer.from(text, 'base64')
}

/** The base64 of bytes, or of text as UTF-8. */
export function encodeBase64(data: Uint8Array | string): string {
  return (
    typeof data === 'string' ? Buffer.from(data) : Buffer.from(data.buffer, data.byteOffset, data.length)
  ).toString('base64')
}
