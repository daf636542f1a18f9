// XEP-0388: the elements of SASL2, read and made.
import { type Element, element } from '../../xml/element.ts'
import type { Beginning } from './authenticator.ts'
import { encodeBase64 } from './base64.ts'
import type { LoginPart, UserAgent } from './login-step.ts'

/** The namespace of SASL2. */
export const sasl2Namespace = 'urn:xmpp:sasl:2'

/** The longest name of a software or a device that is remembered; the rest is cut off. */
const agentTextLimit = 128

const uuid4 = /^[0-9a-f]{8}-[0-9a-f]{4}-4[0-9a-f]{3}-[89ab][0-9a-f]{3}-[0-9a-f]{12}$/i

/** How a client begins with `<authenticate/>`. */
export function beginningOf(request: Element): Beginning {
  return {
    mechanism: request.attribute('mechanism'),
    message: request.child('initial-response', sasl2Namespace)?.text.trim(),
    request,
  }
}

/** What `<authenticate/>` says of the client; `undefined` if its id is no UUID of version 4 (§2.3). */
export function parseUserAgent(request: Element): UserAgent | undefined {
  const agent = request.child('user-agent', sasl2Namespace)
  const id = agent?.attribute('id')
  if (id !== undefined && !uuid4.test(id)) return undefined
  const textOf = (name: string) =>
    agent?.child(name, sasl2Namespace)?.text.trim().slice(0, agentTextLimit) || undefined
  return { id: id?.toLowerCase(), software: textOf('software'), device: textOf('device') }
}

/** `<success/>`; `identifier` is a full address where a resource is bound. */
export function successElement(
  identifier: string,
  data: Uint8Array | string | undefined,
  parts: readonly LoginPart[],
): Element {
  return element(
    'success',
    sasl2Namespace,
    {},
    additionalData(data),
    element('authorization-identifier', sasl2Namespace, {}, identifier),
    ...parts.map((part) => part.element),
  )
}

/** `<continue/>`: the client has one more thing to do (§2.6.3). */
export function continueElement(task: string, data: Uint8Array | string | undefined): Element {
  const tasks = element('tasks', sasl2Namespace, {}, element('task', sasl2Namespace, {}, task))
  return element('continue', sasl2Namespace, {}, additionalData(data), tasks)
}

function additionalData(data: Uint8Array | string | undefined): Element | undefined {
  return data === undefined ? undefined : element('additional-data', sasl2Namespace, {}, encodeBase64(data))
}
