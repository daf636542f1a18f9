// Where reports go.

/** Where a report is written. */
export interface Sink {
  write(text: string): unknown
  /** Whether a person sees it at once, so that a line may be written over. */
  readonly isTTY?: boolean
}
