// XEP-0377 §4, §6: reports inside a command to block.
import { parseJid } from '../../jid/jid.ts'
import { blockingNamespace } from '../../stanza/namespaces.ts'
import type { Element } from '../../xml/element.ts'

export const reportingNamespace = 'urn:xmpp:reporting:1'
const stanzaIdNamespace = 'urn:xmpp:sid:0'

/** What somebody says of an address. */
export type Report = {
  readonly reported: string
  /** A URN: `urn:xmpp:reporting:spam`, `urn:xmpp:reporting:abuse` or another. */
  readonly reason: string
  /** In the reporter's words; `''` for none. */
  readonly text: string
  /** Which messages it is about, as the archive that `by` keeps knows them. */
  readonly stanzaIds: readonly { readonly by: string; readonly id: string }[]
}

// What people write, and some room.
const maxTextUnits = 2000
const maxReasonUnits = 200
const maxStanzaIds = 20
// Longer than addresses and ids are.
const maxIdUnits = 3100

/** The reports in a `<block/>`. Whatever is no report is passed over: §6, it must not keep the block from happening. */
export function parseReports(command: Element): Report[] {
  const found: Report[] = []
  for (const item of command.elements('item', blockingNamespace)) {
    const reported = parseJid(item.attribute('jid') ?? '')
    const report = item.child('report', reportingNamespace)
    const reason = report?.attribute('reason') ?? ''
    // §4: a report has a reason.
    if (!reported || !report || reason === '' || reason.length > maxReasonUnits) continue
    found.push({
      reported: reported.toString(),
      reason,
      text: textOf(report),
      stanzaIds: stanzaIdsOf(report),
    })
  }
  return found
}

function textOf(report: Element): string {
  const text = report.child('text')?.text.trim() ?? ''
  // Never half a character.
  return text.slice(0, maxTextUnits).replace(/[\ud800-\udbff]$/, '')
}

function stanzaIdsOf(report: Element): { by: string; id: string }[] {
  return report
    .elements('stanza-id', stanzaIdNamespace)
    .map((element) => ({ by: element.attribute('by') ?? '', id: element.attribute('id') ?? '' }))
    .filter(({ by, id }) => id !== '' && by.length + id.length <= maxIdUnits)
    .slice(0, maxStanzaIds)
}
