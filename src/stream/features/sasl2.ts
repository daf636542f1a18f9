// XEP-0388: SASL2, which does more than log in, and needs no new stream for it.
import type { Ids } from '../../base/ids.ts'
import { type Element, element } from '../../xml/element.ts'
import {
  beginningOf,
  continueElement,
  parseUserAgent,
  sasl2Namespace,
  successElement,
} from '../sasl/authenticate.ts'
import type { Authenticator, SaslProfile } from '../sasl/authenticator.ts'
import { encodeBase64 } from '../sasl/base64.ts'
import type { KnownHashes } from '../sasl/known-hashes.ts'
import type { LoginPart, LoginRequest, UserAgent } from '../sasl/login-step.ts'
import type { Login, SaslCondition } from '../sasl/mechanism.ts'
import {
  ScramUpgrade,
  tasksFor,
  type UpgradeTask,
  upgradeElements,
  wantedTasks,
} from '../sasl/upgrade-tasks.ts'
import type { StreamDomain, StreamFeature, XmlStream } from '../stream.ts'
import { StreamError } from '../stream-error.ts'

const conditionNamespace = 'urn:ietf:params:xml:ns:xmpp-sasl'

/** What the feature is made of. */
export interface Sasl2Parts {
  readonly authenticator: Authenticator
  readonly known: KnownHashes
  readonly ids: Ids
}

/** Who has proved who they are, and has something to do before they are in (§2.6.3). */
interface Pending {
  readonly login: Login
  readonly request: Element
  readonly tasks: UpgradeTask[]
  upgrade: ScramUpgrade | undefined
}

/** The feature `authentication`. */
export function sasl2(parts: Sasl2Parts): StreamFeature {
  const server = new Sasl2(parts)
  return {
    name: 'sasl2',
    // §3: only with TLS.
    needs: ['tls'],
    forbids: ['authenticated'],
    advertise: (stream) => server.advertise(stream),
    // §2.4: nothing else may come while it is under way.
    accepts: ({ namespace }, stream) => namespace === sasl2Namespace || server.isUnderway(stream),
    receive: (element, stream) => server.receive(element, stream),
  }
}

class Sasl2 implements SaslProfile {
  readonly isBoundToHeader = true
  readonly #parts: Sasl2Parts
  readonly #pendingByStream = new WeakMap<XmlStream, Pending>()

  constructor(parts: Sasl2Parts) {
    this.#parts = parts
  }

  isUnderway(stream: XmlStream): boolean {
    return this.#pendingByStream.has(stream) || this.#parts.authenticator.isUnderway(stream, this)
  }

  advertise(stream: XmlStream): Element | undefined {
    const { authenticator, known } = this.#parts
    const names = authenticator.offered(stream)
    if (names.length === 0) return undefined
    const inline = (stream.domain as StreamDomain).loginSteps.map((step) => step.advertise(stream))
    return element(
      'authentication',
      sasl2Namespace,
      {},
      ...names.map((name) => element('mechanism', sasl2Namespace, {}, name)),
      inline.some(Boolean) ? element('inline', sasl2Namespace, {}, ...inline) : undefined,
      ...upgradeElements(tasksFor(stream, known)),
    )
  }

  receive(nonza: Element, stream: XmlStream): void | Promise<void> {
    const { authenticator } = this.#parts
    const isUnderway = this.isUnderway(stream)
    if (!isUnderway && nonza.is('authenticate', sasl2Namespace)) return this.#begin(nonza, stream)
    if (nonza.is('abort', sasl2Namespace)) {
      this.#pendingByStream.delete(stream)
      return authenticator.abort(stream, this)
    }
    const pending = this.#pendingByStream.get(stream)
    if (pending) return this.#doTask(nonza, stream, pending)
    if (nonza.is('response', sasl2Namespace)) return authenticator.respond(stream, this, nonza.text.trim())
    throw new StreamError('policy-violation', `unexpected <${nonza.name}> while logging in`)
  }

  challenge(stream: XmlStream, data: Uint8Array | string): void {
    stream.sendElement(element('challenge', sasl2Namespace, {}, encodeBase64(data)))
  }

  failure(stream: XmlStream, condition: SaslCondition): void {
    stream.sendElement(element('failure', sasl2Namespace, {}, element(condition, conditionNamespace)))
  }

  success(stream: XmlStream, login: Login, request: Element): void | Promise<void> {
    // Only who has just shown a password may say what else stands for it.
    const tasks = login.means === 'password' ? wantedTasks(request, tasksFor(stream, this.#parts.known)) : []
    if (tasks.length === 0) return this.#welcome(stream, login, request)
    const { data, ...rest } = login
    this.#pendingByStream.set(stream, { login: rest, request, tasks, upgrade: undefined })
    stream.sendElement(continueElement((tasks[0] as UpgradeTask).name, data))
  }

  #begin(request: Element, stream: XmlStream): void | Promise<void> {
    const { authenticator } = this.#parts
    // XEP-0484 §3.4: tokens are for those who say that they bring one.
    const hasToken = request.child('fast', 'urn:xmpp:fast:0') !== undefined
    const names = authenticator.offered(stream)
    if (hasToken) names.push(...authenticator.unlisted(stream))
    if (parseUserAgent(request)) return authenticator.begin(stream, this, names, beginningOf(request))
    authenticator.refuse(stream, this, 'malformed-request')
  }

  #doTask(nonza: Element, stream: XmlStream, pending: Pending): void | Promise<void> {
    const [task] = pending.tasks
    const { credentials } = stream.domain as StreamDomain
    if (!pending.upgrade && nonza.is('next', sasl2Namespace) && nonza.attribute('task') === task?.name) {
      pending.upgrade = new ScramUpgrade(task as UpgradeTask, credentials.iterations, this.#parts.ids)
      return stream.sendElement(pending.upgrade.data)
    }
    if (!pending.upgrade || !nonza.is('task-data', sasl2Namespace))
      throw new StreamError('policy-violation', `unexpected <${nonza.name}> while logging in`)
    return this.#finishTask(nonza, stream, pending, pending.upgrade)
  }

  async #finishTask(
    nonza: Element,
    stream: XmlStream,
    pending: Pending,
    upgrade: ScramUpgrade,
  ): Promise<void> {
    const { login, request, tasks } = pending
    const keys = upgrade.finish(nonza)
    const holds = stream.loginHolds(login.user)
    if (!keys || !holds) {
      this.#pendingByStream.delete(stream)
      const condition = holds ? 'malformed-request' : 'credentials-expired'
      return this.#parts.authenticator.refuse(stream, this, condition)
    }
    await (stream.domain as StreamDomain).credentials.addKeys?.(login.user, keys)
    tasks.shift()
    pending.upgrade = undefined
    if (tasks[0]) return stream.sendElement(continueElement(tasks[0].name, undefined))
    this.#pendingByStream.delete(stream)
    await this.#welcome(stream, login, request)
  }

  async #welcome(stream: XmlStream, login: Login, request: Element): Promise<void> {
    const mechanism = request.attribute('mechanism') as string
    const userAgent = parseUserAgent(request) as UserAgent
    stream.identify(login.user)
    const parts = await runSteps({ ...login, stream, mechanism, request, userAgent })
    const identifier = (stream.peer?.jid ?? login.user).toString()
    stream.welcome(successElement(identifier, login.data, parts))
    for (const { afterwards } of parts) afterwards?.()
  }
}

/** Does what the client asked for besides; who is in cannot be kept out any more by what goes wrong. */
async function runSteps(login: LoginRequest): Promise<LoginPart[]> {
  const parts: LoginPart[] = []
  for (const step of (login.stream.domain as StreamDomain).loginSteps) {
    const part = await step.run(login)
    if (part) parts.push(part)
  }
  return parts
}
