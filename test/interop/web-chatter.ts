// Somebody who uses the web chat in a real browser, by what is seen on the page.
import type { Browser, Page } from 'puppeteer-core'

/** The box of whom or what one chats with, by kind. */
const textOf = { chat: 'converse-chat textarea.chat-textarea', room: 'converse-muc textarea.chat-textarea' }

/** What a file is given to: its type is of browsers, whose types are not loaded here. */
interface FileInput {
  uploadFile(path: string): Promise<void>
}

/** One person with a browser of their own: nothing is shared with others, not even what the browser keeps. */
export class WebChatter {
  readonly #page: Page
  /** Addresses that the page asked for on other servers. */
  readonly elsewhere: string[] = []
  /** What went wrong in the page's scripts. */
  readonly faults: string[] = []

  private constructor(page: Page, origin: string) {
    this.#page = page
    page.on('request', (request) => {
      const url = request.url()
      if (/^https?:/.test(url) && !url.startsWith(`${origin}/`)) this.elsewhere.push(url)
    })
    page.on('pageerror', (error) => this.faults.push(String(error)))
  }

  /** Opens the web chat at `url`. */
  static async open(browser: Browser, url: string): Promise<WebChatter> {
    const page = await (await browser.createBrowserContext()).newPage()
    await page.setViewport({ width: 1000, height: 680 })
    page.setDefaultTimeout(60_000)
    const chatter = new WebChatter(page, new URL(url).origin)
    await page.goto(url)
    return chatter
  }

  async logIn(name: string, password: string): Promise<void> {
    await this.#type('input[name=jid]', name)
    await this.#type('input[name=password]', password)
    await this.#page.keyboard.press('Enter')
    await this.isIn()
  }

  /** Resolves when somebody is logged in. */
  async isIn(): Promise<void> {
    await this.#page.waitForSelector('converse-user-profile')
  }

  /** Opens the chat with somebody. */
  async chatWith(address: string): Promise<void> {
    await this.#goTo(`#converse/chat?jid=${address}`, textOf.chat)
  }

  /** Follows a room link; resolves in the room. */
  async enter(room: string): Promise<void> {
    await this.#goTo(`#${room}`, textOf.room)
  }

  /** Follows a room link to where a password is asked for. */
  async comeToDoorOf(room: string): Promise<void> {
    await this.#goTo(`#${room}`, 'converse-muc-password-form input[type=password]')
  }

  /** Resolves when a password is asked for. */
  async isAtDoor(): Promise<void> {
    await this.#page.waitForSelector('converse-muc-password-form input[type=password]')
  }

  /** Gives a password at the door. */
  async tryPassword(password: string): Promise<void> {
    await this.#set('converse-muc-password-form input[type=password]', '')
    await this.#type('converse-muc-password-form input[type=password]', password)
    await this.#page.keyboard.press('Enter')
  }

  /** Sets the password of the room that one is in, as its owner. */
  async protectRoom(password: string): Promise<void> {
    await this.#click('.configure-chatroom-button')
    const form = (name: string) => `.chatroom-form input[name="muc#roomconfig_${name}"]`
    await this.#page.waitForSelector(form('roomsecret'))
    await this.#page.evaluate(`document.querySelector('${form('passwordprotectedroom')}').checked = true`)
    await this.#set(form('roomsecret'), password)
    await this.#click('.chatroom-form [type=submit]')
    await this.#page.waitForSelector(form('roomsecret'), { hidden: true })
  }

  async say(kind: 'chat' | 'room', text: string): Promise<void> {
    await this.#type(textOf[kind], text)
    await this.#page.keyboard.press('Enter')
  }

  /** Resolves when a text is to be seen. */
  async sees(text: string): Promise<void> {
    await this.#page.waitForFunction(`document.body.innerText.includes(${JSON.stringify(text)})`)
  }

  /** Sends a file to the room that one is in. */
  async sendFile(path: string): Promise<void> {
    const input = await this.#page.waitForSelector('converse-muc input.fileupload')
    await (input as unknown as FileInput).uploadFile(path)
  }

  /** Resolves when a picture that somebody has sent is to be seen; answers its address. */
  async seesPicture(): Promise<string> {
    const picture = `document.querySelector('converse-muc img[src*="/upload/"]')`
    await this.#page.waitForFunction(`${picture}?.naturalWidth > 0`)
    return (await this.#page.evaluate(`${picture}.src`)) as string
  }

  /** Makes a picture of the page, when it has come to rest. */
  async picture(path: `${string}.png`): Promise<void> {
    await this.#page.waitForNetworkIdle({ concurrency: 5, idleTime: 500 })
    await this.#page.screenshot({ path })
  }

  // Who follows a link before Converse.js is ready for it does so again.
  async #goTo(fragment: string, selector: string): Promise<void> {
    for (let tries = 1; ; tries += 1) {
      await this.#page.evaluate(
        `location.hash = ${JSON.stringify(fragment)}; dispatchEvent(new HashChangeEvent('hashchange'))`,
      )
      const found = await this.#page.waitForSelector(selector, { timeout: 5_000 }).catch(() => undefined)
      if (found) return
      if (tries === 12) throw new Error(`${fragment} leads nowhere`)
    }
  }

  async #type(selector: string, text: string): Promise<void> {
    await this.#page.waitForSelector(selector)
    await this.#page.type(selector, text)
  }

  async #set(selector: string, text: string): Promise<void> {
    await this.#page.waitForSelector(selector)
    await this.#page.evaluate(
      `document.querySelector(${JSON.stringify(selector)}).value = ${JSON.stringify(text)}`,
    )
  }

  // By script: a menu need not be open for that.
  async #click(selector: string): Promise<void> {
    await this.#page.waitForSelector(selector)
    await this.#page.evaluate(`document.querySelector(${JSON.stringify(selector)}).click()`)
  }
}
