import type { Page } from 'playwright-core'
import t from 'tap'
import type { Plan } from '../../src/contract/plan.ts'
import type { Planning } from '../../src/planning/planning.ts'
import { demoPlans } from '../reports/support/plans.ts'
import { FakeModules, ownApp } from '../routes/support/fakes.ts'
import { openPage, startBrowser } from '../support/browser.ts'

/** A managed NAT gateway, a route through a firewall, a NAT gateway that the plan prepares, and a blocked plan. */
const NAMES = ['to-be-accepted', 'through-a-firewall', 'prepared', 'blocked']
const PHONE = { viewport: { width: 390, height: 844 } }

const browser = await startBrowser(t)

/** Whether the page has its own style: the default font of a browser is a serif font. */
function isStyled(page: Page): Promise<boolean> {
  return page.evaluate<boolean>(`getComputedStyle(document.body).fontFamily.includes('system-ui')`)
}

/** By how many pixels the page is wider than the window. */
function overflow(page: Page): Promise<number> {
  return page.evaluate<number>('document.documentElement.scrollWidth - window.innerWidth')
}

/** How many parts of folded items a reader sees. */
function openParts(page: Page): Promise<{ all: number; visible: number }> {
  return page.evaluate(`(() => {
    const parts = [...document.querySelectorAll('details > :not(summary)')]
    const visible = parts.filter((part) => part.checkVisibility() && part.getBoundingClientRect().height > 0)
    return { all: parts.length, visible: visible.length }
  })()`)
}

function styleOf(page: Page, selector: string, property: string, pseudo = ''): Promise<string> {
  return page.evaluate<string>(
    `getComputedStyle(document.querySelector('${selector}'), '${pseudo}').getPropertyValue('${property}')`,
  )
}

if (browser !== null) {
  const planOf = await demoPlans(t, NAMES)
  const plans = new Map(
    NAMES.map((name, index): [string, Plan] => {
      const id = `01990000-0000-7000-8000-00000000000${index}`
      return [id, { ...planOf(name), id }]
    }),
  )
  const known = (id: string): Plan => plans.get(id) as Plan
  const versionOf = (id: string) => ({
    version: known(id).status,
    isPending: false,
    isApproved: false,
    jobId: null,
  })
  const planning: Planning = {
    ...new FakeModules().planning,
    getPlan: async (id) => known(id),
    getPlanText: async (id) => ({ ...versionOf(id), text: JSON.stringify(known(id)) }),
    getPlanVersion: async (id) => versionOf(id),
  }
  /** The status of each response. A browser shows a 304 as the stored 200. */
  const statuses: number[] = []
  const { app } = await ownApp(t, {
    planning,
    observer: () => ({ run: (part) => part(), end: ({ status }) => statuses.push(status) }),
  })
  const origin = await app.listen({ host: '127.0.0.1', port: 0 })
  const reports = [...plans].map(([id, { cluster }]) => ({ id, cluster, url: `${origin}/v1/plans/${id}` }))
  const url = reports[0]?.url ?? ''

  t.test('keeps its style in a reload, a new tab, and the history', async (t) => {
    const { page, errors } = await openPage(t, browser)
    statuses.length = 0
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
    await page.reload()
    await page.emulateMedia({ media: 'print' })
    t.equal(await styleOf(page, 'nav', 'display'), 'none', 'print after a reload')
    t.strictSame(errors, [])
  })

  t.test('fits a phone without horizontal scrolling, with a card for each row of a table', async (t) => {
    const { page, errors } = await openPage(t, browser, PHONE)
    for (const { cluster, url } of reports) {
      await page.goto(url)
      t.equal(await overflow(page), 0, cluster.name)
      t.equal(await styleOf(page, 'tbody tr', 'display'), 'block')
      t.equal(await styleOf(page, 'tbody td', 'content', '::before'), '"Node pools"')
      await page.evaluate(`document.querySelectorAll('details').forEach((item) => { item.open = true })`)
      t.equal(await overflow(page), 0, `${cluster.name}, everything open`)
    }
    t.strictSame(errors, [])
  })

  t.test('fits a desktop, with tables, in light and dark', async (t) => {
    const { page, errors } = await openPage(t, browser, { viewport: { width: 1280, height: 900 } })
    for (const { cluster, url } of reports) {
      await page.goto(url)
      t.equal(await overflow(page), 0, cluster.name)
      t.equal(await styleOf(page, 'tbody tr', 'display'), 'table-row')
    }
    t.equal(await styleOf(page, 'body', 'background-color'), 'rgb(255, 255, 255)')
    await page.emulateMedia({ colorScheme: 'dark' })
    t.equal(await styleOf(page, 'body', 'background-color'), 'rgb(20, 22, 26)')
    t.strictSame(errors, [])
  })

  t.test('opens a folded finding by mouse and keyboard, and everything in print', async (t) => {
    const { page, errors } = await openPage(t, browser)
    await page.goto(url)
    const { all, visible } = await openParts(page)
    t.ok(all > 0)
    t.equal(visible, 0)
    await page.locator('summary').first().click()
    const opened = (await openParts(page)).visible
    t.ok(opened > 0)
    await page.locator('summary').nth(1).focus()
    await page.keyboard.press('Enter')
    t.ok((await openParts(page)).visible > opened)
    await page.emulateMedia({ media: 'print' })
    t.strictSame(await openParts(page), { all, visible: all })
    t.strictSame(errors, [])
  })

  t.test('names the cluster and the plan on every printed page, and numbers the pages', async (t) => {
    const { page } = await openPage(t, browser)
    await page.emulateMedia({ media: 'print' })
    for (const { id, cluster, url } of reports) {
      await page.goto(url)
      t.equal(await styleOf(page, 'html', '--running-title'), `"${cluster.name} · plan ${id}"`)
    }
    const rules = await page.evaluate<string>(`[...document.styleSheets[0].cssRules]
      .flatMap((rule) => [...(rule.cssRules ?? [])]).map((rule) => rule.cssText).join()`)
    t.match(rules, /@bottom-left \{[^}]*content: var\(--running-title\)/)
    t.match(rules, /@bottom-right \{[^}]*content: "Page " counter\(page\) " of " counter\(pages\)/)
    const pdf = await page.pdf({ format: 'A4', preferCSSPageSize: true })
    t.ok((pdf.toString('latin1').match(/\/Type \/Page\b/g)?.length ?? 0) > 1, 'several pages')
  })

  t.test('leads from a reference to its source', async (t) => {
    const { page } = await openPage(t, browser)
    await page.goto(url)
    const reference = page.locator('a.source').first()
    const target = (await reference.getAttribute('href')) ?? ''
    t.match(target, /^#source-\d+$/)
    await reference.click()
    t.ok(await page.locator(target).isVisible())
    t.equal(page.url(), `${url}${target}`)
  })
}
