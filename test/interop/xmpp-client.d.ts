// The part of @xmpp/client, which brings no types, that the tests use.
declare module '@xmpp/client' {
  import type { EventEmitter } from 'node:events'

  export interface XmlNode {
    readonly name: string
    readonly attrs: Readonly<Record<string, string | undefined>>
    is(name: string, xmlns?: string): boolean
    getChild(name: string, xmlns?: string): XmlNode | undefined
    getChildren(name: string, xmlns?: string): XmlNode[]
    getChildText(name: string, xmlns?: string): string | null
    text(): string
    toString(): string
  }

  export function xml(
    name: string,
    attributes?: Readonly<Record<string, string | undefined>>,
    ...children: readonly (XmlNode | string | undefined)[]
  ): XmlNode

  export interface ClientOptions {
    readonly service: string
    readonly domain?: string
    readonly resource?: string
    readonly username: string
    readonly password: string
    /** Milliseconds. */
    readonly timeout?: number
  }

  export interface Client extends EventEmitter {
    readonly status: string
    readonly jid: { toString(): string } | null
    readonly iqCaller: {
      get(payload: XmlNode, to?: string): Promise<XmlNode | undefined>
      set(payload: XmlNode, to?: string): Promise<XmlNode | undefined>
      request(iq: XmlNode): Promise<XmlNode>
    }
    readonly reconnect: EventEmitter & { delay: number }
    /** Emits `resumed`. */
    readonly streamManagement: EventEmitter
    start(): Promise<{ toString(): string }>
    stop(): Promise<unknown>
    send(stanza: XmlNode): Promise<void>
    /** What `send` and the opening of a stream write with. */
    write(text: string): Promise<void>
    isSecure(): boolean
  }

  export function client(options: ClientOptions): Client
}
