// The usual list of extensions for a domain with accounts: the table of contents.
import type { Extension } from '../../host/extension.ts'
import { archive } from '../archive/archive.ts'
import { avatarConversion } from '../avatar-conversion/avatar-conversion.ts'
import { avatarHash } from '../avatar-hash/avatar-hash.ts'
import { bind2 } from '../bind2/bind2.ts'
import { blocking } from '../blocking/blocking.ts'
import { bookmarkConversion } from '../bookmark-conversion/bookmark-conversion.ts'
import { carbons } from '../carbons/carbons.ts'
import { clientAccess } from '../client-access/client-access.ts'
import { clientState } from '../client-state/client-state.ts'
import { contactAddresses } from '../contact-addresses/contact-addresses.ts'
import { disco } from '../disco/disco.ts'
import { entityCaps } from '../entity-caps/entity-caps.ts'
import { externalServices } from '../external-services/external-services.ts'
import { fast } from '../fast/fast.ts'
import { last } from '../last/last.ts'
import { offline } from '../offline/offline.ts'
import { pep } from '../pep/pep.ts'
import { ping } from '../ping/ping.ts'
import { privateStorage } from '../private-storage/private-storage.ts'
import { push } from '../push/push.ts'
import { register } from '../register/register.ts'
import { reports } from '../reports/reports.ts'
import { roster } from '../roster/roster.ts'
import { streamLimits } from '../stream-limits/stream-limits.ts'
import { streamManagement } from '../stream-management/stream-management.ts'
import { time } from '../time/time.ts'
import { vcard } from '../vcard/vcard.ts'
import { vcard4 } from '../vcard4/vcard4.ts'
import { version } from '../version/version.ts'

export const standard: readonly Extension[] = [
  disco,
  streamLimits,
  streamManagement,
  clientState,
  offline,
  roster,
  entityCaps,
  blocking,
  reports,
  pep,
  archive,
  ping,
  version,
  time,
  last,
  register,
  vcard,
  avatarHash,
  avatarConversion,
  vcard4,
  carbons,
  push,
  privateStorage,
  bookmarkConversion,
  contactAddresses,
  externalServices,
  clientAccess,
  bind2,
  fast,
]
