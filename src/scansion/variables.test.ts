// biome-ignore-all lint/suspicious/noTemplateCurlyInString: it is the notation of scripts
import assert from 'node:assert/strict'
import { test } from 'node:test'
import { element } from '../xml/element.ts'
import { UnknownVariable, Variables } from './variables.ts'

function variables(): Variables {
  return new Variables([
    { name: 'Romeo', line: 1, bareJid: 'romeo@localhost', password: '' },
    { name: "Juliet's phone", line: 2, bareJid: 'juliet@localhost', resource: 'mobile', password: '' },
  ])
}

function fill(all: Variables, text: string): string {
  return all.substitute(element('body', 'jabber:client', { a: text }, text)).text
}

test('addresses without resource are known from the beginning, full ones if the script has the resource', () => {
  const all = variables()
  assert.equal(fill(all, "${Romeo's JID} ${Romeo's bare JID}"), 'romeo@localhost romeo@localhost')
  assert.equal(fill(all, "${Juliet's phone's full JID}"), 'juliet@localhost/mobile')
  assert.throws(() => fill(all, "${Romeo's full JID}"), {
    name: 'UnknownVariable',
    message: "${Romeo's full JID} is not known before Romeo connects",
  })
})

test('the full address is the one that the server bound last', () => {
  const all = variables()
  all.bound('Romeo', 'romeo@localhost/1')
  all.bound('Romeo', 'romeo@localhost/2')
  assert.equal(fill(all, "<${Romeo's full JID}>"), '<romeo@localhost/2>')
})

test('a captured value is put into attributes and text; the last one wins', () => {
  const all = variables()
  all.capture([
    ['id', '1'],
    ['id', '<&>'],
  ])
  const filled = all.substitute(element('a', 'x', { id: '${id}' }, element('b', 'x', {}, 'is ${id}${id}')))
  assert.equal(filled.attribute('id'), '<&>')
  assert.equal(filled.child('b')?.text, 'is <&><&>')
})

test('what stands for nothing is an error that says why', () => {
  assert.throws(() => fill(variables(), '${id}'), new UnknownVariable('${id} has not been captured'))
  const tybalt = "${Tybalt's JID}: no character is called Tybalt"
  assert.throws(() => fill(variables(), "${Tybalt's JID}"), new UnknownVariable(tybalt))
})

test('marks and lone dollar signs are text', () => {
  assert.equal(fill(variables(), '{scansion:any} $ {x} $5'), '{scansion:any} $ {x} $5')
})
