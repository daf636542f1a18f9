// XEP-0060 §7.1.5: what must hold of a node for an item to be published.
import type { SubmittedForm } from '../../stanza/form.ts'
import type { StanzaError } from '../../stanza/stanza-error.ts'
import { isSame, readValue } from './config-form.ts'
import type { Node } from './node.ts'
import type { PubSubService } from './pubsub-service.ts'
import { refusal } from './refusal.ts'
import type { NodeConfig } from './settings/node-config.ts'
import type { NodeSetting } from './settings/setting.ts'
import { settingOf } from './settings/settings.ts'

/** Refuses by throwing, unless the node is configured as the publisher expects. */
export function checkPreconditions(service: PubSubService, node: Node, options: SubmittedForm): void {
  for (const [field, values] of options.values) {
    const setting = knownSetting(field)
    const wanted = setting.kind.parse(values, service.settingLimits)
    if (wanted === undefined || !isSame(wanted, node.config.get(setting))) {
      throw notMet(`Field does not match: ${shortNameOf(field)}`)
    }
  }
}

/** The configuration of a node that is made for an item: the defaults, and what the publisher expects. */
export function configOfOptions(service: PubSubService, options: SubmittedForm | undefined): NodeConfig {
  const config = service.policy.defaults.child()
  for (const [field, values] of options?.values ?? []) {
    const setting = knownSetting(field)
    config.set(setting, readValue(service, setting, values))
  }
  return config
}

// A field that nobody knows cannot be said to hold.
function knownSetting(field: string): NodeSetting {
  const setting = settingOf(field)
  if (!setting) throw notMet(`Field is not known: ${shortNameOf(field)}`)
  return setting
}

function notMet(text: string): StanzaError {
  return refusal('conflict', 'precondition-not-met', text)
}

function shortNameOf(field: string): string {
  return field.replace(/^pubsub#/, '').slice(0, 100)
}
