// XEP-0198 §9.2: coming back to a session together with logging in (XEP-0388).
import type { LoginStep } from '../../stream/sasl/login-step.ts'
import { type Element, element } from '../../xml/element.ts'
import type { ManagedSessions } from './managed-sessions.ts'
import { smNamespace } from './sm-elements.ts'

/** The step that takes `<resume/>` in `<authenticate/>`. What was missed follows behind the answer. */
export function inlineResumption(sessions: ManagedSessions): LoginStep {
  return {
    advertise: () => element('sm', smNamespace),
    async run({ request, stream }) {
      const resume = request.child('resume', smNamespace)
      if (!resume) return undefined
      let answer: Element | undefined
      await sessions.resume(resume, stream, (given) => {
        answer = given
      })
      return answer && { element: answer }
    },
  }
}
