// XEP-0377: Spam Reporting
import { AttemptLimit } from '../../base/attempt-limit.ts'
import { flag, integer } from '../../base/options.ts'
import { defineExtension } from '../../host/extension.ts'
import type { ScopedHost } from '../../host/scoped-host.ts'
import { type Jid, jid } from '../../jid/jid.ts'
import { Message } from '../../stanza/stanza.ts'
import type { Archive } from '../../storage/storage.ts'
import { element } from '../../xml/element.ts'
import { blocking } from '../blocking/blocking.ts'
import { parseReports, type Report, reportingNamespace } from './parse-reports.ts'

/** A report as it is kept. */
export type KeptReport = Report & {
  /** Bare address; `''` once the account has been removed. */
  readonly reporter: string
  /** Milliseconds since 1970. */
  readonly when: number
}

/** What other extensions get of this one. */
export interface ReportsApi {
  /** The last `limit` reports, oldest first; of one address, bare, if `about` is given. */
  last(limit: number, about?: Jid): Promise<KeptReport[]>
}

// Reports are the host's, not the reporters'.
const owner = ''
const dayMs = 86_400_000
/** Reports that are looked through at a time. */
const pageSize = 200

/** Takes reports of spam and abuse that come with a command to block, keeps them and tells administrators. */
export const reports = defineExtension({
  name: 'reports',
  xep: { number: 377, version: '0.4.1' },
  needs: { blocking },
  options: {
    maxKept: integer(10_000, 'reports that are kept; older ones are dropped', { min: 1 }),
    perDay: integer(50, 'reports that one account may make in a day, beyond which they are ignored', {
      min: 1,
    }),
    tellAdmins: flag(false, 'send each report to the administrators as a message'),
  },
  setup(host, { blocking }, { maxKept, perDay, tellAdmins }): ReportsApi {
    const kept: Archive<KeptReport> = host.store.archive('reports')
    const rate = new AttemptLimit({ attempts: perDay, windowMs: dayMs }, host.clock)
    host.advertise(reportingNamespace)
    const take = async (report: KeptReport): Promise<void> => {
      const { reporter, reported, reason, when } = report
      host.log.info('reported', { reporter, reported, reason })
      const about = jid(reported).bare.toString()
      await kept.append(
        owner,
        { id: host.ids.ordered(when), when, with: about, value: report },
        { keep: maxKept },
      )
      if (tellAdmins) for (const admin of host.admins) await host.route(messageFor(admin, host, report))
    }
    host.keep(
      blocking.blocked(async ({ account, command }) => {
        const reporter = account.jid.toString()
        for (const report of parseReports(command)) {
          if (rate.take(reporter)) await take({ ...report, reporter, when: host.clock.now() })
        }
      }),
    )
    host.accountRemoved((account) => forgetReporter(kept, account))
    return {
      async last(limit, about) {
        const query = { limit, backward: true, ...(about ? { with: about.toString() } : {}) }
        return (await kept.find(owner, query))?.entries.map(({ value }) => value) ?? []
      },
    }
  },
})

/** That somebody was reported is the host's to know; by whom, and in which words, goes with the reporter's account. */
async function forgetReporter(kept: Archive<KeptReport>, account: Jid): Promise<void> {
  const reporter = account.toString()
  let after: string | undefined
  for (;;) {
    const page = await kept.find(owner, { limit: pageSize, ...(after === undefined ? {} : { after }) })
    for (const { id, value } of page?.entries ?? []) {
      if (value.reporter !== reporter) continue
      await kept.replace(owner, id, { value: { ...value, reporter: '', text: '', stanzaIds: [] } })
    }
    after = page?.entries.at(-1)?.id
    if (after === undefined || page?.isComplete) return
  }
}

function messageFor(admin: Jid, host: ScopedHost, { reporter, reported, reason, text }: KeptReport): Message {
  const summary = `${reporter} reports ${reported}: ${reason}`
  const body = element('body', 'jabber:client', {}, text === '' ? summary : `${summary}\n${text}`)
  return new Message('normal', { from: host.domain, to: admin, id: host.ids.id(), children: [body] })
}
