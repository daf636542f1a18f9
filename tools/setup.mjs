// Makes a checkout ready to run, on a machine with just Node >= 20 and npm. Plain JavaScript, because the Node that
// runs it may be too old for TypeScript. Says nothing when there is nothing to do.
import { spawnSync } from 'node:child_process'
import { existsSync, mkdirSync, readFileSync, rmSync, symlinkSync } from 'node:fs'
import { dirname, join } from 'node:path'
import { fileURLToPath } from 'node:url'

const oldestNode = 20
// From here on Node runs TypeScript and has node:sqlite, so it can stand in for the pinned one.
const oldestStandIn = 24

const root = dirname(dirname(fileURLToPath(import.meta.url)))
const pinned = join(root, 'node_modules', 'node')
const binary = join(pinned, 'bin', 'node')
// What the npm scripts call.
const link = join(root, 'node_modules', '.bin', 'node')

const ownMajor = Number(process.versions.node.split('.')[0])
if (ownMajor < oldestNode) {
  stop(
    `Balcony needs Node.js ${oldestNode} or newer to set itself up; this is ${process.version}. See https://nodejs.org.`,
  )
}
if (!isInstalled()) installPackages()
if (!runs(link)) installNode()

/** Whether node_modules holds what package-lock.json asks for, by npm's own record of what it put there. */
function isInstalled() {
  const record = join(root, 'node_modules', '.package-lock.json')
  if (!existsSync(record)) return false
  const present = JSON.parse(readFileSync(record, 'utf8')).packages
  const wanted = JSON.parse(readFileSync(join(root, 'package-lock.json'), 'utf8')).packages
  return Object.entries(wanted).every(
    ([path, { version, optional }]) => path === '' || optional === true || present[path]?.version === version,
  )
}

function installPackages() {
  say('Installing the packages that package-lock.json lists (npm ci)')
  // The pinned Node downloads its binary in an install script, which newer npm versions leave out: that is made up for
  // below, so here only real errors are of interest.
  const result = npm([
    'ci',
    '--include=dev',
    '--include=optional',
    '--no-audit',
    '--no-fund',
    '--loglevel=error',
  ])
  if (result.error?.code === 'ENOENT')
    stop('npm was not found. It comes with Node.js: see https://nodejs.org.')
  if (result.status === 0) return
  const output = `${result.stdout}${result.stderr}`
  if (/ENOTFOUND|EAI_AGAIN|ECONNREFUSED|ENETUNREACH|ETIMEDOUT|ENOTCACHED|ERR_SOCKET_TIMEOUT/.test(output)) {
    stop('The package registry could not be reached. Setting up needs the network once; later starts do not.')
  }
  stop('npm ci failed:', output)
}

function installNode() {
  if (!runs(binary)) fetchNode()
  // npm makes the link only where the binary was there in time.
  mkdirSync(dirname(link), { recursive: true })
  rmSync(link, { force: true })
  symlinkSync(binary, link)
}

function fetchNode() {
  const version = JSON.parse(readFileSync(join(pinned, 'package.json'), 'utf8')).version
  say(`Installing Node.js ${version} for this checkout`)
  const result = spawnSync(process.execPath, ['installArchSpecificPackage'], {
    cwd: pinned,
    encoding: 'utf8',
    env: { ...process.env, npm_config_ignore_scripts: 'false' },
  })
  if (runs(binary)) return
  if (ownMajor >= oldestStandIn) {
    say(`Node.js ${version} is not to be had for this machine: using its own ${process.version}`)
    mkdirSync(dirname(binary), { recursive: true })
    rmSync(binary, { force: true })
    symlinkSync(process.execPath, binary)
    return
  }
  stop(
    `Node.js ${version} could not be installed for this machine (${process.platform} ${process.arch}). ` +
      `Install Node.js ${oldestStandIn} or newer yourself, or make the package registry reachable, and try again.`,
    `${result.stdout ?? ''}${result.stderr ?? ''}`,
  )
}

function runs(path) {
  return existsSync(path) && spawnSync(path, ['--version']).status === 0
}

function npm(parameters) {
  // npm says which file it is when it runs this as part of a script; that one goes first.
  const cli = process.env.npm_execpath
  return cli?.endsWith('.js')
    ? spawnSync(process.execPath, [cli, ...parameters], { cwd: root, encoding: 'utf8' })
    : spawnSync('npm', parameters, { cwd: root, encoding: 'utf8', shell: process.platform === 'win32' })
}

function say(line) {
  process.stderr.write(`setup: ${line} …\n`)
}

function stop(line, details = '') {
  process.stderr.write(`${details.trim()}${details.trim() === '' ? '' : '\n'}setup: ${line}\n`)
  process.exit(1)
}
