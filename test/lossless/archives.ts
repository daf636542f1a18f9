// What the archives of accounts hold, asked for page by page as clients do (XEP-0313).
import type { Element } from '../../src/xml/element.ts'
import { bindRequest } from '../raw-client.ts'
import { Connection } from './connection.ts'
import type { ArchivedIds } from './verdict.ts'

const mam = 'urn:xmpp:mam:2'
const rsm = 'http://jabber.org/protocol/rsm'
const pageSize = 250
const patienceMs = 120_000

/** The ids of the messages that each account received, by bare address. */
export async function readArchives(port: number, users: readonly string[]): Promise<ArchivedIds> {
  const idsByAddress = new Map<string, readonly string[]>()
  for (const user of users) idsByAddress.set(`${user}@localhost`, await readArchive(port, user))
  return idsByAddress
}

function readArchive(port: number, user: string): Promise<string[]> {
  const { promise, resolve, reject } = Promise.withResolvers<string[]>()
  const ids: string[] = []
  const timer = setTimeout(() => reject(new Error(`the archive of ${user} is not given`)), patienceMs)
  const connection = new Connection(
    port,
    { user, password: 'secret' },
    {
      onFeatures: () => connection.write(bindRequest('archivist')),
      onElement(element) {
        const last = element.child('fin', mam)
        const received = receivedId(element, `${user}@localhost`)
        if (received !== undefined) ids.push(received)
        else if (element.attribute('id') === 'bind') connection.write(pageRequest())
        else if (last && last.attribute('complete') !== 'true') connection.write(pageRequest(lastOf(last)))
        else if (last || element.attribute('type') === 'error') {
          connection.close()
          if (last) resolve(ids)
          else reject(new Error(`the archive of ${user} is refused`))
        }
      },
      onEnd: () => reject(new Error(`the archive of ${user} breaks off`)),
    },
  )
  return promise.finally(() => clearTimeout(timer))
}

function pageRequest(after = ''): string {
  const behind = after === '' ? '' : `<after>${after}</after>`
  const set = `<set xmlns='${rsm}'><max>${pageSize}</max>${behind}</set>`
  return `<iq type='set' id='page'><query xmlns='${mam}'>${set}</query></iq>`
}

function lastOf(fin: Element): string | undefined {
  return fin.child('set', rsm)?.child('last', rsm)?.text
}

/** The id of a message in the archive, if the account received it: it has what the account sent, too. */
function receivedId(element: Element, address: string): string | undefined {
  const forwarded = element.child('result', mam)?.child('forwarded', 'urn:xmpp:forward:0')
  const message = forwarded?.child('message', 'jabber:client')
  if (!message?.attribute('to')?.startsWith(address)) return undefined
  return message.attribute('id')
}
