// XEP-0050 §2.4: executing commands, a session for each run.
import type { ScopedHost } from '../../host/scoped-host.ts'
import type { Jid } from '../../jid/jid.ts'
import { formIn } from '../../stanza/form.ts'
import type { Iq } from '../../stanza/stanza.ts'
import { StanzaError } from '../../stanza/stanza-error.ts'
import type { Element } from '../../xml/element.ts'
import type { Command, FormStage, Stage } from './command.ts'
import { canceledElement, commandCondition, stageElement } from './command-elements.ts'

/** Bounds of what is under way. */
export interface CommandLimits {
  readonly maxSessions: number
  readonly sessionMinutes: number
}

/** One run of a command that waits for somebody to fill in a form. */
interface Session {
  readonly command: Command
  readonly from: Jid
  readonly until: number
  /** The stages so far; the last one is being filled in. */
  readonly stages: FormStage[]
}

const minuteMs = 60_000

/** Runs the commands of a host. */
export class CommandRunner {
  readonly #host: ScopedHost
  readonly #commandByNode: ReadonlyMap<string, Command>
  readonly #limits: CommandLimits
  readonly #sessionById = new Map<string, Session>()

  constructor(host: ScopedHost, commandByNode: ReadonlyMap<string, Command>, limits: CommandLimits) {
    this.#host = host
    this.#commandByNode = commandByNode
    this.#limits = limits
  }

  /** Answers one request of a run. */
  run(iq: Iq): Promise<Element> {
    const request = iq.payload as Element
    const command = this.#commandByNode.get(request.attribute('node') ?? '')
    if (!command) throw new StanzaError('item-not-found', 'no such command')
    // §4: to whom it is not offered it is forbidden.
    if (!command.isAllowed(iq.from)) throw new StanzaError('forbidden', 'that command is not for you')
    const sessionId = request.attribute('sessionid')
    return sessionId === undefined
      ? this.#begin(command, iq.from, request)
      : this.#goOn(sessionId, command, iq.from, request)
  }

  async #begin(command: Command, from: Jid, request: Element): Promise<Element> {
    const sessionId = this.#host.ids.id()
    const action = request.attribute('action') ?? 'execute'
    if (action === 'cancel') return canceledElement({ node: command.node, sessionId })
    if (action !== 'execute' && action !== 'complete') throw badAction()
    const first = await command.start(from)
    const filledIn = formIn(request)
    // Scripts fill in the first form without having asked for it.
    const stage = filledIn && 'form' in first ? await first.submit(filledIn) : first
    return this.#answer(sessionId, { command, from, until: this.#deadline(), stages: [] }, stage)
  }

  async #goOn(sessionId: string, command: Command, from: Jid, request: Element): Promise<Element> {
    const session = this.#find(sessionId, command, from)
    switch (request.attribute('action') ?? 'execute') {
      case 'cancel':
        this.#sessionById.delete(sessionId)
        return canceledElement({ node: command.node, sessionId })
      case 'prev':
        if (session.stages.length < 2) throw badAction()
        session.stages.pop()
        return this.#answer(sessionId, session, session.stages.pop() as FormStage)
      case 'execute':
      case 'next':
      case 'complete':
        return this.#answer(sessionId, session, await this.#submit(session, request))
      default:
        throw new StanzaError('bad-request', 'unknown action', {
          application: commandCondition('malformed-action'),
        })
    }
  }

  #submit({ stages }: Session, request: Element): Stage | Promise<Stage> {
    const form = formIn(request)
    if (!form) throw new StanzaError('bad-request', 'the form is missing')
    return (stages.at(-1) as FormStage).submit(form)
  }

  #answer(sessionId: string, session: Session, stage: Stage): Element {
    const run = { node: session.command.node, sessionId }
    if (!('form' in stage)) {
      this.#sessionById.delete(sessionId)
      return stageElement(run, stage, false)
    }
    session.stages.push(stage)
    this.#remember(sessionId, session)
    return stageElement(run, stage, session.stages.length > 1)
  }

  #remember(sessionId: string, session: Session): void {
    if (!this.#sessionById.has(sessionId) && this.#sessionById.size >= this.#limits.maxSessions)
      this.#forgetExpired()
    if (!this.#sessionById.has(sessionId) && this.#sessionById.size >= this.#limits.maxSessions) {
      throw new StanzaError('resource-constraint', 'too many commands are being filled in')
    }
    this.#sessionById.set(sessionId, session)
  }

  #forgetExpired(): void {
    for (const [sessionId, { until }] of this.#sessionById) {
      if (until <= this.#host.clock.now()) this.#sessionById.delete(sessionId)
    }
  }

  #find(sessionId: string, command: Command, from: Jid): Session {
    const session = this.#sessionById.get(sessionId)
    if (!session || session.command !== command || !session.from.equals(from)) {
      throw new StanzaError('bad-request', 'no such session', {
        application: commandCondition('bad-sessionid'),
      })
    }
    if (session.until > this.#host.clock.now()) return session
    this.#sessionById.delete(sessionId)
    throw new StanzaError('not-allowed', 'that took too long', {
      application: commandCondition('session-expired'),
    })
  }

  #deadline(): number {
    return this.#host.clock.now() + this.#limits.sessionMinutes * minuteMs
  }
}

function badAction(): StanzaError {
  return new StanzaError('bad-request', 'that cannot be done at this stage', {
    application: commandCondition('bad-action'),
  })
}
