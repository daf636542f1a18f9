// The scenarios, in the order in which they are run.
import { chat, chatArchived, chatDurable, chatManaged, chatSingle, chatTls, chatWebSocket } from './chat.ts'
import { fanOut, fanOutDurable, fanOutLarge, fanOutSmall } from './fan-out.ts'
import { idleMemory, idleMemoryHybrid, idleMemoryTls } from './idle-memory.ts'
import { login, loginFast, loginScram } from './login.ts'
import { mixed } from './mixed.ts'
import { paced } from './paced.ts'
import { ping } from './ping.ts'
import { presence, presence50 } from './presence.ts'
import { rooms } from './rooms.ts'
import type { Scenario } from './scenario.ts'
import { soak } from './soak.ts'
import { start } from './start.ts'

/** Those that are run unless others are named. */
export const usualScenarios: readonly Scenario[] = [
  start,
  login,
  loginScram,
  chat,
  chatSingle,
  chatDurable,
  chatArchived,
  chatManaged,
  chatTls,
  chatWebSocket,
  fanOut,
  fanOutDurable,
  fanOutSmall,
  fanOutLarge,
  ping,
  presence,
  presence50,
  mixed,
  paced,
  idleMemory,
  idleMemoryTls,
  idleMemoryHybrid,
  soak,
]

/** Every scenario there is. */
export const scenarios: readonly Scenario[] = [...usualScenarios, loginFast, ...rooms]
