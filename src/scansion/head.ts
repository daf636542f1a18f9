// The head of a script: title, tags and characters.
import { firstColumn, isBlank, isComment, isIndented, quote, type Report, type SourceLine } from './lines.ts'
import type { Character, Tag } from './script.ts'

/** What stands before the line of dashes. */
export interface Head {
  readonly title: string
  readonly description: readonly string[]
  readonly tags: readonly Tag[]
  readonly characters: readonly Character[]
}

interface Setting {
  readonly value: string
  readonly line: number
  readonly column: number
}

/** A character whose settings are still being read. */
interface Draft {
  readonly name: string
  readonly line: number
  readonly settings: Map<string, Setting>
}

/** Reads the lines before the dashes. */
export function parseHead(lines: readonly SourceLine[], report: Report): Head {
  const texts: string[] = []
  const tags: Tag[] = []
  const drafts: Draft[] = []
  for (const line of lines) {
    const { text, number } = line
    let fault: LineFault | undefined
    if (isBlank(text)) continue
    if (isIndented(text)) fault = readSetting(line, drafts.at(-1))
    else if (text.startsWith('##')) tags.push(parseTag(text.slice(2)))
    else if (text.startsWith('#')) texts.push(text.slice(1).trim())
    else if (!isComment(text)) fault = readDefinition(line, drafts)
    if (fault) report(number, ...fault)
  }
  const characters = drafts.flatMap((draft) => finish(draft, report) ?? [])
  const [title = '', ...description] = texts
  return { title, description, tags, characters }
}

function parseTag(text: string): Tag {
  const colon = text.indexOf(':')
  if (colon < 0) return { name: text.trim() }
  return { name: text.slice(0, colon).trim(), value: text.slice(colon + 1).trim() }
}

/** What is wrong with a line: a column, and what was expected there. */
type LineFault = readonly [column: number, message: string]

function readDefinition({ number, text: whole }: SourceLine, drafts: Draft[]): LineFault | undefined {
  const text = whole.trimEnd()
  const match = /^\[([^\]]*)\]\s*(.*)$/.exec(text)
  if (!match) return [1, `expected “[Client] NAME”, “# text” or a line of dashes, not ${quote(text)}`]
  const [, type = '', name = ''] = match
  if (type !== 'Client') return [2, `expected the type Client, not ${quote(type)}`]
  if (name === '') return [text.length + 1, 'expected a name after “[Client]”']
  if (drafts.some((draft) => draft.name === name)) {
    return [text.length - name.length + 1, `expected a new name: ${quote(name)} is defined above`]
  }
  drafts.push({ name, line: number, settings: new Map() })
  return undefined
}

function readSetting({ number, text: whole }: SourceLine, draft: Draft | undefined): LineFault | undefined {
  const text = whole.trim()
  const column = firstColumn(whole)
  if (text.startsWith('#')) return undefined
  const colon = text.indexOf(':')
  if (colon < 1) return [column, `expected “key: value”, not ${quote(text)}`]
  if (!draft) return [column, `expected “[Client] NAME” before ${quote(text)}`]
  const value = text.slice(colon + 1).trim()
  draft.settings.set(text.slice(0, colon).trim(), {
    value,
    line: number,
    column: column + text.length - value.length,
  })
  return undefined
}

function finish(draft: Draft, report: Report): Character | undefined {
  const { settings, name, line } = draft
  const jid = settings.get('jid')
  if (!jid) {
    report(line, 1, `expected a line “jid: …” below [Client] ${name}`)
    return undefined
  }
  const slash = jid.value.indexOf('/')
  const bareJid = slash < 0 ? jid.value : jid.value.slice(0, slash)
  if (!/^[^@\s]+@[^@\s]+$/.test(bareJid)) {
    report(jid.line, jid.column, `expected an address like user@domain, not ${quote(jid.value)}`)
  }
  const resource = (slash < 0 ? '' : jid.value.slice(slash + 1)) || settings.get('resource')?.value
  const connectHost = settings.get('connect_host')?.value
  const connectPort = readPort(settings.get('connect_port'), report)
  return {
    name,
    line,
    bareJid,
    password: settings.get('password')?.value ?? '',
    ...(resource ? { resource } : {}),
    ...(connectHost ? { connectHost } : {}),
    ...(connectPort ? { connectPort } : {}),
  }
}

function readPort(setting: Setting | undefined, report: Report): number | undefined {
  if (!setting) return undefined
  const port = Number(setting.value)
  if (/^\d+$/.test(setting.value) && port > 0 && port < 65_536) return port
  report(setting.line, setting.column, `expected a port from 1 to 65535, not ${quote(setting.value)}`)
  return undefined
}
