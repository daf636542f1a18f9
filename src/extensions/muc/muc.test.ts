import assert from 'node:assert/strict'
import { test } from 'node:test'
import { configure, enter, inside, romeoInside, room, roomServer, say, told } from '../../../test/rooms.ts'
import { defineExtension } from '../../host/extension.ts'
import type { Host } from '../../host/host.ts'
import { boolean } from '../../stanza/field-kind.ts'
import { StanzaError } from '../../stanza/stanza-error.ts'
import { element } from '../../xml/element.ts'
import { muc } from './muc.ts'
import { roomSetting } from './settings/setting.ts'

const quiet = roomSetting({
  field: 'muc#roomconfig_quiet',
  label: 'Nobody speaks',
  kind: boolean(false),
  disco: (isOn) => (isOn ? 'muc_quiet' : undefined),
  codes: () => [170],
})

/** What another extension can add to rooms. */
const extra = defineExtension({
  name: 'extra',
  needs: { muc },
  setup(host, { muc }) {
    host.keep(muc.settings.add(quiet))
    host.keep(
      muc.enter.check(async (entry) => {
        await Promise.resolve()
        if (entry.nick.resource === 'tybalt') throw new StanzaError('forbidden')
        entry.codes.push(170)
      }),
    )
    host.keep(
      muc.message.check(({ room: { config } }) => {
        if (config.get(quiet)) throw new StanzaError('policy-violation')
      }),
    )
    host.keep(
      muc.message.stamp(async (item) => {
        await Promise.resolve()
        const stamp = element('stamp', 'urn:example')
        item.message = item.message.with({ children: [...item.message.children, stamp] })
      }),
    )
    host.keep(
      muc.message.target((item) => {
        item.targets = [...item.targets].filter(({ occupant }) => occupant.nick !== 'deaf')
      }),
    )
    host.keep(muc.stampPresence((children) => [...children, element('stamp', 'urn:example')]))
    host.keep(muc.advertise((asked) => (asked.isPublic ? 'urn:example' : undefined)))
    host.keep(
      muc.iq.get('urn:example', 'title', (_iq, asked) => element('title', 'urn:example', {}, asked.title)),
    )
  },
})

test('other extensions add settings, steps, requests and features to rooms, and take them away again', async () => {
  await using local = await roomServer({ more: [extra] })
  const romeo = await romeoInside(local)
  const tybalt = await local.connect('tybalt@localhost/street')
  await enter(tybalt, 'tybalt')
  assert.deepEqual(told(tybalt), ['error forbidden'])
  const deaf = await inside(local, 'deaf')
  const [presence] = romeo.takeAll()
  assert.ok(presence?.child('stamp', 'urn:example'))
  await say(romeo, 'Hear me')
  assert.ok(romeo.takeAll()[0]?.child('stamp', 'urn:example'))
  assert.deepEqual(told(deaf), [])
  await configure(romeo, { quiet: '1' })
  assert.deepEqual(told(romeo), ['result', 'status 170'])
  await say(romeo, 'Hear me')
  assert.deepEqual(told(romeo), ['error policy-violation'])
  const info = 'http://jabber.org/protocol/disco#info'
  const features = async () => {
    await romeo.send(`<iq to='${room}' type='get' id='d'><query xmlns='${info}'/></iq>`)
    const query = romeo.takeAll().at(-1)?.child('query', info)
    return query?.elements('feature').map((feature) => feature.attribute('var')) ?? []
  }
  assert.deepEqual((await features()).slice(-2), ['muc_quiet', 'urn:example'])
  await romeo.send(`<iq to='${room}' type='get' id='t'><title xmlns='urn:example'/></iq>`)
  assert.equal(romeo.takeAll()[0]?.child('title', 'urn:example')?.text, 'room')

  const host = local.server.host('rooms.localhost') as Host
  told(deaf)
  host.extensions.unload(extra)
  await say(romeo, 'Hear me')
  assert.deepEqual([told(romeo), told(deaf)], [['romeo: Hear me'], ['romeo: Hear me']])
  assert.ok(!(await features()).includes('muc_quiet'))
  host.extensions.load([extra])
  await say(romeo, 'Hear me')
  assert.deepEqual(told(romeo), ['error policy-violation'], 'a setting of which nobody knew was kept')
})

test('XEP-0045 §7.1: nothing overtakes the entering of somebody, even if it takes its time', async () => {
  await using local = await roomServer({ more: [extra] })
  const romeo = await romeoInside(local)
  const juliet = await local.connect('juliet@localhost/balcony')
  const entering = enter(juliet, 'juliet')
  const saying = [say(romeo, '1'), say(romeo, '2')]
  await Promise.all([entering, ...saying])
  assert.deepEqual(told(juliet), [
    'romeo moderator',
    'juliet participant 170,110',
    'subject',
    'romeo: 1',
    'romeo: 2',
  ])
})

test('an unloaded service of rooms sends everybody away and can be loaded again', async () => {
  await using local = await roomServer()
  const romeo = await romeoInside(local)
  const { extensions } = local.server.host('rooms.localhost') as Host
  extensions.unload(muc)
  assert.deepEqual(told(romeo), ['-romeo 332,110'])
  extensions.load([muc])
  await enter(romeo, 'romeo')
  assert.deepEqual(told(romeo), ['romeo moderator 201,110', 'subject'])
})

test('two settings for one field are an error', () => {
  const twice = defineExtension({
    name: 'twice',
    needs: { muc },
    setup(_host, { muc }) {
      muc.settings.add(quiet)
      muc.settings.add(quiet)
    },
  })
  return assert.rejects(roomServer({ more: [twice] }), /two settings for muc#roomconfig_quiet/)
})
