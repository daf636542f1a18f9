// XEP-0060 §15.1: the names of its namespaces and forms.

export const pubsubOwnerNamespace = 'http://jabber.org/protocol/pubsub#owner'
export const pubsubErrorsNamespace = 'http://jabber.org/protocol/pubsub#errors'

export const nodeConfigForm = 'http://jabber.org/protocol/pubsub#node_config'
export const metaDataForm = 'http://jabber.org/protocol/pubsub#meta-data'
export const subscribeOptionsForm = 'http://jabber.org/protocol/pubsub#subscribe_options'
export const subscribeAuthorizationForm = 'http://jabber.org/protocol/pubsub#subscribe_authorization'
