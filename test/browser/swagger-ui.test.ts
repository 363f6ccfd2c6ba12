import t from 'tap'
import { ownApp } from '../routes/support/fakes.ts'
import { openPage, startBrowser } from '../support/browser.ts'

const browser = await startBrowser(t)

if (browser !== null)
  t.test('Swagger UI filters, prefills a request, and creates a plan', async (t) => {
    const { app, rooms } = await ownApp(t)
    const url = await app.listen({ host: '127.0.0.1', port: 0 })
    const { page, errors } = await openPage(t, browser)
    await page.goto(`${url}/docs`)
    const operation = page.locator('#operations-Plans-createPlan')
    await operation.waitFor()
    t.equal(await page.locator('.authorization__btn').count(), 0, 'no locks where nobody is authenticated')

    await page.locator('.operation-filter-input').fill('Plans')
    await page.locator('#operations-Jobs-createJob').waitFor({ state: 'detached' })
    await operation.locator('.opblock-summary-control').click()
    const documented = operation.locator('tr.response')
    await documented.first().waitFor()
    t.strictSame(
      await documented.locator('.response-col_status').allInnerTexts(),
      ['201', '400', 'default'],
      'common errors are one response',
    )
    const body = operation.locator('textarea.body-param__text')
    t.match(JSON.parse(await body.inputValue()), { cluster: { name: /./ }, target: { outboundType: /./ } })
    await operation.locator('button.execute').click()
    const status = operation.locator('.live-responses-table tr.response .response-col_status')
    await status.waitFor()
    t.match(await status.textContent(), /^201/)
    t.ok(rooms.calls.length > 0, 'the service was called')
    t.strictSame(errors, [])
  })
