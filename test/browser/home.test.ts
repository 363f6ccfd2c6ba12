import t from 'tap'
import { ownApp } from '../routes/support/fakes.ts'
import { openPage, startBrowser } from '../support/browser.ts'

const browser = await startBrowser(t)

if (browser !== null) {
  const { app, rooms } = await ownApp(t)
  const origin = await app.listen({ host: '127.0.0.1', port: 0 })
  const overflow = 'document.documentElement.scrollWidth - window.innerWidth'

  t.test('a browser shows the error of a page with a way to the home page', async (t) => {
    const { page } = await openPage(t, browser, { viewport: { width: 390, height: 844 } })
    const response = await page.goto(`${origin}/v1/plans/x`)
    t.equal(response?.status(), 400)
    await page.getByRole('heading', { name: 'Invalid request' }).waitFor()
    t.equal(
      await page.evaluate('getComputedStyle(document.body).margin'),
      '0px',
      'the policy allows the style',
    )
    t.equal(await page.evaluate(overflow), 0)
    await page.getByText('Home: all plans and jobs').click()
    await page.waitForURL(`${origin}/`)
  })

  t.test('the home page leads to jobs and plans without a script, and fits a phone', async (t) => {
    const { page, errors } = await openPage(t, browser, {
      javaScriptEnabled: false,
      viewport: { width: 390, height: 844 },
    })
    await page.goto(origin)
    t.equal(await page.evaluate(overflow), 0)
    await page.locator('#plans a').first().click()
    await page.waitForURL(/\/v1\/plans\//)
    await page.getByText('Home: all plans and jobs').click()
    await page.waitForURL(`${origin}/`)
    await page.locator('#jobs a').first().click()
    await page.waitForURL(/\/v1\/jobs\//)
    await page.goto(origin)
    await page.locator('#campaigns a').first().click()
    await page.waitForURL(/\/v1\/campaigns\//)
    t.equal(await page.evaluate(overflow), 0, 'the page of a campaign fits a phone')
    await page.locator('#waves .bar').first().waitFor()
    await page.goto(`${origin}/v1/clusters?flag=stopped`)
    t.equal(await page.evaluate(overflow), 0, 'the page of clusters fits a phone')
    await page.getByText('Filter and order').click()
    await page.getByLabel('Location').fill('eastus')
    await page.getByLabel('Location').press('Enter')
    await page.waitForURL(`${origin}/v1/clusters?flag=stopped&location=eastus`)
    await page.getByText('remove').first().click()
    await page.waitForURL(`${origin}/v1/clusters?location=eastus`)
    t.strictSame(errors, [])
  })

  t.test('the script shows news of a job without moving the keyboard', async (t) => {
    const { page, errors } = await openPage(t, browser, { colorScheme: 'dark' })
    await page.goto(origin)
    t.equal(await page.evaluate(overflow), 0)
    const refresh = () => page.evaluate(`document.dispatchEvent(new Event('visibilitychange'))`)
    rooms.job = { ...rooms.job, cluster: { ...rooms.job.cluster, name: 'renamed-1' } }
    await refresh()
    await page.locator('#jobs a', { hasText: 'renamed-1' }).waitFor()
    const link = page.locator('#jobs a').first()
    await link.focus()
    rooms.job = { ...rooms.job, cluster: { ...rooms.job.cluster, name: 'renamed-2' } }
    const answered = page.waitForResponse(`${origin}/`)
    await refresh()
    await answered
    t.ok(
      await page.evaluate(`document.querySelector('#jobs a') === document.activeElement`),
      'the focused link stays',
    )
    await link.blur()
    await refresh()
    await page.locator('#jobs a', { hasText: 'renamed-2' }).waitFor()
    t.strictSame(errors, [])
  })
}
