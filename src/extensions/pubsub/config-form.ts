// XEP-0060 §8.2: a node's settings as a form, and a submitted form as changes.
import { type Field, form, formIn, type SubmittedForm } from '../../stanza/form.ts'
import { StanzaError } from '../../stanza/stanza-error.ts'
import type { Value } from '../../storage/storage.ts'
import type { Element } from '../../xml/element.ts'
import { nodeConfigForm } from './namespaces.ts'
import type { PubSubService } from './pubsub-service.ts'
import { refusal } from './refusal.ts'
import { accessModel } from './settings/access-model.ts'
import type { NodeConfig } from './settings/node-config.ts'
import type { NodeSetting } from './settings/setting.ts'
import { nodeSettings, settingOf } from './settings/settings.ts'

/** The form that owners get: every setting with its value. */
export function configForm(service: PubSubService, config: NodeConfig): Element {
  const { hiddenSettings } = service.forms
  const fields = nodeSettings
    .filter(({ field }) => !hiddenSettings.includes(field))
    .map((setting) => settingField(service, setting, config))
  return form({ type: 'form', formType: nodeConfigForm, fields })
}

/** A configuration as it is told to subscribers (XEP-0060 §8.2.5). */
export function configResult(service: PubSubService, config: NodeConfig): Element {
  const fields = nodeSettings.map((setting) => valueField(service, setting, config))
  return form({ type: 'result', formType: nodeConfigForm, fields })
}

/** The form inside a request; `undefined` if there is none. */
export function submittedForm(parent: Element | undefined, formType: string): SubmittedForm | undefined {
  const submitted = formIn(parent)
  if (submitted?.formType === undefined || submitted.formType === formType) return submitted
  throw new StanzaError('bad-request', `that is no form of ${formType}`)
}

/**
 * A configuration with what somebody submitted. Fields that are left out stay as they are; those nobody knows are
 * passed over.
 * @throws StanzaError not-acceptable for a value that cannot be
 */
export function withForm(service: PubSubService, config: NodeConfig, submitted: SubmittedForm): NodeConfig {
  const draft = config.draft()
  for (const [field, values] of submitted.values) {
    const setting = settingOf(field)
    if (setting) draft.set(setting, readValue(service, setting, values))
  }
  return draft
}

/** Reads one field's values; refuses by throwing what the service cannot do. */
export function readValue(service: PubSubService, setting: NodeSetting, values: readonly string[]): Value {
  const value = setting.kind.parse(values, service.settingLimits)
  if (setting.field === accessModel.field && !(service.policy.accessModels as Set<unknown>).has(value)) {
    // XEP-0060 §8.1.3
    throw refusal('not-acceptable', 'unsupported-access-model', 'nodes here cannot have that access model')
  }
  if (value === undefined) throw new StanzaError('not-acceptable', `${setting.field} cannot be that`)
  return value
}

/** Whether two configurations come to the same. */
export function isSameConfig(one: NodeConfig, other: NodeConfig): boolean {
  return nodeSettings.every((setting) => isSame(one.get(setting), other.get(setting)))
}

/** Whether two values of a setting are the same. */
export function isSame(one: Value, other: Value): boolean {
  return one === other || JSON.stringify(one) === JSON.stringify(other)
}

/** A setting with its value, for those who cannot change it. */
export function valueField({ forms }: PubSubService, setting: NodeSetting, config: NodeConfig): Field {
  const { field, kind } = setting
  const label = forms.labels[field] ?? setting.label
  const values = kind.format(config.get(setting))
  return { var: field, type: kind.type, ...(label === '' ? {} : { label }), values }
}

function settingField(service: PubSubService, setting: NodeSetting, config: NodeConfig): Field {
  const { kind } = setting
  return {
    ...valueField(service, setting, config),
    ...(kind.options ? { options: kind.options } : {}),
    ...(kind.extra ? { extra: kind.extra(service.settingLimits) } : {}),
  }
}
