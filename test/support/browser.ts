import { access } from 'node:fs/promises'
import { type Browser, type BrowserContextOptions, chromium, type Page } from 'playwright-core'
import type { Test } from 'tap'

/** Where Debian's package `chromium` installs the browser. */
export const CHROMIUM = '/usr/bin/chromium'
export const BROWSER_FLAGS = [
  // Chromium does not run as root with its sandbox.
  '--no-sandbox',
  '--disable-gpu',
  '--disable-background-networking',
  // The tests only talk to servers of their own.
  '--host-resolver-rules=MAP * ~NOTFOUND, EXCLUDE 127.0.0.1',
]

/**
 * A headless Chromium for all tests of a file, closed with `t`; null if no Chromium is installed. Its start takes a
 * second, so call this once, with the root test.
 */
export async function startBrowser(t: Pick<Test, 'comment' | 'teardown'>): Promise<Browser | null> {
  const isInstalled = await access(CHROMIUM).then(
    () => true,
    () => false,
  )
  if (!isInstalled) {
    t.comment(`No Chromium at ${CHROMIUM}: what needs one is not run here.`)
    return null
  }
  const browser = await chromium.launch({ executablePath: CHROMIUM, args: BROWSER_FLAGS })
  t.teardown(() => browser.close())
  return browser
}

export interface OpenedPage {
  page: Page
  /** What the browser reported in its console as an error, such as a violation of the content security policy. */
  errors: string[]
}

/**
 * A blank page with its own cache and storage, closed with the test. Pass expressions to `page.evaluate` as text, because
 * the types of the DOM are not part of this project.
 */
export async function openPage(
  t: Pick<Test, 'teardown'>,
  browser: Browser,
  options: BrowserContextOptions = {},
): Promise<OpenedPage> {
  const context = await browser.newContext(options)
  t.teardown(() => context.close())
  const errors: string[] = []
  context.on('console', (message) => {
    if (message.type() === 'error') errors.push(message.text())
  })
  context.on('weberror', (fault) => errors.push(String(fault.error())))
  return { page: await context.newPage(), errors }
}
