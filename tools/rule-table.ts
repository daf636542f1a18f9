// Reads the tables of rules in documents: which clause is held by which tests.
import { existsSync, readFileSync } from 'node:fs'
import { dirname, join } from 'node:path'

/** The folder of the whole project. */
export const root = dirname(import.meta.dirname)

/** A rule: the clause, what it asks, the answer or code, and the tests and scripts that hold Balcony to it (from the root). */
export interface Rule {
  readonly clause: string
  readonly text: string
  readonly answer: string
  readonly heldBy: readonly string[]
}

/** The rules in the tables of a document (path from the root): rows whose clause begins with § or XEP-. */
export const rulesIn = (document: string): Rule[] =>
  readFileSync(join(root, document), 'utf8')
    .split('\n')
    .filter((line) => /^\| (§|XEP-)/.test(line))
    .map((line) => line.slice(2, -2).split(' | '))
    .map(([clause = '', text = '', answer = '', held = '']) => ({
      clause,
      text,
      answer,
      heldBy: pathsIn(held),
    }))

const pathsIn = (cell: string): string[] =>
  [...cell.matchAll(/`([^`]+)`/g)].map(([, path = '']) =>
    /^(test|src)\//.test(path) ? path : `src/extensions/${path}`,
  )

/** What is wrong with the rules of a document: those that nothing holds, and those that are held by what is not there. */
export const faultsOf = (rules: readonly Rule[]): string[] =>
  rules.flatMap(({ clause, text, heldBy }) => {
    if (heldBy.length === 0) return [`${clause}: ${text}: held by nothing`]
    return heldBy.filter((path) => !existsSync(join(root, path))).map((path) => `${clause}: no ${path}`)
  })
