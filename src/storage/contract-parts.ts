// What the parts of the contract have in common.
import type { Driver, Store } from './storage.ts'

/** Makes a driver with nothing in it. */
export type MakeDriver = () => Driver | Promise<Driver>

/** Runs one test on a domain in which nothing has been stored. */
export type TestOnDomain = (name: string, run: (domain: Store) => Promise<void>) => void

/** Texts that have to work as owner, key, id, party and value: all of Unicode, and what could mean something. */
export const awkwardTexts = [
  '',
  ' ',
  "o'hara@example.org",
  '"quoted"; drop table item; --',
  '%_*?',
  'a/b',
  '__proto__',
  'constructor',
  'nul\u0000inside',
  'nul\u0000other',
  'Ünïcødé@exämple.org',
  'e\u0301',
  '\u00e9',
  '\uffff',
  '😀',
]
