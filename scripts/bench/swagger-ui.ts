import swagger from '@fastify/swagger'
import swaggerUi from '@fastify/swagger-ui'
import fastify from 'fastify'
import { type Browser, type CDPSession, chromium } from 'playwright-core'
import { buildApp } from '../../src/app.ts'
import { BROWSER_FLAGS, CHROMIUM } from '../../test/support/browser.ts'
import { inertDeps } from '../openapi.ts'
import { type Figure, median } from './measure.ts'

/** Pages of each kind, in turn, so that both meet the same load of the machine. */
const PAGES = 3

/** The settings of the page before it was made short: everything in full, and in color. */
const FULL_PAGE = {
  layout: 'BaseLayout',
  docExpansion: 'list',
  tryItOutEnabled: true,
  defaultModelsExpandDepth: 0,
}

/**
 * The processor time until Swagger UI is usable, as a ratio: the page of the service against the page with the whole
 * document. Usable: the operations are drawn, and `POST /v1/plans` is open with its request.
 */
export async function swaggerUiPages(): Promise<Figure[]> {
  await using stack = new AsyncDisposableStack()
  const teardown = (end: () => unknown) => stack.defer(async () => void (await end()))
  const app = await buildApp(inertDeps())
  teardown(() => app.close())
  const short = await app.listen({ host: '127.0.0.1', port: 0 })
  const fullApp = fastify()
  teardown(() => fullApp.close())
  const document = (await app.inject('/openapi.json')).json()
  await fullApp.register(swagger, { mode: 'static', specification: { document } })
  await fullApp.register(swaggerUi, { routePrefix: '/docs', uiConfig: FULL_PAGE as object })
  const full = await fullApp.listen({ host: '127.0.0.1', port: 0 })
  const browser = await chromium.launch({ executablePath: CHROMIUM, args: BROWSER_FLAGS })
  teardown(() => browser.close())
  const seconds: Record<'short' | 'full', number[]> = { short: [], full: [] }
  // The first page of each kind also starts processes of the browser.
  for (let page = 0; page <= PAGES; page++) {
    const times = {
      short: await secondsUntilUsable(browser, short),
      full: await secondsUntilUsable(browser, full),
    }
    if (page === 0) continue
    seconds.short.push(times.short)
    seconds.full.push(times.full)
  }
  const [shortest, fullest] = [median(seconds.short), median(seconds.full)]
  const name = 'Swagger UI: processor time until usable'
  return [
    { name: `${name}, whole document`, value: fullest, unit: 's' },
    { name, value: shortest, unit: 's' },
    { name: `${name}, to the whole document`, value: shortest / fullest, unit: 'ratio', atMost: 0.5 },
  ]
}

/** The processor time of all processes of the browser from a blank page until the page is usable. */
async function secondsUntilUsable(browser: Browser, url: string): Promise<number> {
  const context = await browser.newContext()
  // On a busy machine, the whole document takes a minute.
  context.setDefaultTimeout(180_000)
  const page = await context.newPage()
  const session = await browser.newBrowserCDPSession()
  const before = await processorSeconds(session)
  await page.goto(`${url}/docs`)
  const operation = page.locator('#operations-Plans-createPlan')
  await operation.waitFor()
  await operation.locator('.opblock-summary-control').click()
  await operation.locator('tr.response').first().waitFor()
  await operation.locator('textarea.body-param__text').waitFor()
  // What is still drawn keeps the page from reacting.
  await page.evaluate('new Promise((resolve) => requestAnimationFrame(() => setTimeout(resolve)))')
  const after = await processorSeconds(session)
  await context.close()
  return after - before
}

async function processorSeconds(session: CDPSession): Promise<number> {
  const { processInfo } = await session.send('SystemInfo.getProcessInfo')
  return processInfo.reduce((sum, { cpuTime }) => sum + cpuTime, 0)
}
