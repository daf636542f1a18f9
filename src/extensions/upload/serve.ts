// XEP-0363 §7: files come by PUT and go by GET, each with its own address.
import type { FastifyInstance, FastifyReply, FastifyRequest } from 'fastify'
import { parseRange } from './range.ts'
import { parseType } from './slot.ts'
import type { KeptFile, Uploads } from './uploads.ts'

/** What a browser may show by itself; all else is only saved. */
const shown = /^(?:image\/(?:png|jpeg|gif|webp|avif)|audio\/[\w.+-]+|video\/[\w.+-]+|text\/plain)$/

const methods = 'OPTIONS, HEAD, GET, PUT'

type Addressed = { Params: { id: string; '*': string } }

/** Adds the routes for files to `app`. */
export function serveUploads(app: FastifyInstance, uploads: Uploads): void {
  // Bytes are taken as they come, whatever they are said to be.
  app.removeAllContentTypeParsers()
  app.addContentTypeParser('*', (_request, payload, done) => done(null, payload))
  app.addHook('onRequest', async (_request, reply) => {
    // Web clients come from anywhere (§8), and nothing here goes by cookies.
    reply.headers({ 'access-control-allow-origin': '*', 'cross-origin-resource-policy': 'cross-origin' })
  })
  app.options('/*', (_request, reply) =>
    reply
      .code(204)
      .headers({
        'access-control-allow-methods': methods,
        'access-control-allow-headers': 'Authorization, Content-Type, Range',
        'access-control-max-age': '7200',
        allow: methods,
      })
      .send(),
  )
  app.put<Addressed>('/:id/*', (request, reply) => take(uploads, request, reply))
  app.route<Addressed>({
    method: ['GET', 'HEAD'],
    url: '/:id/*',
    handler: (request, reply) => give(uploads, request, reply),
  })
}

async function take(
  uploads: Uploads,
  request: FastifyRequest<Addressed>,
  reply: FastifyReply,
): Promise<FastifyReply> {
  const { id, '*': name } = request.params
  const file = await uploads.find(id, name)
  const refusal = file ? refusalOf(file, request) : 404
  if (!file || refusal !== undefined) {
    // Nobody wants to hear the rest.
    return reply
      .code(refusal ?? 404)
      .header('connection', 'close')
      .send()
  }
  try {
    const taken = await uploads.take(id, file, request.raw)
    return taken ? reply.code(201).send() : reply.code(409).header('connection', 'close').send()
  } catch (error) {
    // Who breaks off does not hear the answer; who sends another number of bytes than was said is told.
    if (error instanceof RangeError || request.raw.destroyed) return reply.code(400).send()
    throw error
  }
}

/** The status with which a file is refused, if it is. */
function refusalOf(file: KeptFile, { headers }: FastifyRequest<Addressed>): number | undefined {
  if (file.isThere) return 409
  const length = headers['content-length']
  if (length === undefined) return 411
  if (Number(length) > file.size) return 413
  if (Number(length) !== file.size) return 400
  if (file.type !== undefined && headers['content-type'] !== undefined && !isSameType(headers, file))
    return 415
}

function isSameType(headers: FastifyRequest['headers'], { type }: KeptFile): boolean {
  try {
    return parseType(headers['content-type']) === type
  } catch {
    return false
  }
}

async function give(
  uploads: Uploads,
  request: FastifyRequest<Addressed>,
  reply: FastifyReply,
): Promise<FastifyReply> {
  const { id, '*': name } = request.params
  const file = await uploads.find(id, name)
  if (!file?.isThere) return reply.code(404).send()
  const etag = `"${id}"`
  reply.headers({ ...headersOf(file), etag })
  if (request.headers['if-none-match'] === etag) return reply.code(304).send()
  const isSame = (request.headers['if-range'] ?? etag) === etag
  const range = isSame ? parseRange(request.headers.range, file.size) : undefined
  if (range === 'unsatisfiable')
    return reply
      .code(416)
      .headers({ 'content-range': `bytes */${file.size}` })
      .send()
  const { start, end } = range ?? { start: 0, end: file.size - 1 }
  reply.header('content-length', end - start + 1)
  if (range) reply.code(206).header('content-range', `bytes ${start}-${end}/${file.size}`)
  if (request.method === 'HEAD') return reply.send()
  const bytes = await uploads.read(id, start, end)
  return bytes ? reply.send(bytes) : reply.code(404).removeHeader('content-length').send()
}

function headersOf({ name, type = 'application/octet-stream', when, end }: KeptFile): Record<string, string> {
  const disposition = shown.test(type) ? 'inline' : 'attachment'
  const seconds = end === 0 ? 31_536_000 : Math.max(0, Math.floor((end - when) / 1000))
  return {
    'accept-ranges': 'bytes',
    'cache-control': `private, max-age=${seconds}, immutable`,
    // RFC 8187: names are of all languages.
    'content-disposition': `${disposition}; filename*=UTF-8''${encodeName(name)}`,
    'content-security-policy': "default-src 'none'; frame-ancestors 'none'; sandbox",
    'content-type': type === 'text/plain' ? 'text/plain; charset=utf-8' : type,
    'last-modified': new Date(when).toUTCString(),
  }
}

function encodeName(name: string): string {
  return encodeURIComponent(name).replace(
    /['()*]/g,
    (character) => `%${character.charCodeAt(0).toString(16).toUpperCase()}`,
  )
}
