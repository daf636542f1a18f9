// The scenarios, in the order in which they are run.
import { chat, chatArchived, chatSingle } from './chat.ts'
import { fanOut } from './fan-out.ts'
import { idleMemory } from './idle-memory.ts'
import { login } from './login.ts'
import { ping } from './ping.ts'
import type { Scenario } from './scenario.ts'

/** Every scenario there is. */
export const scenarios: readonly Scenario[] = [
  login,
  chat,
  chatSingle,
  chatArchived,
  fanOut,
  ping,
  idleMemory,
]
