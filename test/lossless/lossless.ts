// `npm run lossless -- --kills 5000 --seed 1`: nothing that was acknowledged is lost or doubled, whatever dies.
import { parseArgs } from 'node:util'
import { Campaign } from './campaign.ts'
import { Balcony } from './servers/balcony.ts'
import { ejabberd } from './servers/ejabberd.ts'
import { prosody } from './servers/prosody.ts'
import type { ServerParts, TestedServer } from './servers/server.ts'

const serverByName: Readonly<Record<string, (parts: ServerParts) => TestedServer>> = {
  balcony: (parts) => new Balcony(parts),
  prosody,
  ejabberd,
}

const { values } = parseArgs({
  options: {
    kills: { type: 'string', default: '300' },
    seed: { type: 'string', default: '1' },
    'server-share': { type: 'string', default: '12' },
    server: { type: 'string', default: 'balcony' },
    'no-disk-troubles': { type: 'boolean', default: false },
    help: { type: 'boolean', short: 'h', default: false },
  },
})

const server = serverByName[values.server]
if (values.help || !server) {
  console.log(`npm run lossless -- [options]

  --kills N         connections, stays and servers that are ended (300)
  --seed N          other numbers give other kills (1)
  --server-share N  how many of a hundred are ends of the server (12)
  --server NAME     balcony, prosody or ejabberd, as they are installed (balcony)
  --no-disk-troubles  never starts the server on a disk that is full or slow`)
  process.exitCode = values.help ? 0 : 2
} else {
  const startedAt = performance.now()
  const result = await new Campaign({
    kills: Number(values.kills),
    seed: Number(values.seed),
    serverShare: Number(values['server-share']),
    server,
    hasDiskTroubles: !values['no-disk-troubles'],
    onProgress: (text) =>
      console.error(`${((performance.now() - startedAt) / 1000).toFixed(0).padStart(5)} s  ${text}`),
  }).run()
  const { conditions, verdict, deeds, returns, faults, serverErrors } = result
  for (const line of conditions) console.log(line)
  console.log({ seed: Number(values.seed), ...deeds, ...returns, ...verdict })
  for (const fault of faults.slice(0, 40)) console.log(`fault: ${fault}`)
  for (const error of serverErrors.slice(0, 10)) console.log(`logged: ${error}`)
  process.exitCode = faults.length === 0 ? 0 : 1
}
