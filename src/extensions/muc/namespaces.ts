// XEP-0045 §16.1: the names of its namespaces and forms.

export const mucAdminNamespace = 'http://jabber.org/protocol/muc#admin'

export const roomConfigForm = 'http://jabber.org/protocol/muc#roomconfig'
export const roomInfoForm = 'http://jabber.org/protocol/muc#roominfo'
export const mucRegisterForm = 'http://jabber.org/protocol/muc#register'
