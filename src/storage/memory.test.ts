// The driver in memory.
import { testStorage } from './contract.ts'
import { sqlite } from './sqlite.ts'

testStorage(() => sqlite(':memory:'))
