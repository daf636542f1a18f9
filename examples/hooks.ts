// Hooks: what an app wants to know of messages and presence, or have a say in. Each is a step in a phase of their way.
import { standard } from '../src/extensions/standard/standard.ts'
import { defineExtension } from '../src/host/extension.ts'
import { jid } from '../src/jid/jid.ts'
import { createServer } from '../src/server/server.ts'
import { StanzaError } from '../src/stanza/stanza-error.ts'
import { memory } from '../src/storage/sqlite.ts'
import { element } from '../src/xml/element.ts'

/** What the app knows of who is there. */
const online = new Set<string>()

const house = defineExtension({
  name: 'house',
  setup(host) {
    // Before anything else is done with what accounts here send: it goes on unless the step throws or says 'stop'.
    host.sent.check(({ message }) => {
      if (message.child('body')?.text.includes('Montague'))
        throw new StanzaError('policy-violation', 'that name is not spoken here')
    })
    // What accounts here receive; stanzas are never changed, but others may be put in their place.
    host.received.stamp((delivery) => {
      const seen = element('seen', 'urn:example:house')
      delivery.message = delivery.message.with({ children: [...delivery.message.children, seen] })
    })
    host.presenceSent.announce(({ presence, session }) => {
      if (!session || presence.to) return
      if (presence.type === 'available') online.add(session.jid.toString())
      else online.delete(session.jid.toString())
    })
  },
})

await using server = createServer({
  storage: memory(),
  hosts: { 'example.org': { extensions: [...standard, house] } },
})
await server.start()
for (const name of ['romeo', 'juliet'])
  await server.host('example.org')?.accounts.create(jid(`${name}@example.org`), 'secret')

const romeo = await server.connect('romeo@example.org/garden')
const juliet = await server.connect('juliet@example.org/balcony')
await juliet.send('<presence/>')
console.log('online:', ...online)
await romeo.send(`<message to='${juliet.jid}' type='chat'><body>I am a Montague</body></message>`)
console.log(
  'refused:',
  (await romeo.receive())?.child('error')?.child('text', 'urn:ietf:params:xml:ns:xmpp-stanzas')?.text,
)
await juliet.receive()
await romeo.send(`<message to='${juliet.jid}' type='chat'><body>I am Romeo</body></message>`)
console.log('stamped:', (await juliet.receive())?.child('seen', 'urn:example:house') !== undefined)
