// muc#roomconfig_roomowners and muc#roomconfig_roomadmins: lists of a room as fields of its form.
import type { Affiliation } from '../affiliation.ts'

/** A list of affiliations that can be edited in the form. */
export interface AffiliationList {
  readonly field: string
  readonly label: string
  readonly affiliation: Affiliation
  /** What becomes of those who are taken off the list. */
  readonly otherwise: Affiliation
}

const roomAdmins: AffiliationList = {
  field: 'muc#roomconfig_roomadmins',
  label: 'Admins of the room',
  affiliation: 'admin',
  otherwise: 'none',
}

const roomOwners: AffiliationList = {
  field: 'muc#roomconfig_roomowners',
  label: 'Owners of the room',
  affiliation: 'owner',
  // XEP-0045 §10.2: an owner who loses that status becomes an admin.
  otherwise: 'admin',
}

/** In the order in which they are read and shown. */
export const affiliationLists: readonly AffiliationList[] = [roomAdmins, roomOwners]
