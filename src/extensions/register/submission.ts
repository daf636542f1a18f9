// XEP-0077: what somebody filled in, as plain fields or as a form.
import type { Accounts } from '../../host/accounts.ts'
import { formIn } from '../../stanza/form.ts'
import { registerNamespace } from '../../stanza/namespaces.ts'
import { StanzaError } from '../../stanza/stanza-error.ts'
import type { Element } from '../../xml/element.ts'

/** What a client submits. */
export interface Submission {
  readonly username: string | undefined
  readonly password: string | undefined
  /** XEP-0077 §3.2: the account is to be removed. */
  readonly isRemoval: boolean
}

/**
 * Reads the `<query/>` of a registration; a form wins over plain fields.
 * @throws StanzaError bad-request for a removal that says anything besides (XEP-0077 §3.2)
 */
export function parseSubmission(query: Element): Submission {
  const isRemoval = query.child('remove', registerNamespace) !== undefined
  if (isRemoval && query.elements().length > 1) {
    throw new StanzaError('bad-request', 'an account is removed with <remove/> and nothing else')
  }
  const form = formIn(query)
  const field = (name: string) => form?.values.get(name)?.[0] ?? query.child(name)?.text
  return {
    username: field('username'),
    password: field('password'),
    isRemoval,
  }
}

/** @throws StanzaError not-acceptable for a password that is too short, or that no account may have (RFC 4013) */
export function checkPassword(accounts: Accounts, password: string, minLength: number): void {
  if ([...password].length < minLength) {
    throw new StanzaError('not-acceptable', `a password has at least ${minLength} characters`)
  }
  if (!accounts.isPossiblePassword(password)) {
    throw new StanzaError('not-acceptable', 'that cannot be a password')
  }
}
