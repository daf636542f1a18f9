// XEP-0045 §5: roles and affiliations, and which of two is the higher one.

/** Lasting relations to a room, lowest first (XEP-0045 §5.2). */
export const affiliations = ['outcast', 'none', 'member', 'admin', 'owner'] as const
export type Affiliation = (typeof affiliations)[number]

/** What an occupant may do during a visit, lowest first (XEP-0045 §5.1). */
export const roles = ['none', 'visitor', 'participant', 'moderator'] as const
export type Role = (typeof roles)[number]

/** A word from the wire as an affiliation, or `undefined`. */
export function parseAffiliation(text: string | undefined): Affiliation | undefined {
  return affiliations.find((word) => word === text)
}

/** A word from the wire as a role, or `undefined`. */
export function parseRole(text: string | undefined): Role | undefined {
  return roles.find((word) => word === text)
}

/** Whether `affiliation` is `least` or higher. */
export function isAtLeast(affiliation: Affiliation, least: Affiliation): boolean {
  return affiliations.indexOf(affiliation) >= affiliations.indexOf(least)
}

/** The role with which one enters (XEP-0045 §5.1.2). */
export function initialRole(affiliation: Affiliation, isModerated: boolean): Role {
  if (affiliation === 'outcast') return 'none'
  if (isAtLeast(affiliation, 'admin')) return 'moderator'
  return affiliation === 'none' && isModerated ? 'visitor' : 'participant'
}

/** The role of an occupant whose affiliation has changed (XEP-0045 §5.2.2). */
export function roleAfterChange(
  role: Role,
  before: Affiliation,
  now: Affiliation,
  isModerated: boolean,
): Role {
  const initial = initialRole(now, isModerated)
  if (initial === 'none' || initial === 'moderator') return initial
  // Whoever moderated because of an affiliation stops; who was made a moderator by hand remains one.
  if (role === 'moderator') return isAtLeast(before, 'admin') ? initial : role
  if (now === 'member') return 'participant'
  return before === now ? role : initial
}
