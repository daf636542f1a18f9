// Chat in a Fastify app: its users log in with the passwords that it knows, its pages stay its own, the web chat is at /chat.
import Fastify from 'fastify'
import { disco } from '../src/extensions/disco/disco.ts'
import { muc } from '../src/extensions/muc/muc.ts'
import { standard } from '../src/extensions/standard/standard.ts'
import { webChat } from '../src/extensions/web-chat/web-chat.ts'
import { createServer } from '../src/server/server.ts'
import { memory } from '../src/storage/sqlite.ts'

/** Makes the app; `users` are its passwords by name. Whoever closes it closes the chat too. */
export async function chatApp(users: ReadonlyMap<string, string>) {
  const app = Fastify()
  const chat = createServer({
    storage: memory(),
    auth: ({ username, password }) => users.get(username) === password,
    hosts: {
      localhost: { extensions: [...standard, webChat], options: { webChat: { path: '/chat' } } },
      'rooms.localhost': { extensions: [disco, muc] },
    },
  })

  app.get('/', () => 'A shop. <a href="/chat/">Chat with us</a>')
  app.post<{ Params: { user: string } }>('/parcels/:user', async ({ params }, reply) => {
    const body = 'Your parcel is on its way'
    await chat.send({ from: 'localhost', to: `${params.user}@localhost`, body })
    return reply.code(204).send()
  })

  await chat.start()
  const detach = await chat.attach(app.server)
  // Before the app waits for its connections to end: those of the chat end with a goodbye.
  app.addHook('preClose', async () => {
    await chat.close()
    detach()
  })
  return app
}

if (import.meta.main) {
  const app = await chatApp(new Map([['anna', 'wherefore']]))
  console.log(await app.listen({ host: '127.0.0.1', port: 0 }))
  await app.close()
}
