// Requests of clients in memory, and their answers.
import type { MemoryClient } from '../src/server/memory-client.ts'
import type { Element } from '../src/xml/element.ts'

/** Asks `to`, or one's own account, and gives the answer, be it an error; what came besides is taken too. */
export async function answerTo(
  client: MemoryClient,
  type: 'get' | 'set',
  payload: string,
  to?: string,
): Promise<Element | undefined> {
  await client.send(`<iq type='${type}' id='asked'${to === undefined ? '' : ` to='${to}'`}>${payload}</iq>`)
  return client.takeAll().find((stanza) => stanza.attribute('id') === 'asked')
}
