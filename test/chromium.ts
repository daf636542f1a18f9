// A real browser for tests: Debian's Chromium, without a window.
import { spawnSync } from 'node:child_process'
import type { TestContext } from 'node:test'
import { type Browser, type LaunchOptions, launch } from 'puppeteer-core'
import { type Found, findProgram } from './debian.ts'

const path = '/usr/bin/chromium'

/** How it is launched: in a container there is no sandbox to be had, and nobody but the test says where it goes. */
export const chromiumLaunch: LaunchOptions = { executablePath: path, args: ['--no-sandbox'] }

/** Whether there is a Chromium, after trying to install it where that is possible; else why not. */
export function findChromium(): Found {
  return findProgram('chromium', () => {
    const { status, stdout } = spawnSync(path, ['--version'], { encoding: 'utf8' })
    return status === 0 ? stdout.trim() : undefined
  })
}

/** Starts a browser that ends with the test. */
export async function startChromium(t: TestContext): Promise<Browser> {
  const browser = await launch(chromiumLaunch)
  t.after(() => browser.close())
  return browser
}
