// The `.scs` format: what a script consists of.
import type { Element } from '../xml/element.ts'

/** What is wrong with a script's text, and where. Lines and columns count from 1. */
export interface ScriptFault {
  readonly file: string
  readonly line: number
  readonly column: number
  /** What was expected, and what stands there instead. */
  readonly message: string
}

/** One XMPP client of a script. */
export interface Character {
  readonly name: string
  /** The line of its definition, from 1. */
  readonly line: number
  /** The address as the script writes it, without a resource. */
  readonly bareJid: string
  readonly resource?: string
  readonly password: string
  /** Where this character connects, before the runner's own host and port. */
  readonly connectHost?: string
  readonly connectPort?: number
}

/** `## name` or `## name: value`. */
export interface Tag {
  readonly name: string
  readonly value?: string
}

interface StepPlace {
  /** Name of the character that acts. */
  readonly who: string
  readonly line: number
}

/** A step without a stanza. */
export interface PlainStep extends StepPlace {
  readonly kind: 'connects' | 'disconnects' | 'receives nothing'
}

/** `NAME sends:`. */
export interface SendStep extends StepPlace {
  readonly kind: 'sends'
  readonly stanza: Element
}

/** `NAME receives:`. */
export interface ReceiveStep extends StepPlace {
  readonly kind: 'receives'
  readonly stanza: Element
}

/** One action of a script. */
export type Step = PlainStep | SendStep | ReceiveStep

/** Something odd in a script that does not stop it. */
export interface ScriptNote {
  readonly line: number
  readonly text: string
}

/** A script that can be played. */
export interface Script {
  readonly file: string
  /** The first `# text` of the head, or `''`. */
  readonly title: string
  readonly description: readonly string[]
  readonly tags: readonly Tag[]
  readonly characters: readonly Character[]
  readonly steps: readonly Step[]
  readonly notes: readonly ScriptNote[]
}
