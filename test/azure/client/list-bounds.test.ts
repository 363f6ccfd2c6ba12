import t from 'tap'
import { connectArm } from '../../../src/azure/connect/connect-arm.ts'
import { armServer, faultOf, REF, SUBSCRIPTION } from '../support/arm-server.ts'

const arm = (endpoint: string) => connectArm({ endpoint, simulated: true, retries: { baseDelayMs: 1 } })

/** The lists that follow next links: of a provider, and of the AKS SDK. */
const LISTS: Record<string, (endpoint: string) => Promise<unknown>> = {
  'network resources': (endpoint) => arm(endpoint).listNetwork('natGateways', SUBSCRIPTION),
  'agent pools': (endpoint) => arm(endpoint).listAgentPools(REF),
  'required endpoints': (endpoint) => arm(endpoint).listOutboundDependencies(REF),
}

for (const [name, list] of Object.entries(LISTS)) {
  t.test(`follows no next link of ${name} twice`, async (t) => {
    for (const length of [1, 3]) {
      const server = await armServer(t, (_, nth) => ({
        status: 200,
        body: { value: [], nextLink: `${server.endpoint}/page?number=${nth % length}` },
      }))
      const fault = await faultOf(list(server.endpoint))
      t.match(fault, { kind: 'unknown', code: 'AnswerTooLarge', message: /earlier page/ })
      t.ok(server.seen.length <= length + 1, `${server.seen.length} requests in a circle of ${length}`)
    }
  })

  t.test(`reads a bounded number of pages of ${name}`, async (t) => {
    const server = await armServer(t, (_, nth) => ({
      status: 200,
      body: { value: [], nextLink: `${server.endpoint}/page?number=${nth}` },
    }))
    t.match(await faultOf(list(server.endpoint)), { code: 'AnswerTooLarge', message: /500 pages/ })
    t.equal(server.seen.length, 500)
  })
}

t.test('follows no link back to the first page', async (t) => {
  const server = await armServer(t, ({ url }) => ({
    status: 200,
    body: { value: [], nextLink: `${server.endpoint}${url}` },
  }))
  await faultOf(arm(server.endpoint).listNetwork('natGateways', SUBSCRIPTION))
  t.equal(server.seen.length, 1)
})

t.test('reads a bounded number of items', async (t) => {
  const pages = (last: number) => (_: unknown, nth: number) => ({
    status: 200,
    body: {
      value: Array.from({ length: nth < 5 ? 4_000 : last }, (_, index) => ({ id: `/${nth}/${index}` })),
      nextLink: nth < 5 ? `${endpoint}/page?number=${nth}` : undefined,
    },
  })
  let endpoint = ''
  for (const [last, isTooLong] of [
    [4_000, false],
    [4_001, true],
  ] as const) {
    const server = await armServer(t, pages(last))
    endpoint = server.endpoint
    const items = arm(endpoint).listNetwork('natGateways', SUBSCRIPTION)
    if (isTooLong) t.match(await faultOf(items), { code: 'AnswerTooLarge', message: /20000 items/ })
    else t.equal((await items).length, 20_000)
  }
})

t.test('reads a bounded number of bytes of a list, also of rows of Resource Graph', async (t) => {
  const text = 'x'.repeat(24 * 1024 * 1024)
  const server = await armServer(t, ({ method }, nth) => ({
    status: 200,
    body:
      method === 'POST'
        ? { data: [{ text }], $skipToken: `token ${nth}` }
        : { value: [{ text }], nextLink: `${server.endpoint}/page?number=${nth}` },
  }))
  for (const read of [
    () => arm(server.endpoint).listNetwork('natGateways', SUBSCRIPTION),
    () => arm(server.endpoint).findAllowLists(),
  ]) {
    const before = server.seen.length
    t.match(await faultOf(read()), { code: 'AnswerTooLarge', message: /67108864 bytes/ })
    t.equal(server.seen.length - before, 3)
  }
})
