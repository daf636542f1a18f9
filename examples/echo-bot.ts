// A bot inside the server's own process: answers every message with the same words.
import { standard } from '../src/extensions/standard/standard.ts'
import { createServer } from '../src/server/server.ts'
import { memory } from '../src/storage/sqlite.ts'
import { element } from '../src/xml/element.ts'

await using server = createServer({ storage: memory(), hosts: { 'example.org': { extensions: standard } } })
await server.start()

const accounts = server.host('example.org')?.accounts
for (const name of ['anna', 'echo']) {
  const account = accounts?.address(name)
  if (account) await accounts?.create(account, `${name}'s secret`)
}

const bot = await server.connect('echo@example.org/bot')
const answering = (async () => {
  for (let stanza = await bot.receive(); stanza; stanza = await bot.receive()) {
    const from = stanza.attribute('from')
    const body = stanza.child('body')
    if (stanza.name !== 'message' || stanza.attribute('type') === 'error' || !from || !body) continue
    await bot.send(element('message', 'jabber:client', { to: from, type: 'chat' }, body))
  }
})()

const anna = await server.connect('anna@example.org/phone')
await anna.send("<message to='echo@example.org/bot' type='chat'><body>Is anybody there?</body></message>")
console.log(`echo: ${(await anna.receive())?.child('body')?.text}`)

bot.close()
await answering
