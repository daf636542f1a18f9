// RFC 6120: connecting, logging in, binding a resource and leaving again.
import { Generator } from '../generator/generator.ts'
import type { LogIn } from '../generator/login.ts'
import { scramLogIn, tokenLogIn } from '../generator/login-mechanisms.ts'
import { noFaults } from '../generator/tally.ts'
import type { Outcome, Run, Scenario } from './scenario.ts'
import { Visitors } from './visitors.ts'
import { measureWork, workMetrics } from './work.ts'

const atOnce = 50

/** How clients log in, and what that is called. */
interface Means {
  readonly name: string
  readonly what: string
  readonly isWebSocket?: boolean
  /** How, where it is another way than the server's usual one. Made anew for each run. */
  readonly logIn?: () => LogIn
  /** How many times as many a second as Prosody there must be. */
  readonly rateBar?: number
}

/** Clients that log in and out as fast as the server lets them, always `atOnce` of them. */
function loginBy({ name, what, isWebSocket = false, logIn, rateBar }: Means): Scenario {
  return {
    name,
    title: () => `log-ins (${what}, close), ${atOnce} at a time`,
    forRelay: false,
    sparesEjabberd: true,
    metrics: () => workMetrics('log-in', 'log-ins', {}, rateBar === undefined ? {} : { bar: rateBar }),
    accounts: () => atOnce,
    // RFC 5802 §5.1: the least that should be used.
    passwordIterations: 4096,
    isArchived: false,
    isWebSocket,
    run: (run) => measure(run, logIn?.() ?? run.server.logIn),
  }
}

/** With the password as it is. */
export const login = loginBy({ name: 'login', what: 'TCP, SASL PLAIN against a hash of 4,096 rounds, bind' })
/** With a proof of the password. */
export const loginScram = loginBy({
  name: 'login-scram',
  what: 'TCP, SCRAM-SHA-256, bind',
  logIn: scramLogIn,
  rateBar: 5,
})
/** With a token, for servers that have SASL2, FAST and Bind 2. */
export const loginFast = loginBy({
  name: 'login-fast',
  what: 'WebSocket, SASL2 with a token, Bind 2',
  isWebSocket: true,
  logIn: tokenLogIn,
})

async function measure(run: Run, logIn: LogIn): Promise<Outcome> {
  using generator = new Generator(run.server)
  const visitors = new Visitors(generator, async (account) => {
    const connection = generator.connect()
    await logIn(connection, account)
    return connection
  })
  visitors.start(0, atOnce)
  const figures = await measureWork(run, {
    count: () => visitors.loggedIn,
    pause: (ms) => visitors.pause(ms),
  })
  await visitors.stop()
  return { figures, faults: noFaults }
}
