// XEP-0050: the elements of commands.
import { type Element, element } from '../../xml/element.ts'
import type { Stage } from './command.ts'

export const commandsNamespace = 'http://jabber.org/protocol/commands'

/** How a run of a command is told apart from others. */
export interface CommandRun {
  readonly node: string
  readonly sessionId: string
}

/** `<command/>` with what the command says next. `hasBefore`: whether one can go back a stage. */
export function stageElement({ node, sessionId }: CommandRun, stage: Stage, hasBefore: boolean): Element {
  const attributes = { node, sessionid: sessionId, status: 'form' in stage ? 'executing' : 'completed' }
  if (!('form' in stage))
    return element('command', commandsNamespace, attributes, stage.result, noteOf(stage.note))
  return element('command', commandsNamespace, attributes, actions(hasBefore), stage.form)
}

/** `<command status='canceled'/>`. */
export function canceledElement({ node, sessionId }: CommandRun): Element {
  return element('command', commandsNamespace, { node, sessionid: sessionId, status: 'canceled' })
}

/** What goes into an error beside the condition (§4). */
export function commandCondition(
  name: 'bad-action' | 'bad-sessionid' | 'malformed-action' | 'session-expired',
): Element {
  return element(name, commandsNamespace)
}

// Whether a stage is the last one is known only once it is filled in, so going on and completing are the same.
function actions(hasBefore: boolean): Element {
  return element(
    'actions',
    commandsNamespace,
    { execute: 'complete' },
    hasBefore ? element('prev', commandsNamespace) : undefined,
    element('complete', commandsNamespace),
  )
}

function noteOf(note: { readonly type: string; readonly text: string } | undefined): Element | undefined {
  return note && element('note', commandsNamespace, { type: note.type }, note.text)
}
