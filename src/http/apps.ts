// What extensions have mounted, as Fastify apps that are made when the first request comes.
import type { IncomingMessage, ServerResponse } from 'node:http'
import { createServer } from 'node:http'
import Fastify, { type FastifyInstance } from 'fastify'
import type { Log } from '../base/log.ts'
import type { Mount } from '../host/web.ts'
import { answerEmpty } from './answer.ts'
import type { TrustedProxies } from './visitor.ts'

/** Serves mounts. */
export class Apps {
  readonly #proxies: TrustedProxies
  readonly #log: Log
  readonly #appByMount = new Map<Mount, Promise<FastifyInstance>>()

  constructor(proxies: TrustedProxies, log: Log) {
    this.#proxies = proxies
    this.#log = log
  }

  /** Answers a request to a mount. */
  handle(mount: Mount, request: IncomingMessage, response: ServerResponse): void {
    this.#appOf(mount).then(
      (app) => app.routing(request, response),
      (error: unknown) => {
        this.#log.error('mount failed', { path: mount.path, error })
        answerEmpty(response, 500)
      },
    )
  }

  /** Lets go of all of them. */
  async close(): Promise<void> {
    const apps = [...this.#appByMount.values()]
    this.#appByMount.clear()
    for (const app of await Promise.allSettled(apps)) if (app.status === 'fulfilled') await app.value.close()
  }

  #appOf(mount: Mount): Promise<FastifyInstance> {
    const known = this.#appByMount.get(mount)
    if (known) return known
    const made = this.#make(mount)
    this.#appByMount.set(mount, made)
    const forget = () => {
      this.#appByMount.delete(mount)
      made.then((app) => app.close()).catch((error: unknown) => this.#log.error('unmount failed', { error }))
    }
    mount.ended.addEventListener('abort', forget, { once: true })
    return made
  }

  async #make(mount: Mount): Promise<FastifyInstance> {
    const app = Fastify({
      // Requests come from our own server; this one never listens.
      serverFactory: (handler) => createServer(handler),
      bodyLimit: mount.bodyBytes,
      trustProxy: (address: string) => this.#proxies.trusts(address),
      logger: false,
      routerOptions: { onBadUrl: (_path, _request, response) => answerEmpty(response, 400) },
    })
    app.setNotFoundHandler((_request, reply) => reply.code(404).send())
    app.setErrorHandler((error: Error & { statusCode?: number }, request, reply) => {
      const status = error.statusCode ?? 500
      if (status >= 500)
        this.#log.error('request failed', { method: request.method, path: mount.path, error })
      // What went wrong inside is nobody's business outside.
      return reply.code(status).send()
    })
    app.addHook('onSend', async (_request, reply) => {
      if (!reply.hasHeader('x-content-type-options')) reply.header('x-content-type-options', 'nosniff')
      if (!reply.hasHeader('referrer-policy')) reply.header('referrer-policy', 'no-referrer')
    })
    await app.register(async (inner) => mount.setup(inner), {
      prefix: mount.path === '/' ? '' : mount.path,
    })
    await app.ready()
    return app
  }
}
