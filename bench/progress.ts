// One line on the terminal that says what is going on.

/** Shows what is being done while it is being done. */
export interface Progress {
  show(text: string): void
  /** Takes the line away. */
  clear(): void
}

/** On a terminal the line is overwritten, elsewhere only what `isStep` accepts is printed, a line each. */
export function terminalProgress(stream: NodeJS.WriteStream): Progress {
  if (!stream.isTTY) return plainProgress(stream)
  return {
    show: (text) => stream.write(`\r\x1b[2K${text.slice(0, stream.columns - 1)}`),
    clear: () => stream.write('\r\x1b[2K'),
  }
}

/** Prints a line when the first part of the text, up to the colon, changes. */
function plainProgress(stream: NodeJS.WriteStream): Progress {
  let shown = ''
  return {
    show(text) {
      const step = text.split(':')[0] as string
      if (step !== shown) stream.write(`${step}\n`)
      shown = step
    },
    clear() {},
  }
}

/** Says nothing. */
export const silentProgress: Progress = { show() {}, clear() {} }
