// The scenarios, in the order in which they are run.
import { chat, chatArchived, chatSingle, chatWebSocket } from './chat.ts'
import { fanOut } from './fan-out.ts'
import { idleMemory } from './idle-memory.ts'
import { login, loginFast, loginScram } from './login.ts'
import { ping } from './ping.ts'
import { rooms } from './rooms.ts'
import type { Scenario } from './scenario.ts'

/** Those that are run unless others are named. */
export const usualScenarios: readonly Scenario[] = [
  login,
  loginScram,
  chat,
  chatSingle,
  chatArchived,
  chatWebSocket,
  fanOut,
  ping,
  idleMemory,
]

/** Every scenario there is. */
export const scenarios: readonly Scenario[] = [...usualScenarios, loginFast, ...rooms]
