// Asking an archive, for tests.
import type { MemoryClient } from '../src/server/memory-client.ts'
import type { Element } from '../src/xml/element.ts'

const namespace = 'urn:xmpp:mam:2'

/** What a client asks for. */
export interface ArchiveQuestion {
  /** Fields of the form by name. */
  readonly fields?: Readonly<Record<string, string | readonly string[]>>
  /** What stands in the `<set/>`; none if it is missing. */
  readonly set?: string
  readonly flipped?: boolean
  readonly queryid?: string
  /** Whose archive; the client's own if it is missing. */
  readonly to?: string
}

/** What came of it. */
export interface ArchiveAnswer {
  readonly results: readonly Element[]
  /** Bodies of the messages, in the order in which they came. */
  readonly bodies: readonly string[]
  readonly ids: readonly string[]
  readonly fin: Element | undefined
  /** The condition of the error, if there was one. */
  readonly error: string | undefined
}

/** Asks an archive. What has come to the client before is thrown away. */
export async function ask(client: MemoryClient, question: ArchiveQuestion = {}): Promise<ArchiveAnswer> {
  client.takeAll()
  const to = question.to === undefined ? '' : ` to='${question.to}'`
  await client.send(`<iq type='set' id='ask'${to}>${queryText(question)}</iq>`)
  const stanzas = client.takeAll()
  const answer = stanzas.at(-1)
  const results = stanzas.slice(0, -1).map((message) => message.child('result', namespace) as Element)
  return {
    results,
    bodies: results.map((result) => messageIn(result)?.child('body')?.text ?? ''),
    ids: results.map((result) => result.attribute('id') ?? ''),
    fin: answer?.child('fin', namespace),
    error: answer?.child('error')?.elements()[0]?.name,
  }
}

/** The message inside a result. */
export function messageIn(result: Element): Element | undefined {
  return result.child('forwarded', 'urn:xmpp:forward:0')?.child('message', 'jabber:client')
}

/** A child of the `<set/>` in an answer, as text. */
export function inSet(answer: ArchiveAnswer, name: string): string | undefined {
  return answer.fin?.child('set', 'http://jabber.org/protocol/rsm')?.child(name)?.text
}

/** The `<query/>` of a question. */
export function queryText({ fields, set, flipped, queryid }: ArchiveQuestion): string {
  const fieldText = ([name, given]: [string, string | readonly string[]]) => {
    const values = typeof given === 'string' ? [given] : given
    return `<field var='${name}'>${values.map((value) => `<value>${value}</value>`).join('')}</field>`
  }
  const form =
    fields &&
    `<x xmlns='jabber:x:data' type='submit'>${[['FORM_TYPE', namespace] as [string, string], ...Object.entries(fields)].map(fieldText).join('')}</x>`
  const page = set === undefined ? '' : `<set xmlns='http://jabber.org/protocol/rsm'>${set}</set>`
  const id = queryid === undefined ? '' : ` queryid='${queryid}'`
  return `<query xmlns='${namespace}'${id}>${form ?? ''}${page}${flipped ? '<flip-page/>' : ''}</query>`
}
