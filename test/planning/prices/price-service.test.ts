import t from 'tap'
import { createPriceService } from '../../../src/planning/prices/price-service.ts'

const URL = 'https://prices.azure.com/api/retail/prices'
const item = {
  currencyCode: 'EUR',
  tierMinimumUnits: 0,
  retailPrice: 0.04,
  armRegionName: 'Global',
  meterName: 'Standard Gateway',
  productName: 'NAT Gateway',
  serviceName: 'NAT Gateway',
  unitOfMeasure: '1 Hour',
  type: 'Consumption',
}

/** A price service whose server returns these bodies for every request. */
function world(answer: (url: string, count: number) => string | Response) {
  const requests: string[] = []
  const warnings: unknown[] = []
  let time = Date.parse('2026-11-01T00:00:00Z')
  const prices = createPriceService({
    url: URL,
    currency: 'EUR',
    now: () => new Date(time),
    logger: { warn: (_: object, text: string) => warnings.push(text) } as never,
    fetch: (async (url: string | Request | globalThis.URL) => {
      requests.push(String(url))
      const body = answer(String(url), requests.length)
      return typeof body === 'string' ? new Response(body) : body
    }) as typeof fetch,
  })
  const settle = () => new Promise((resolve) => setImmediate(resolve))
  return {
    prices,
    requests,
    warnings,
    pass: (hours: number) => {
      time += hours * 3_600_000
    },
    /** Asks, lets the refresh end, and asks again. */
    async ask() {
      const first = prices.current('West Europe')
      for (let turn = 0; turn < 20; turn++) await settle()
      return { first, later: prices.current('westeurope') }
    },
  }
}

t.test('never waits: the first plan has no prices, and later plans have those of the service', async (t) => {
  const { ask, requests, pass } = world(() => JSON.stringify({ Items: [item], NextPageLink: null }))
  const { first, later } = await ask()
  t.equal(first, undefined)
  t.match(later, {
    currency: 'EUR',
    source: 'the Azure Retail Prices API',
    prices: { natGatewayHour: { amount: 0.04, asOf: '2026-11-01' } },
  })
  t.equal(requests.length, 2, 'one request for each filter')
  t.match(
    decodeURIComponent(requests[0] ?? '').replaceAll('+', ' '),
    /currencyCode=EUR&\$filter=armRegionName eq/,
  )
  await ask()
  t.equal(requests.length, 2, 'kept for a day')
  pass(25)
  await ask()
  t.equal(requests.length, 4)
})

t.test('follows pages of the same server only, and not without end', async (t) => {
  const page = (link: string) => JSON.stringify({ Items: [], NextPageLink: link })
  const endless = world((_, count) => page(`${URL}?$skip=${count}`))
  await endless.ask()
  t.equal(endless.requests.length, 10)
  const foreign = world(() => page('https://attacker.example/prices'))
  await foreign.ask()
  t.equal(foreign.requests.length, 2)
  t.match(foreign.warnings[0], /on another host and was not read/)
})

t.test('keeps the last prices, warns, and retries after 10 min if the answer is invalid', async (t) => {
  for (const garbage of ['', 'null', '[]', '<html>', '{"Items":"none"}', new Response('', { status: 503 })]) {
    let isBroken = false
    const { ask, pass, requests, warnings } = world(() =>
      !isBroken
        ? JSON.stringify({ Items: [item] })
        : typeof garbage === 'string'
          ? garbage
          : new Response('', { status: garbage.status }),
    )
    await ask()
    isBroken = true
    pass(25)
    const { later } = await ask()
    t.equal(later?.prices.natGatewayHour?.amount, 0.04, 'the old price stays, with its date')
    t.equal(later?.prices.natGatewayHour?.asOf, '2026-11-01')
    t.equal(warnings.length, 1)
    const count = requests.length
    await ask()
    t.equal(requests.length, count, 'no retry within 10 min')
    pass(1)
    await ask()
    t.ok(requests.length > count)
  }
})
