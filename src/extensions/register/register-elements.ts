// XEP-0077: the elements of registration.
import { form } from '../../stanza/form.ts'
import { registerNamespace } from '../../stanza/namespaces.ts'
import { type Element, element } from '../../xml/element.ts'

export const registerFeatureNamespace = 'http://jabber.org/features/iq-register'

/** What somebody who has no account is asked for: plain fields and the same as a form (XEP-0077 §4). */
export function registrationForm(instructions: string): Element {
  return element(
    'query',
    registerNamespace,
    {},
    element('instructions', registerNamespace, {}, instructions),
    element('username', registerNamespace),
    element('password', registerNamespace),
    form({
      type: 'form',
      formType: registerNamespace,
      title: 'Make an account',
      instructions,
      fields: [
        { var: 'username', type: 'text-single', label: 'User name', isRequired: true },
        { var: 'password', type: 'text-private', label: 'Password', isRequired: true },
      ],
    }),
  )
}

/** What somebody who has an account is told (XEP-0077 §3.1). */
export function registered(username: string): Element {
  return element(
    'query',
    registerNamespace,
    {},
    element('registered', registerNamespace),
    element(
      'instructions',
      registerNamespace,
      {},
      'You have an account. A new password replaces the one you have.',
    ),
    element('username', registerNamespace, {}, username),
    element('password', registerNamespace),
  )
}
