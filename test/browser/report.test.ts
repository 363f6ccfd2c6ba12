import type { Page } from 'playwright-core'
import t from 'tap'
import { ownApp, PLAN_ID } from '../routes/support/fakes.ts'
import { openPage, startBrowser } from '../support/browser.ts'

const browser = await startBrowser(t)

/** Whether the page has its own style: the default font of a browser is a serif font. */
function isStyled(page: Page): Promise<boolean> {
  return page.evaluate<boolean>(`getComputedStyle(document.body).fontFamily.includes('system-ui')`)
}

if (browser !== null) {
  /** The status of each response. A browser shows a 304 as the stored 200. */
  const statuses: number[] = []
  const { app } = await ownApp(t, {
    observer: () => ({ run: (part) => part(), end: ({ status }) => statuses.push(status) }),
  })
  const url = `${await app.listen({ host: '127.0.0.1', port: 0 })}/v1/plans/${PLAN_ID}`

  t.test('keeps its style in a reload, a new tab, and the history', async (t) => {
    const { page, errors } = await openPage(t, browser)
    await page.goto(url)
    t.ok(await isStyled(page), 'first view')
    await page.reload()
    t.ok(await isStyled(page), 'reload')
    t.strictSame(statuses, [200, 304])
    const tab = await page.context().newPage()
    await tab.goto(url)
    t.ok(await isStyled(tab), 'new tab')
    t.strictSame(statuses, [200, 304, 304])
    await tab.goto('about:blank')
    await tab.goBack()
    t.equal(tab.url(), url)
    t.ok(await isStyled(tab), 'history')
    t.strictSame(errors, [])
  })
}
