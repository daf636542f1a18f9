// Namespaces that more than one extension knows; what only one does stands there.

/** XEP-0045 */
export const mucNamespace = 'http://jabber.org/protocol/muc'
/** XEP-0045 */
export const mucOwnerNamespace = 'http://jabber.org/protocol/muc#owner'
/** XEP-0045 */
export const mucUserNamespace = 'http://jabber.org/protocol/muc#user'
/** XEP-0060 */
export const pubsubNamespace = 'http://jabber.org/protocol/pubsub'
/** XEP-0060 */
export const pubsubEventNamespace = 'http://jabber.org/protocol/pubsub#event'
/** XEP-0060 §15.1 */
export const publishOptionsForm = 'http://jabber.org/protocol/pubsub#publish-options'
/** XEP-0077 */
export const registerNamespace = 'jabber:iq:register'
/** XEP-0085 */
export const chatStatesNamespace = 'http://jabber.org/protocol/chatstates'
/** XEP-0115 */
export const capsNamespace = 'http://jabber.org/protocol/caps'
/** XEP-0122 */
export const validateNamespace = 'http://jabber.org/protocol/xdata-validate'
/** XEP-0191 */
export const blockingNamespace = 'urn:xmpp:blocking'
/** XEP-0249 */
export const conferenceNamespace = 'jabber:x:conference'
/** XEP-0280 */
export const carbonsNamespace = 'urn:xmpp:carbons:2'
/** XEP-0308 */
export const correctNamespace = 'urn:xmpp:message-correct:0'
/** XEP-0421 */
export const occupantIdNamespace = 'urn:xmpp:occupant-id:0'
/** XEP-0424 */
export const retractNamespace = 'urn:xmpp:message-retract:1'
