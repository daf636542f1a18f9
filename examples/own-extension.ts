// An extension of one's own: an iq that is answered with a greeting, with an option for the words.
import { text } from '../src/base/options.ts'
import { defineExtension } from '../src/host/extension.ts'
import { createServer } from '../src/server/server.ts'
import { memory } from '../src/storage/sqlite.ts'
import { element } from '../src/xml/element.ts'

const namespace = 'urn:example:greet'

/** Greets whoever asks. */
export const greet = defineExtension({
  name: 'greet',
  options: { words: text('Good day', 'what is said before the name') },
  setup(host, _apis, { words }) {
    host.advertise(namespace)
    host.iq.get(namespace, 'greet', (iq) => element('greet', namespace, {}, `${words}, ${iq.from.local}`))
  },
})

if (import.meta.main) {
  await using server = createServer({
    storage: memory(),
    hosts: { 'example.org': { extensions: [greet], options: { greet: { words: 'Hello' } } } },
  })
  await server.start()
  const accounts = server.host('example.org')?.accounts
  const account = accounts?.address('anna')
  if (account) await accounts?.create(account, 'secret')
  const anna = await server.connect('anna@example.org/phone')
  await anna.send(`<iq type='get' id='1' to='example.org'><greet xmlns='${namespace}'/></iq>`)
  console.log((await anna.receive())?.child('greet', namespace)?.text)
}
