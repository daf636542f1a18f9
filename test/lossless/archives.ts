// What the archives of accounts hold, read from the file itself.
import { join } from 'node:path'
import { DatabaseSync } from 'node:sqlite'

/** The ids of the messages that each account received, by bare address; nothing where there is no archive. */
export function readArchives(
  folder: string,
  users: readonly string[],
): ReadonlyMap<string, readonly string[]> {
  using database = new DatabaseSync(join(folder, 'data', 'balcony.sqlite'), { readOnly: true })
  const store = database.prepare(`select number from store where name = 'localhost/archive'`).get()?.number
  if (store === undefined) return new Map()
  const entries = database.prepare('select value from entry where store = ? and owner = ? order by number')
  return new Map(
    users.map((user) => {
      const address = `${user}@localhost`
      const texts = entries.all(store, user).map(({ value }) => JSON.parse(String(value)) as string)
      // The archive has what the account sent, too.
      const received = texts.filter((text) => attribute(text, 'to').startsWith(address))
      return [address, received.map((text) => attribute(text, 'id'))]
    }),
  )
}

function attribute(text: string, name: string): string {
  const value = new RegExp(`^<message[^>]*? ${name}=(?:'([^']*)'|"([^"]*)")`).exec(text)
  return (value?.[1] ?? value?.[2] ?? '').replaceAll('&gt;', '>')
}
