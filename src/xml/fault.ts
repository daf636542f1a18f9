// RFC 6120 §4.9.3: why XML that a peer sent is refused.

/** The stream error conditions that reading XML can come to. */
export type XmlFaultCondition =
  | 'bad-format'
  | 'not-well-formed'
  | 'policy-violation'
  | 'restricted-xml'
  | 'unsupported-encoding'

/** What is wrong with XML that was read. */
export interface XmlFault {
  readonly condition: XmlFaultCondition
  /** One sentence in English; nothing the peer wrote is repeated in it. */
  readonly text: string
  /** Where it was found: bytes since the reader was made. */
  readonly offset: number
}
