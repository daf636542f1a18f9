// Names that scripts and the runner share: namespaces and the marks with a meaning of their own.

/** The prefix `scansion:` in the stanzas of a script; it never travels. */
export const scansionNamespace = 'https://matthewwild.co.uk/projects/scansion'
/** RFC 6120 §4.8.3: what a client's stanzas are in. */
export const clientNamespace = 'jabber:client'
/** RFC 6120 §4.8.1: the stream's own namespace. */
export const streamNamespace = 'http://etherx.jabber.org/streams'

/** The attribute `scansion:strict`, as it stands in an element's list of attributes. */
export const strictAttribute = `{${scansionNamespace}}strict`

/** Whether an attribute is an instruction to the runner rather than part of the stanza. */
export function isInstruction(attribute: string): boolean {
  return attribute.startsWith(`{${scansionNamespace}}`)
}
