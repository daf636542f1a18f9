// `${…}` in stanzas: addresses of characters and what was captured.
import { Element, type Node } from '../xml/element.ts'
import type { Captures } from './match.ts'
import type { Character } from './script.ts'

/** A `${…}` that stands for nothing. */
export class UnknownVariable extends Error {
  override readonly name = 'UnknownVariable'
}

/** What `${…}` stands for in one performance of a script. */
export class Variables {
  readonly #characters = new Map<string, Character>()
  readonly #fullJids = new Map<string, string>()
  readonly #captured = new Map<string, string>()

  constructor(characters: readonly Character[]) {
    for (const character of characters) {
      this.#characters.set(character.name, character)
      if (character.resource) this.#fullJids.set(character.name, `${character.bareJid}/${character.resource}`)
    }
  }

  /** Keeps the address the server bound for a character. */
  bound(who: string, fullJid: string): void {
    this.#fullJids.set(who, fullJid)
  }

  /** Keeps what a match caught; the last value of a name wins. */
  capture(captures: Captures): void {
    for (const [name, value] of captures) this.#captured.set(name, value)
  }

  /**
   * `element` with every `${…}` in attribute values and text replaced.
   * @throws UnknownVariable if one stands for nothing
   */
  substitute(element: Element): Element {
    const attributes = element.attributes.map((item, index) => (index % 2 === 0 ? item : this.#fill(item)))
    const children = element.children.map(
      (node): Node => (typeof node === 'string' ? this.#fill(node) : this.substitute(node)),
    )
    return new Element(element.name, element.namespace, attributes, children)
  }

  #fill(text: string): string {
    if (!text.includes('${')) return text
    return text.replace(/\$\{([^}]*)\}/g, (_, expression: string) => this.#valueOf(expression))
  }

  #valueOf(expression: string): string {
    const [, who = '', which = ''] = /^(.*)'s (full JID|bare JID|JID)$/.exec(expression) ?? []
    const value = who === '' ? this.#captured.get(expression) : this.#address(who, which)
    if (value === undefined) throw new UnknownVariable(this.#complaint(expression, who))
    return value
  }

  #address(who: string, which: string): string | undefined {
    return which === 'full JID' ? this.#fullJids.get(who) : this.#characters.get(who)?.bareJid
  }

  #complaint(expression: string, who: string): string {
    if (who === '') return `\${${expression}} has not been captured`
    if (!this.#characters.has(who)) return `\${${expression}}: no character is called ${who}`
    return `\${${expression}} is not known before ${who} connects`
  }
}
