// What a domain shows on the web: which paths lead to whom. `http/` serves it; without an HTTP listener nothing of it runs.
import type { FastifyInstance } from 'fastify'
import type { Undo } from '../base/scope.ts'

/**
 * Adds routes to `app`, which is empty, serves nothing else and begins at the path of the mount: a route `/` is the path itself.
 * Called once, when the first request comes.
 */
export type WebSetup = (app: FastifyInstance) => void | Promise<void>

/** How a mount is treated. */
export interface MountOptions {
  /** Bytes of a body that is read into memory; a longer one is refused with 413. Standard is 64 KiB. */
  readonly bodyBytes?: number
}

/** One path and all below it. */
export interface Mount {
  /** `/` or, for example, `/upload`. */
  readonly path: string
  readonly setup: WebSetup
  readonly bodyBytes: number
  /** Aborts when it is taken away. */
  readonly ended: AbortSignal
}

/** The mounts of one domain, as an extension sees them. */
export interface WebEntrance {
  /**
   * Where the domain is reached from outside, without a slash at the end: `https://example.org:5281`.
   * `undefined` while there is no HTTP listener and none is configured; ask anew each time, for it changes with them.
   */
  readonly url: string | undefined
  /**
   * Serves `path` and what is below it for this domain; the longest path wins.
   * @throws Error if the path is taken or cannot be one
   */
  mount(path: string, setup: WebSetup, options?: MountOptions): Undo
}

const standardBodyBytes = 64 * 1024

/** The mounts of one domain. */
export class Web implements WebEntrance {
  readonly #url: () => string | undefined
  #mounts: readonly Mount[] = []

  constructor(url: () => string | undefined) {
    this.#url = url
  }

  get url(): string | undefined {
    return this.#url()
  }

  mount(path: string, setup: WebSetup, { bodyBytes = standardBodyBytes }: MountOptions = {}): Undo {
    if (!/^\/$|^(?:\/[\w~-][\w.~-]*)+$/.test(path)) throw new Error(`“${path}” cannot be the path of a mount`)
    if (this.#mounts.some((mount) => mount.path === path)) throw new Error(`${path} is taken already`)
    const ending = new AbortController()
    const mount: Mount = { path, setup, bodyBytes, ended: ending.signal }
    this.#mounts = [...this.#mounts, mount].sort((one, other) => other.path.length - one.path.length)
    return () => {
      this.#mounts = this.#mounts.filter((other) => other !== mount)
      ending.abort()
    }
  }

  /** The mount that a path, as it stands in a request without its query, belongs to. */
  find(path: string): Mount | undefined {
    return this.#mounts.find((mount) => mount.path === '/' || isAtOrBelow(path, mount.path))
  }
}

function isAtOrBelow(path: string, root: string): boolean {
  return path.startsWith(root) && (path.length === root.length || path[root.length] === '/')
}
