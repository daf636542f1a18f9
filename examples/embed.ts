// A server inside a program: two clients in memory talk, nothing listens, nothing is kept.
import { standard } from '../src/extensions/standard/standard.ts'
import { createServer } from '../src/server/server.ts'
import { memory } from '../src/storage/sqlite.ts'

await using server = createServer({ storage: memory(), hosts: { 'example.org': { extensions: standard } } })
await server.start()

const accounts = server.host('example.org')?.accounts
for (const name of ['romeo', 'juliet']) {
  const account = accounts?.address(name)
  if (account) await accounts?.create(account, `${name}'s secret`)
}

const romeo = await server.connect('romeo@example.org/garden')
const juliet = await server.connect('juliet@example.org/balcony')

await romeo.send("<message to='juliet@example.org/balcony' type='chat'><body>It is my lady</body></message>")
const message = await juliet.receive()
console.log(`${message?.attribute('from')}: ${message?.child('body')?.text}`)
