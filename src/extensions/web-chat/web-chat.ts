// The web chat: Converse.js, set up for this domain and served by it, with nothing loaded from elsewhere.
import fastifyStatic from '@fastify/static'
import type { FastifyInstance } from 'fastify'
import { z } from 'zod'
import { defineExtension } from '../../host/extension.ts'
import { guests } from '../guests/guests.ts'
import { converseFolder, pagesFolder } from './files.ts'
import { chatPage, type PageFacts } from './page.ts'
import { findRooms } from './rooms.ts'

/** Lets people with a browser chat: at `/`, and at `/#room` straight in that room. */
export const webChat = defineExtension({
  name: 'webChat',
  uses: { guests },
  options: {
    path: z
      .string()
      .regex(/^\/$|^(?:\/[\w~-][\w.~-]*)+$/, 'a path such as "/chat"')
      .default('/')
      .describe('where it is found; “/” is left to the app where the server is part of one'),
    title: z.string().optional().describe('what the page is called; the domain if left out'),
  },
  setup(host, apis, { path, title }) {
    const converse = converseFolder()
    if (converse === undefined) {
      host.log.warn('no web chat: the package converse.js is not installed')
      return
    }
    let rooms: string | undefined
    const facts = async (): Promise<PageFacts> => {
      rooms ??= await findRooms(host)
      const { domain } = host.domain
      return { domain, title: title ?? domain, rooms, admitsGuests: apis.guests !== undefined }
    }
    host.web.mount(path, async (app) => {
      serveFolder(app, '/converse/', converse)
      serveFolder(app, '/chat/', pagesFolder)
      app.get('/', async (request, reply) => {
        // What it links to is beside it, which only an address that ends in a slash makes so.
        if (path !== '/' && !(request.raw.url ?? '').startsWith(`${path}/`)) return reply.redirect(`${path}/`)
        return reply.headers(pageHeaders(host.web.url)).send(chatPage(await facts()))
      })
    })
  },
})

function serveFolder(app: FastifyInstance, prefix: string, root: string): void {
  app.register(fastifyStatic, {
    root,
    prefix,
    index: false,
    decorateReply: false,
    // Asked for again each time, and answered with 304 while nothing has changed.
    cacheControl: false,
    setHeaders: (reply) => reply.header('cache-control', 'no-cache'),
  })
}

// Converse sets styles of elements by script and compiles WebAssembly for encryption; nothing else is allowed to it.
function pageHeaders(url: string | undefined): Record<string, string> {
  const own = url === undefined ? "'self'" : `'self' ${url}`
  const policy = [
    "default-src 'none'",
    "script-src 'self' 'wasm-unsafe-eval'",
    "worker-src 'self'",
    "style-src 'self' 'unsafe-inline'",
    "font-src 'self'",
    `img-src ${own} data: blob:`,
    `media-src ${own} blob:`,
    `connect-src ${own} ws: wss:`,
    "form-action 'self'",
    "base-uri 'none'",
    "frame-ancestors 'self'",
  ]
  return {
    'content-type': 'text/html; charset=utf-8',
    'content-security-policy': policy.join('; '),
    'cache-control': 'no-cache',
  }
}
