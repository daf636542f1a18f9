// XEP-0050: what a command is, for who offers one.
import type { Jid } from '../../jid/jid.ts'
import type { SubmittedForm } from '../../stanza/form.ts'
import type { Element } from '../../xml/element.ts'

/** Something that can be executed, in one stage or several. */
export interface Command {
  /** Unique in its domain. */
  readonly node: string
  readonly name: string
  /** Whether somebody may see and execute it. */
  isAllowed(from: Jid): boolean
  /** The first stage, or the end of a command that asks nothing. */
  start(from: Jid): Stage | Promise<Stage>
}

/** What a command says next. */
export type Stage = FormStage | Completed

/** Something to fill in. */
export interface FormStage {
  /** A form of type `form`. */
  readonly form: Element
  /** What follows once it is filled in. May throw a `StanzaError`; the stage can then be tried again. */
  submit(form: SubmittedForm): Stage | Promise<Stage>
}

/** The end. */
export interface Completed {
  readonly note?: { readonly type: 'error' | 'info' | 'warn'; readonly text: string }
  /** A form of type `result`. */
  readonly result?: Element
}
