// A server of what a configuration plans.
import type { Clock } from '../base/clock.ts'
import type { Ids } from '../base/ids.ts'
import type { Log } from '../base/log.ts'
import type { Files } from '../storage/files.ts'
import type { Driver } from '../storage/storage.ts'
import type { Tap } from '../stream/tapped-transport.ts'
import { hostLimitsOf, httpLimitsOf, streamLimitsOf } from './config-limits.ts'
import type { ServerPlan } from './read-config.ts'
import { createServer, type HostConfig, type Server } from './server.ts'

/** What a server needs besides its configuration. */
export interface ServerParts {
  readonly storage: Driver
  readonly files?: Files
  readonly log: Log
  readonly clock?: Clock
  readonly ids?: Ids
  readonly tap?: Tap
}

/** Makes the server; nothing runs until it is started. */
export function composeServer({ config, domains }: ServerPlan, parts: ServerParts): Server {
  const hosts: Record<string, HostConfig> = {}
  for (const plan of domains) {
    hosts[plan.domain] = {
      extensions: plan.extensions,
      options: plan.options,
      admins: plan.admins,
      createOnLogin: plan.settings.createOnLogin,
      ...(plan.settings.url !== undefined && { url: plan.settings.url }),
    }
    const { options, admins } = plan
    for (const { domain, extensions } of plan.services) hosts[domain] = { extensions, options, admins }
  }
  return createServer({
    ...parts,
    hosts,
    limits: hostLimitsOf(config.limits),
    streamLimits: streamLimitsOf(config.limits),
    web: { limits: httpLimitsOf(config.limits), ...config.web },
    policy: { requiresTls: config.login.requireTls, allowsPlainWithoutTls: config.login.plainWithoutTls },
    conflict: config.resourceConflict,
  })
}
