import assert from 'node:assert/strict'
import { test } from 'node:test'
import { type CommandOptions, type RawOptions, readOptions, scansionOptions } from './options.ts'

function read(raw: RawOptions): CommandOptions {
  const options = readOptions(raw)
  assert.ok(!('length' in options), JSON.stringify(options))
  return options
}

test('what is not said has a default', () => {
  assert.deepEqual(read({}), {
    host: '127.0.0.1',
    port: 5222,
    security: 'auto',
    checksCertificate: false,
    serve: false,
    reporter: 'pretty',
    onlyTags: [],
    skipTags: [],
    watch: false,
    order: 'script',
    settleMs: 50,
    sync: 'ping',
    sendsLayout: false,
    timeoutMs: 5000,
    jobs: 1,
  })
})

test('certificates are checked unless the server is on this machine or anything goes', () => {
  assert.equal(read({ host: 'xmpp.example' }).checksCertificate, true)
  assert.equal(read({ host: 'xmpp.example', insecure: true }).checksCertificate, false)
  assert.equal(read({ host: 'localhost' }).checksCertificate, false)
})

test('seconds, tags and words are read', () => {
  const options = read({
    settle: '0',
    timeout: '0.5',
    onlyTags: 'slow, status: stable,',
    reporter: 'tap',
    serve: true,
  })
  assert.equal(options.settleMs, 0)
  assert.equal(options.timeoutMs, 500)
  assert.deepEqual(options.onlyTags, ['slow', 'status: stable'])
  assert.equal(options.reporter, 'tap')
  assert.equal(options.jobs, 4)
})

test('every option that makes no sense is named', () => {
  const faults = readOptions({
    order: 'none',
    port: '70000',
    jobs: '',
    sync: 'x',
    reporter: 'y',
    serve: true,
    host: 'a',
  })
  assert.ok('length' in faults)
  for (const flag of ['--order', '--port', '--jobs', '--sync', '--reporter', '--serve']) {
    assert.ok(
      faults.some((fault) => fault.includes(flag)),
      flag,
    )
  }
})

test('every option that can be read is in the help', () => {
  const flags = scansionOptions.map(({ flags: text }) => /^--([\w-]+)/.exec(text)?.[1] ?? '')
  const names = flags.map((flag) => flag.replace(/-(.)/g, (_, letter: string) => letter.toUpperCase()))
  const known: Record<keyof RawOptions, true> = {
    host: true,
    port: true,
    starttls: true,
    directTls: true,
    insecure: true,
    serve: true,
    reporter: true,
    onlyTags: true,
    skipTags: true,
    watch: true,
    order: true,
    settle: true,
    sync: true,
    sendLayout: true,
    timeout: true,
    jobs: true,
  }
  assert.deepEqual(names.sort(), Object.keys(known).sort())
})
