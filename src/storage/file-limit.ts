// How far a file may grow.
import type { DatabaseSync, StatementSync } from 'node:sqlite'

/** The size of a page of a file that is made here. */
export const pageBytes = 4096
/**
 * Pages beyond the limit for what only removes or puts in order what is there: a tree of rows may need another page before
 * it gives some back, and what cannot be forgotten because the file is full would come again after a kill.
 */
const pagesBeyond = 512

/** The limit of one file, which is a little wider for what makes room. */
export class FileLimit {
  readonly #database: DatabaseSync
  readonly #pages: number
  readonly #used: StatementSync
  #isWide = false

  /** `bytes` is what the file may grow to; a file that is larger stays as it is. */
  constructor(database: DatabaseSync, bytes: number) {
    this.#database = database
    this.#pages = Math.max(1, Math.floor(bytes / pageBytes))
    this.#used = database.prepare(`select page_count - freelist_count as pages
      from pragma_page_count, pragma_freelist_count`)
    this.#set(this.#pages)
  }

  /** Sets the limit for what comes now: something that may go a little beyond it, or anything else. */
  setFor({ mayExceed }: { readonly mayExceed: boolean }): void {
    if (this.#isWide === mayExceed) return
    this.#isWide = mayExceed
    this.#set(mayExceed ? this.#pages + pagesBeyond : this.#pages)
  }

  /** Pages up to the limit for all; fewer than none where something went beyond it. */
  room(): number {
    return this.#pages - Number(this.#used.get()?.pages)
  }

  #set(pages: number): void {
    this.#database.exec(`pragma max_page_count = ${pages}`)
  }
}
