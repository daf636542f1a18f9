// What goes over the wire, in lines that a person can read.
import { styleText } from 'node:util'
import type { Tap } from '../stream/tapped-transport.ts'

interface Output {
  write(text: string): unknown
  readonly isTTY?: boolean
}

const longestLine = 4000

/** A tap that writes every chunk as one line: `09:30:00 3 ← <presence/>`, the arrow pointing where it goes. */
export function trafficTo(output: Output): Tap {
  return (connection, direction, text) => {
    const time = new Date().toTimeString().slice(0, 8)
    const arrow = direction === 'in' ? '→ server' : '← server'
    const line = `${time} ${connection} ${arrow}  ${printable(text)}`
    const color = direction === 'in' ? 'cyan' : 'magenta'
    output.write(`${output.isTTY ? styleText(color, line, { validateStream: false }) : line}\n`)
  }
}

/** Text in one line, without what would command a terminal. */
export function printable(text: string): string {
  if (text.trim() === '') return '(white space)'
  const cut = text.length > longestLine ? `${text.slice(0, longestLine)}… (${text.length} characters)` : text
  return cut.replace(/\n/g, '⏎').replace(/[\p{Cc}\p{Cf}\p{Zl}\p{Zp}]/gu, (character) => {
    return `\\u{${(character.codePointAt(0) as number).toString(16)}}`
  })
}
