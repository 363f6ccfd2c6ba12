import fc from 'fast-check'
import t from 'tap'
import { readRetailPrices, retailFilters } from '../../../src/core/cost/retail-prices.ts'
import { builtInPrices, withBuiltIn } from '../../../src/core/references/price-list.ts'
import { propertyRuns } from '../../support/property-runs.ts'

/** An item in the form that the documentation of the Azure Retail Prices API shows. */
const anItem = (rest: Record<string, unknown> = {}) => ({
  currencyCode: 'USD',
  tierMinimumUnits: 0,
  retailPrice: 0.045,
  unitPrice: 0.045,
  armRegionName: 'Global',
  location: 'Global',
  effectiveStartDate: '2020-03-01T00:00:00Z',
  meterName: 'Standard Gateway',
  productName: 'NAT Gateway',
  skuName: 'Standard',
  serviceName: 'NAT Gateway',
  serviceFamily: 'Networking',
  unitOfMeasure: '1 Hour',
  type: 'Consumption',
  isPrimaryMeterRegion: true,
  armSkuName: '',
  ...rest,
})
const anAddress = (rest: Record<string, unknown> = {}) =>
  anItem({
    serviceName: 'Virtual Network',
    productName: 'IP Addresses',
    meterName: 'Standard IPv4 Static Public IP',
    armRegionName: 'japaneast',
    retailPrice: 0.005,
    ...rest,
  })
const read = (...items: unknown[]) => readRetailPrices(items, 'Japan East', 'USD', '2026-11-01')

t.test('reads the prices of the region and of the whole cloud', async (t) => {
  t.strictSame(read(anItem(), anAddress(), anAddress({ armRegionName: 'eastus', retailPrice: 9 }))?.prices, {
    natGatewayHour: { amount: 0.045, asOf: '2026-11-01' },
    publicIpHour: { amount: 0.005, asOf: '2026-11-01' },
  })
})

t.test('reads each tier of a firewall, and never the capacity units or a virtual hub', async (t) => {
  const tiers = ['Basic', 'Standard', 'Premium'].flatMap((tier, index) =>
    [`${tier} Deployment`, `${tier} Secured Virtual Hub Deployment`, `${tier} Capacity Unit`].map(
      (meterName, kind) =>
        anItem({
          serviceName: 'Azure Firewall',
          productName: 'Azure Firewall',
          meterName,
          armRegionName: 'japaneast',
          retailPrice: kind === 0 ? index + 1 : 9,
        }),
    ),
  )
  t.match(read(...tiers)?.prices, {
    firewallBasicHour: { amount: 1 },
    firewallHour: { amount: 2 },
    firewallPremiumHour: { amount: 3 },
  })
})

t.test('queries the meters of the cloud and of the region', async (t) => {
  t.match(retailFilters('Japan East'), [/armRegionName eq 'Global'/, /armRegionName eq 'japaneast'/])
  t.match(retailFilters('usgovvirginia'), [/armRegionName eq 'US Gov'/])
})

t.test('ignores items that are not prices of a meter', async (t) => {
  for (const wrong of [
    { type: 'Reservation' },
    { currencyCode: 'EUR' },
    { unitOfMeasure: '1/Month' },
    { tierMinimumUnits: 100 },
    { retailPrice: -1 },
    { retailPrice: 0 },
    { retailPrice: '0.045' },
    { retailPrice: 1e9 },
    { retailPrice: Number.NaN },
    { armRegionName: 'attdetroit1' },
  ])
    t.equal(read(anItem(wrong)), null, JSON.stringify(wrong))
})

t.test('returns no price if the service returns two prices', async (t) => {
  t.equal(read(anItem(), anItem({ retailPrice: 0.05 })), null)
  t.equal(read(anItem(), anItem())?.prices.natGatewayHour?.amount, 0.045)
})

t.test('ignores prices that start later or have ended', async (t) => {
  const announced = anItem({ effectiveStartDate: '2027-01-01T00:00:00Z', retailPrice: 0.09 })
  const over = anItem({ effectiveEndDate: '2026-09-30T23:59:59Z', retailPrice: 0.02 })
  t.equal(read(announced), null)
  t.equal(read(announced, anItem(), over)?.prices.natGatewayHour?.amount, 0.045)
})

t.test('a partial answer overrides only the built-in prices that it has, in the same currency', async (t) => {
  const builtIn = builtInPrices('eastus')
  const list = {
    currency: 'USD',
    source: 'service',
    prices: { natGatewayHour: { amount: 9, asOf: '2026-11-01' } },
  }
  const merged = withBuiltIn(list, builtIn)
  t.equal(merged.prices.natGatewayHour?.amount, 9)
  t.strictSame(merged.prices.publicIpHour, builtIn.prices.publicIpHour)
  t.match(merged.source, /^service, and the built-in table .* did not return$/)
  t.strictSame(withBuiltIn({ ...list, currency: 'EUR' }, builtIn).prices, list.prices)
  t.equal(withBuiltIn(undefined, builtIn), builtIn)
})

t.test('never throws, and returns only positive numbers, for any answer', async () => {
  const field = fc.anything()
  const near = fc.record(
    { ...Object.fromEntries(Object.keys(anItem()).map((key) => [key, field])) },
    { requiredKeys: [] },
  )
  const garbage = fc.oneof(
    fc.anything(),
    near,
    near.map((item) => ({ ...anItem(), ...item })),
  )
  fc.assert(
    fc.property(fc.array(garbage, { maxLength: 5 }), (items) => {
      const prices = Object.values(read(...items)?.prices ?? {})
      return prices.every(({ amount }) => Number.isFinite(amount) && amount > 0)
    }),
    { numRuns: propertyRuns() },
  )
})

t.test('reads the prices of prefixes and of peerings within a region', async (t) => {
  const network = { serviceName: 'Virtual Network' }
  const prefix = (rest: object) =>
    anItem({
      ...network,
      productName: 'Public IP Prefix',
      armRegionName: 'japaneast',
      retailPrice: 0.006,
      ...rest,
    })
  const peering = (meterName: string, rest: object = {}) =>
    anItem({
      ...network,
      productName: 'Virtual Network Peering',
      meterName,
      unitOfMeasure: '1 GB',
      retailPrice: 0.01,
      ...rest,
    })
  const found = read(
    ...['Static IP Addresses', 'Standard Static IP Addresses'].map((meterName) => prefix({ meterName })),
    prefix({ meterName: 'Global Static IP Addresses', skuName: 'Global', retailPrice: 0.012 }),
    peering('Intra-Region Ingress'),
    peering('Intra-Region Egress', { retailPrice: 0.02 }),
    peering('Inter-Region Egress', { productName: 'Global Virtual Network Peering', retailPrice: 9 }),
  )
  t.match(found?.prices, {
    publicIpPrefixAddressHour: { amount: 0.006 },
    peeringIngressGigabyte: { amount: 0.01 },
    peeringEgressGigabyte: { amount: 0.02 },
  })
  const differing = read(anItem(), prefix({ meterName: 'a' }), prefix({ meterName: 'b', retailPrice: 9 }))
  t.equal(differing?.prices.publicIpPrefixAddressHour, undefined, 'two prices decide nothing')
})
