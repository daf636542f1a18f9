// XEP-0388 §2.1, §2.6.1: what clients ask for together with logging in, done before they are told that they are in.
import type { Element } from '../../xml/element.ts'
import type { XmlStream } from '../stream.ts'
import type { Login } from './mechanism.ts'

/** What a client says of itself (XEP-0388 §2.3); nobody else is to learn of it. */
export interface UserAgent {
  /** A UUID, lower case: the same whenever this installation comes; `undefined` if it does not say. */
  readonly id: string | undefined
  readonly software: string | undefined
  readonly device: string | undefined
}

/** A log-in that has succeeded, and what else the client asked for. */
export interface LoginRequest extends Login {
  readonly stream: XmlStream
  /** The name of the mechanism. */
  readonly mechanism: string
  /** `<authenticate/>`, with what is asked for as children. */
  readonly request: Element
  readonly userAgent: UserAgent
}

/** What a step answers. */
export interface LoginPart {
  /** A child of `<success/>`. */
  readonly element?: Element
  /** Called once the client has been told that it is in. */
  readonly afterwards?: () => void
}

/** Something that can be done together with logging in. */
export interface LoginStep {
  /** What tells clients of it, inside of `<inline/>`; `undefined` to leave it out. */
  advertise(stream: XmlStream): Element | undefined
  /** Does it, if the client asked for it. Steps run one after the other; one may have bound a resource before. */
  run(login: LoginRequest): LoginPart | undefined | Promise<LoginPart | undefined>
}
