// strophe.js, in a real browser, over WebSocket and over BOSH.
import { readFileSync } from 'node:fs'
import { createRequire } from 'node:module'
import { dirname, join } from 'node:path'
import { type Browser, launch, type Page } from 'puppeteer-core'
import { defineExtension } from '../../src/host/extension.ts'
import { chromiumLaunch, findChromium } from '../chromium.ts'
import { type LibraryLogin, type LibraryPerson, testLibrary } from './common-list.ts'

const chromium = findChromium()
const skip: string | false = 'reason' in chromium ? chromium.reason : false
const folder = dirname(createRequire(import.meta.url).resolve('strophe.js/package.json'))
const library = readFileSync(join(folder, 'dist/strophe.umd.min.js'), 'utf8')

/** A page of the same host, for browsers let no others in. */
const page = defineExtension({
  name: 'page',
  setup(host) {
    host.web.mount('/page', (app) => {
      app.get('/', (_request, reply) => reply.type('text/html').send('<!doctype html><title>page</title>'))
    })
  },
})

/** What runs in the page: gives `person` there the same names as `LibraryPerson` here. */
const script = `
let wake = []
const heard = [], more = () => new Promise((resolve) => wake.push(resolve))
const { Strophe, $iq, $msg, $pres } = window.strophe ?? window
let isInside = false, isStopped = false, hasResumed = false
const person = {
  login(url, name, password, isBosh) {
    const connection = (person.connection = new Strophe.Connection(url, { enableStreamManagement: true }))
    connection.maxRetries = 20
    // Handlers are forgotten with a connection.
    const listen = () => connection.addHandler((stanza) => {
      const body = stanza.querySelector('body')?.textContent
      if (stanza.tagName === 'message' && body) heard.push(body)
      if (stanza.querySelector('status[code="110"]')) isInside = true
      tell()
      return true
    })
    const connect = (onConnected) =>
      connection.connect(name + '@localhost', password, (status) => {
        if (status === Strophe.Status.CONNECTED) { listen(); onConnected() }
        else if (status === Strophe.Status.DISCONNECTED && !isStopped && !isBosh)
          setTimeout(() => connect(() => { hasResumed = connection.hasResumed(); tell() }), 50)
      })
    return new Promise((resolve) => connect(() => {
      connection.send($pres())
      resolve(connection.jid)
    }))
  },
  say: (to, type, body) => person.connection.send($msg({ to, type }).c('body').t(body)),
  async heard(body) { while (!heard.includes(body)) await more() },
  async enter(room, nick) {
    person.connection.send($pres({ to: room + '/' + nick }).c('x', { xmlns: 'http://jabber.org/protocol/muc' }))
    while (!isInside) await more()
  },
  archived() {
    let count = 0
    const counting = person.connection.addHandler((stanza) => {
      if (stanza.querySelector('result')) count += 1
      return true
    }, 'urn:xmpp:mam:2', 'message')
    return new Promise((resolve, reject) =>
      person.connection.sendIQ($iq({ type: 'set' }).c('query', { xmlns: 'urn:xmpp:mam:2' }), () => resolve(count), reject))
  },
  async isBack() { while (!hasResumed) await more() },
  stop() { isStopped = true; person.connection.disconnect('') },
}
function tell() { for (const resolve of wake.splice(0)) resolve() }
window.person = person
`

class StrophePerson implements LibraryPerson {
  readonly #login: LibraryLogin
  readonly #isBosh: boolean
  #browser: Browser | undefined
  #page: Page | undefined

  constructor(login: LibraryLogin, isBosh: boolean) {
    this.#login = login
    this.#isBosh = isBosh
  }

  async start(): Promise<string> {
    this.#browser = await launch(chromiumLaunch)
    this.#page = await this.#browser.newPage()
    await this.#page.goto(new URL('/page', this.#login.boshUrl).href)
    await this.#page.addScriptTag({ content: library })
    await this.#page.addScriptTag({ content: script })
    const { webSocketUrl, boshUrl, name, password } = this.#login
    return this.#call('login', this.#isBosh ? boshUrl : webSocketUrl, name, password, this.#isBosh)
  }

  say(to: string, type: string, body: string): void {
    void this.#call('say', to, type, body)
  }

  heard(body: string): Promise<void> {
    return this.#call('heard', body)
  }

  enter(room: string, nick: string): Promise<void> {
    return this.#call('enter', room, nick)
  }

  archived(): Promise<number> {
    return this.#call('archived')
  }

  async isBack(): Promise<void> {
    // A session over BOSH does not end with a connection.
    if (!this.#isBosh) await this.#call('isBack')
  }

  async stop(): Promise<void> {
    try {
      await this.#call('stop')
    } finally {
      await this.#browser?.close()
    }
  }

  /** Calls a function of the page's `person`. */
  async #call<Result>(name: string, ...args: (string | boolean)[]): Promise<Result> {
    const written = args.map((arg) => JSON.stringify(arg)).join(', ')
    return (await this.#page?.evaluate(`person.${name}(${written})`)) as Result
  }
}

const options = { extensions: [page], skip }
testLibrary('strophe.js over WebSocket', (login) => new StrophePerson(login, false), options)
testLibrary('strophe.js over BOSH', (login) => new StrophePerson(login, true), options)
