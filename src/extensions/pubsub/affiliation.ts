// XEP-0060 §4.1: what somebody is to a node, and what that allows.

/** In the order of what they allow, from the most to the least. */
export const affiliations = ['owner', 'publisher', 'publish-only', 'member', 'none', 'outcast'] as const

export type Affiliation = (typeof affiliations)[number]

/** An affiliation as it is written; `undefined` if there is none of that name. */
export function parseAffiliation(text: string | undefined): Affiliation | undefined {
  return affiliations.find((affiliation) => affiliation === text)
}
