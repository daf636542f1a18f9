// `npm run lossless -- --kills 5000 --seed 1`: nothing that was acknowledged is lost or doubled, whatever dies.
import { parseArgs } from 'node:util'
import { Campaign } from './campaign.ts'

const { values } = parseArgs({
  options: {
    kills: { type: 'string', default: '300' },
    seed: { type: 'string', default: '1' },
    'server-share': { type: 'string', default: '12' },
    help: { type: 'boolean', short: 'h', default: false },
  },
})

if (values.help) {
  console.log(`npm run lossless -- [options]

  --kills N         connections, stays and servers that are ended (300)
  --seed N          other numbers give other kills (1)
  --server-share N  how many of a hundred are ends of the server (12)`)
} else {
  const startedAt = performance.now()
  const result = await new Campaign({
    kills: Number(values.kills),
    seed: Number(values.seed),
    serverShare: Number(values['server-share']),
    onProgress: (text) =>
      console.error(`${((performance.now() - startedAt) / 1000).toFixed(0).padStart(5)} s  ${text}`),
  }).run()
  const { verdict, deeds, returns, faults, serverErrors } = result
  console.log({ seed: Number(values.seed), ...deeds, ...returns, ...verdict })
  for (const fault of faults.slice(0, 40)) console.log(`fault: ${fault}`)
  for (const error of serverErrors.slice(0, 10)) console.log(`logged: ${error}`)
  process.exitCode = faults.length === 0 ? 0 : 1
}
