// XEP-0388 §2.6.1: what is sent to a client between its log-in and the word that it is in.

/** What each stanza counts besides its own length. */
const overheadBytes = 64

/** Stanzas in order, up to a limit. */
export class HeldBack {
  readonly #limitBytes: number
  #stanzas: { readonly head: string; readonly rest: Uint8Array | undefined }[] = []
  #bytes = 0

  constructor(limitBytes: number) {
    this.#limitBytes = limitBytes
  }

  /** Keeps a stanza, its start as text and the bytes behind it; false, and nothing is kept any more, if that is too much. */
  add(head: string, rest: Uint8Array | undefined): boolean {
    this.#stanzas.push({ head, rest })
    this.#bytes += head.length + (rest?.length ?? 0) + overheadBytes
    if (this.#bytes <= this.#limitBytes) return true
    this.#stanzas = []
    return false
  }

  /** Gives all of them on. */
  release(send: (head: string, rest: Uint8Array | undefined) => void): void {
    for (const { head, rest } of this.#stanzas) send(head, rest)
  }
}
