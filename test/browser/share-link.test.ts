import t from 'tap'
import { ownApp, PLAN_ID } from '../routes/support/fakes.ts'
import { AUDIENCE, startIssuer } from '../routes/support/issuer.ts'
import { openPage, startBrowser } from '../support/browser.ts'

const browser = await startBrowser(t)
const SECRET = `aeps_${'s'.repeat(43)}`

if (browser !== null) {
  /** The URL and the headers of every request, as the service received them. */
  const requests: string[] = []
  const issuer = await startIssuer(t)
  const { app, rooms } = await ownApp(t, { authenticate: issuer.authenticate })
  app.server.prependListener('request', ({ url, headers }) => {
    requests.push(JSON.stringify([url, headers.referer, headers.cookie]))
  })
  const origin = await app.listen({ host: '127.0.0.1', port: 0 })
  const open = `${origin}/shared/plans/${PLAN_ID}#${SECRET}`
  const admit = () =>
    rooms.secrets.set(SECRET, {
      id: 'link-1',
      kind: 'shareLink',
      createdBy: AUDIENCE,
      owner: { id: 'ann-id', appId: null, groups: [] },
      target: { planId: PLAN_ID },
    })

  t.test('opens a report with its style, keeps it in a reload, and shows the secret nowhere', async (t) => {
    admit()
    const { page, errors } = await openPage(t, browser)
    await page.goto(open)
    await page.waitForSelector('#summary')
    const isStyled = () =>
      page.evaluate<boolean>(`getComputedStyle(document.body).fontFamily.includes('system-ui')`)
    t.ok(await isStyled())
    t.equal(page.url(), `${origin}/shared/plans/${PLAN_ID}`, 'the address bar')
    await page.click('nav a[href="#summary"]')
    t.equal(page.url(), `${origin}/shared/plans/${PLAN_ID}#summary`)
    await page.reload()
    await page.waitForSelector('#summary')
    t.ok(await isStyled())
    t.notOk((await page.content()).includes(SECRET))
    t.notOk(requests.join('').includes(SECRET), 'no URL, referrer, or cookie contains it')
    t.strictSame(errors, [])
  })

  t.test('shows that a link was revoked, even in a tab that had opened it', async (t) => {
    admit()
    const { page } = await openPage(t, browser)
    await page.goto(open)
    await page.waitForSelector('#summary')
    rooms.secrets.clear()
    await page.reload()
    await page.getByText('The share link is unknown, expired, or revoked').waitFor()
    t.equal(await page.locator('#summary').count(), 0)
  })

  t.test('says that a link without its secret is incomplete', async (t) => {
    const { page } = await openPage(t, browser)
    await page.goto(`${origin}/shared/plans/${PLAN_ID}`)
    await page.getByText('The link is incomplete').waitFor()
    t.pass()
  })
}
