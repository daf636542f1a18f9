// The log of a server that is run: JSON for programs, lines for people.
import { inspect, styleText } from 'node:util'
import { pino } from 'pino'
import type { Log, LogData } from '../base/log.ts'

export type LogLevel = 'debug' | 'info' | 'warn' | 'error' | 'silent'

/** A log whose level can be changed, for its children too. */
export interface CommandLog extends Log {
  setLevel(level: LogLevel): void
}

interface Output {
  write(line: string): unknown
}

/** The log that a configuration asks for; `auto` is text on a terminal. */
export function makeLog(
  { level, format }: { level: LogLevel; format: 'auto' | 'text' | 'json' },
  output: Output & { readonly isTTY?: boolean },
): CommandLog {
  const isText = format === 'text' || (format === 'auto' && output.isTTY === true)
  return isText ? new TextLog(output, { level }, {}, output.isTTY === true) : jsonLog(level, output)
}

function jsonLog(level: LogLevel, output: Output): CommandLog {
  const logger = pino(
    {
      level,
      base: null,
      timestamp: pino.stdTimeFunctions.isoTime,
      messageKey: 'event',
      errorKey: 'error',
      formatters: { level: (label) => ({ level: label }) },
    },
    output as { write(line: string): void },
  )
  return new JsonLog(logger)
}

class JsonLog implements CommandLog {
  readonly #root: pino.Logger
  readonly #data: LogData

  constructor(root: pino.Logger, data: LogData = {}) {
    this.#root = root
    this.#data = data
  }

  setLevel(level: LogLevel): void {
    this.#root.level = level
  }

  debug(event: string, data?: LogData): void {
    this.#root.debug({ ...this.#data, ...data }, event)
  }

  info(event: string, data?: LogData): void {
    this.#root.info({ ...this.#data, ...data }, event)
  }

  warn(event: string, data?: LogData): void {
    this.#root.warn({ ...this.#data, ...data }, event)
  }

  error(event: string, data?: LogData): void {
    this.#root.error({ ...this.#data, ...data }, event)
  }

  child(data: LogData): Log {
    return new JsonLog(this.#root, { ...this.#data, ...data })
  }
}

const ranks: Readonly<Record<LogLevel, number>> = { debug: 0, info: 1, warn: 2, error: 3, silent: 4 }
const colors = { debug: 'gray', info: 'green', warn: 'yellow', error: 'red' } as const

class TextLog implements CommandLog {
  readonly #output: Output
  readonly #shared: { level: LogLevel }
  readonly #data: LogData
  readonly #hasColor: boolean

  constructor(output: Output, shared: { level: LogLevel }, data: LogData, hasColor: boolean) {
    this.#output = output
    this.#shared = shared
    this.#data = data
    this.#hasColor = hasColor
  }

  setLevel(level: LogLevel): void {
    this.#shared.level = level
  }

  debug(event: string, data?: LogData): void {
    this.#write('debug', event, data)
  }

  info(event: string, data?: LogData): void {
    this.#write('info', event, data)
  }

  warn(event: string, data?: LogData): void {
    this.#write('warn', event, data)
  }

  error(event: string, data?: LogData): void {
    this.#write('error', event, data)
  }

  child(data: LogData): Log {
    return new TextLog(this.#output, this.#shared, { ...this.#data, ...data }, this.#hasColor)
  }

  #write(level: keyof typeof colors, event: string, data: LogData = {}): void {
    if (ranks[level] < ranks[this.#shared.level]) return
    const time = this.#styled('gray', new Date().toTimeString().slice(0, 8))
    let line = `${time} ${this.#styled(colors[level], level.padEnd(5))} ${event}`
    let stack = ''
    for (const [key, value] of Object.entries({ ...this.#data, ...data })) {
      if (value instanceof Error) stack += `\n${inspect(value)}`
      else if (value !== undefined) line += `  ${this.#styled('cyan', `${key}=`)}${shown(value)}`
    }
    this.#output.write(`${line}${stack}\n`)
  }

  #styled(style: 'gray' | 'cyan' | (typeof colors)[keyof typeof colors], text: string): string {
    return this.#hasColor ? styleText(style, text, { validateStream: false }) : text
  }
}

// What others sent may hold line ends and terminal commands: only the printable goes out as it is.
const plain = /^[\p{L}\p{N}\p{P}\p{S}]+$/u

function shown(value: unknown): string {
  if (typeof value === 'number' || typeof value === 'boolean') return String(value)
  const text = typeof value === 'string' ? value : (JSON.stringify(value) ?? String(value))
  return plain.test(text) ? text : JSON.stringify(text)
}
