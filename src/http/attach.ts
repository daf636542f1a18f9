// Balcony on the HTTP server of an app: takes its own requests, leaves all others to the app.
import type { IncomingMessage, Server, ServerResponse } from 'node:http'
import type { Duplex } from 'node:stream'
import type { Undo } from '../base/scope.ts'
import { refuseConnection } from './answer.ts'

/** Who is asked first. Each answers false for what is not its own. */
export interface Guest {
  handle(request: IncomingMessage, response: ServerResponse): boolean
  upgrade(request: IncomingMessage, socket: Duplex, head: Buffer): boolean
}

type Listener = (this: Server, ...args: unknown[]) => void

/** Asks `guest` before those who listen on `server` now. */
export function attach(server: Server, guest: Guest): Undo {
  const undoRequests = takeOver(server, 'request', (request, response) =>
    guest.handle(request as IncomingMessage, response as ServerResponse),
  )
  const undoUpgrades = takeOver(
    server,
    'upgrade',
    (request, socket, head) =>
      guest.upgrade(request as IncomingMessage, socket as Duplex, head as Buffer) ||
      // Without us such a request would be answered as any other; nobody else would end it now.
      (server.listenerCount('upgrade') === 1 && !hasOthers(undoUpgrades) && refuse(socket as Duplex)),
  )
  return () => {
    undoRequests.undo()
    undoUpgrades.undo()
  }
}

interface TakenOver {
  readonly others: readonly Listener[]
  undo(): void
}

function takeOver(
  server: Server,
  event: 'request' | 'upgrade',
  ask: (...args: unknown[]) => boolean,
): TakenOver {
  const others = server.listeners(event) as Listener[]
  const first = function (this: Server, ...args: unknown[]): void {
    if (ask(...args)) return
    for (const other of others) other.apply(server, args)
  }
  server.removeAllListeners(event)
  server.on(event, first)
  return {
    others,
    undo() {
      server.off(event, first)
      for (const other of others) server.on(event, other as never)
    },
  }
}

function hasOthers({ others }: TakenOver): boolean {
  return others.length > 0
}

function refuse(socket: Duplex): true {
  refuseConnection(socket, 404)
  return true
}
