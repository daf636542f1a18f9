// Scripts with a single broken expectation, to see that the runner notices each.
import type { Script, Step } from '../../src/scansion/scansion.ts'
import { Element, type Node } from '../../src/xml/element.ts'

/** A script that must not pass. */
export interface Mutant {
  /** What was broken, and where. */
  readonly what: string
  readonly script: Script
}

const clientNamespace = 'jabber:client'

/** Every way of breaking one expectation of a script. */
export function mutantsOf(script: Script): Mutant[] {
  return script.steps.flatMap((step, index) => {
    if (step.kind !== 'receives') return []
    return breakages(step.stanza).map(({ what, element }) => {
      const steps: Step[] = script.steps.with(index, { ...step, stanza: element })
      return { what: `${script.file}:${step.line}: ${what}`, script: { ...script, steps } }
    })
  })
}

interface Breakage {
  readonly what: string
  readonly element: Element
}

/** Every broken version of an expected element, its children's included. */
function breakages(element: Element): Breakage[] {
  const { name, namespace, attributes, children } = element
  const made: Breakage[] = []
  const add = (what: string, changed: Element) => made.push({ what: `<${name}> ${what}`, element: changed })
  add('has another name', new Element(`${name}-x`, namespace, attributes, children))
  add('is in another namespace', new Element(name, `${namespace}:x`, attributes, children))
  add('has one attribute more', new Element(name, namespace, [...attributes, 'x', 'x'], children))
  const extra = new Element('x', 'urn:example:x')
  add('has one child more', new Element(name, namespace, attributes, [...children, extra]))
  for (let index = 0; index < attributes.length; index += 2) {
    const attribute = attributes[index] as string
    if (attribute.startsWith('{')) continue
    const other = attributes.with(index + 1, `not ${attributes[index + 1]}`)
    add(`has another ${attribute}`, new Element(name, namespace, other, children))
    if (!isStrict(element)) continue
    add(`lacks ${attribute}`, new Element(name, namespace, attributes.toSpliced(index, 2), children))
  }
  if (element.text.trim() !== '') {
    const other = children.map((node): Node => (typeof node === 'string' ? `not ${node}` : node))
    add('has another text', new Element(name, namespace, attributes, other))
  }
  for (const [index, node] of children.entries()) {
    if (typeof node === 'string') continue
    if (isStrict(element)) {
      add('lacks a child', new Element(name, namespace, attributes, children.toSpliced(index, 1)))
    }
    for (const inner of breakages(node)) {
      add(inner.what, new Element(name, namespace, attributes, children.with(index, inner.element)))
    }
  }
  return made
}

function isStrict(element: Element): boolean {
  for (let index = 0; index < element.attributes.length; index += 2) {
    if (element.attributes[index]?.endsWith('}strict')) return element.attributes[index + 1] === 'true'
  }
  return element.namespace !== clientNamespace
}
