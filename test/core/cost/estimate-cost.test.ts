import t from 'tap'
import type { CostMeter, CostSide } from '../../../src/contract/cost.ts'
import type { RequestedTarget } from '../../../src/contract/target.ts'
import { buildPlanningContext } from '../../../src/core/context/planning-context.ts'
import { estimateCost } from '../../../src/core/cost/estimate-cost.ts'
import { builtInPrices } from '../../../src/core/references/price-list.ts'
import { defaultRequest } from '../../../src/core/request/plan-request.ts'
import type { Snapshot } from '../../../src/core/snapshot/snapshot.ts'
import {
  aByoSnapshot,
  aFirewall,
  aKubernetesBalancer,
  aLoadBalancerProfile,
  aPrefix,
  aPublicIp,
  aReadyGateway,
  aRouteTable,
  aSnapshot,
  GROUP,
  NETWORK,
  NODE_GROUP,
} from '../../support/a-cluster.ts'
import { ANY_POLICY, planFor } from '../../support/a-plan.ts'

function costOf(snapshot: Snapshot, target: RequestedTarget, gigabytes: number | null = 1000) {
  const request = defaultRequest(snapshot.cluster, target)
  return estimateCost(buildPlanningContext(snapshot, request, ANY_POLICY), gigabytes, undefined)
}

/** Meter, quantity, and amount of each line. */
const rows = ({ lines }: CostSide) => lines.map(({ meter, quantity, monthly }) => [meter, quantity, monthly])

/**
 * The example of the price reference that the built-in table repeats: 8 rules and 200 GB cost 18.25, 21.90, and 1.00
 * US dollars (azure-cost-calculator, load-balancer.md, February 2026).
 */
t.test('calculates the documented price of a load balancer', async (t) => {
  const balancer = aKubernetesBalancer(['a', 'b', 'c', 'd', 'e', 'f', 'g'])
  const { before } = costOf(aSnapshot({ loadBalancers: [balancer] }), { outboundType: 'loadBalancer' }, 200)
  t.strictSame(rows(before), [
    ['loadBalancerHour', 730, 18.25],
    ['loadBalancerRuleHour', 2190, 21.9],
    ['publicIpHour', 730, 3.65],
    ['loadBalancerGigabyte', 200, 1],
  ])
  t.equal(before.monthly, 44.8)
})

/**
 * A worksheet of 2026-10-03 from the Azure Retail Prices API: a gateway costs 32.85 US dollars, 20 GB cost 0.90, and
 * a static address costs 3.65 (region eastus2).
 */
t.test('calculates the published price of a NAT gateway', async (t) => {
  const snapshot = aSnapshot({ cluster: { location: 'East US 2' } })
  const { after, region, pricesAsOf, currency } = costOf(snapshot, { outboundType: 'managedNATGateway' }, 20)
  t.strictSame(rows(after), [
    ['natGatewayHour', 730, 32.85],
    ['publicIpHour', 730, 3.65],
    ['natGatewayGigabyte', 20, 0.9],
  ])
  t.strictSame([after.monthly, region, currency, pricesAsOf], [37.4, 'eastus2', 'USD', '2026-10-03'])
})

t.test('keeps a load balancer with Services, without its outbound rule', async (t) => {
  const { before, after } = costOf(aSnapshot({ loadBalancers: [aKubernetesBalancer(['a'])] }), {
    outboundType: 'managedNATGateway',
  })
  t.ok(rows(before).some(([meter]) => meter === 'loadBalancerHour'))
  t.ok(rows(after).some(([meter]) => meter === 'loadBalancerHour'))
  const without = costOf(aSnapshot(), { outboundType: 'managedNATGateway' })
  t.notOk(rows(without.after).some(([meter]) => meter === 'loadBalancerHour'))
})

t.test('counts a NAT gateway that exists before the change on both sides', async (t) => {
  const { gateway, publicIp } = aReadyGateway()
  const snapshot = aByoSnapshot(
    { natGatewayId: gateway.id },
    { natGateways: [gateway], publicIps: [publicIp] },
  )
  const { before, after } = costOf(snapshot, { outboundType: 'userAssignedNATGateway' })
  for (const side of [before, after])
    t.strictSame(
      side.lines.filter(({ meter }) => meter === 'natGatewayHour').map(({ quantity }) => quantity),
      [730],
    )
})

t.test('counts addresses that AKS adds and releases, and bills prefixes by address', async (t) => {
  const hours = (side: CostSide, meter: CostMeter) =>
    side.lines.find((line) => line.meter === meter)?.quantity ?? 0
  const resize = (managedOutboundIpCount: number) => ({
    outboundType: 'loadBalancer' as const,
    loadBalancer: { managedOutboundIpCount },
  })
  const more = costOf(aSnapshot(), resize(3))
  t.strictSame([hours(more.before, 'publicIpHour'), hours(more.after, 'publicIpHour')], [730, 3 * 730])
  const ids = ['a', 'b', 'c'].map((name) => `${NODE_GROUP}/${NETWORK}/publicIPAddresses/${name}`)
  const three = aSnapshot({
    cluster: {
      loadBalancerProfile: aLoadBalancerProfile({ managedOutboundIpCount: 3, effectiveOutboundIpIds: ids }),
    },
    publicIps: ids.map((id, index) => aPublicIp({ id, address: `20.1.1.${index}` })),
  })
  const fewer = costOf(three, resize(1))
  t.strictSame([hours(fewer.before, 'publicIpHour'), hours(fewer.after, 'publicIpHour')], [3 * 730, 730])
  const prefixId = `${GROUP}/${NETWORK}/publicIPPrefixes/prefix`
  const prefixed = costOf(
    aSnapshot({
      cluster: {
        loadBalancerProfile: aLoadBalancerProfile({
          managedOutboundIpCount: null,
          outboundIpPrefixIds: [prefixId],
          effectiveOutboundIpIds: [prefixId],
        }),
      },
      publicIpPrefixes: [aPrefix({ id: prefixId, prefix: '20.2.0.0/30' })],
    }),
    { outboundType: 'loadBalancer' },
  )
  t.equal(hours(prefixed.before, 'publicIpPrefixAddressHour'), 4 * 730)
})

/**
 * Calculated manually: 730 h and 1,000 GB at the prices of Azure Firewall in eastus, of a published table of the Azure Retail Prices
 * API (2026-04-01): 912.50 + 16, 1,277.50 + 16, and 288.35 + 65 US dollars.
 */
t.test('prices each tier of a firewall as in a manual calculation', async (t) => {
  const table = `${GROUP}/${NETWORK}/routeTables/routes`
  const behind = (tier: string | null, location = 'eastus') =>
    costOf(
      aByoSnapshot(
        { routeTableId: table },
        {
          cluster: { location, outboundType: 'userDefinedRouting', loadBalancerProfile: null },
          loadBalancers: [],
          routeTables: [aRouteTable(table, 'VirtualAppliance', '10.9.0.4')],
          firewalls: [aFirewall({ id: `${GROUP}/${NETWORK}/azureFirewalls/hub`, tier })],
        },
      ),
      { outboundType: 'userDefinedRouting' },
    ).before
  const byHand: [tier: string, prefix: string, hours: number, data: number, sum: number][] = [
    ['Standard', 'firewall', 912.5, 16, 928.5],
    ['premium', 'firewallPremium', 1277.5, 16, 1293.5],
    ['Basic', 'firewallBasic', 288.35, 65, 353.35],
  ]
  for (const [tier, prefix, hours, data, sum] of byHand) {
    t.strictSame(rows(behind(tier)), [
      [`${prefix}Hour`, 730, hours],
      [`${prefix}Gigabyte`, 1000, data],
    ])
    t.equal(behind(tier).monthly, sum)
    t.match(behind(tier).lines[0], { priceAsOf: '2026-04-01' })
  }
  t.equal(behind('Standard', 'australiaeast').monthly, 928.5)
  t.match(behind('Premium', 'australiaeast'), { monthly: null, knownMonthly: 0 }, 'not read in this region')
  t.equal(behind(null).monthly, null)
  t.match(behind(null).unknown, [/`firewallHour`/, /`firewallGigabyte`/])
})

t.test('reports unknown regions, data, and appliances', async (t) => {
  const target = { outboundType: 'managedNATGateway' as const }
  const elsewhere = costOf(aSnapshot({ cluster: { location: 'chinaeast2' } }), target)
  t.strictSame([elsewhere.before.monthly, elsewhere.pricesAsOf, elsewhere.difference], [null, null, null])
  const unmeasured = costOf(aSnapshot(), target, null)
  t.match(unmeasured.after.unknown, [/processed data is unknown/])
  t.equal(unmeasured.after.knownMonthly, 36.5, 'the gateway and its address')
  t.equal(unmeasured.difference, null, 'the two sides bill the data differently')
  const same = costOf(
    aSnapshot(),
    { outboundType: 'loadBalancer', loadBalancer: { managedOutboundIpCount: 3 } },
    null,
  )
  t.equal(same.difference, 7.3, 'unknown data with the same price cancels out')
})

t.test('states assumptions and dates with every plan', async (t) => {
  const { cost } = planFor(aSnapshot(), 'managedNATGateway')
  t.match(cost, { currency: 'USD', region: 'eastus', pricesAsOf: /^\d{4}-\d\d-\d\d$/ })
  t.ok((cost?.assumptions.length ?? 0) > 3)
  t.equal(planFor(aSnapshot(), 'userAssignedNATGateway').cost, undefined, 'an unsupported change has none')
})

t.test('dates every built-in price, and assumes none for other regions', async (t) => {
  for (const location of ['East US', 'eastus2', 'uksouth', 'westeurope', 'usgovvirginia', 'chinanorth3'])
    for (const price of Object.values(builtInPrices(location).prices)) {
      t.match(price.asOf, /^202\d-\d\d-\d\d$/)
      t.ok(price.amount > 0)
    }
  t.equal(builtInPrices('japaneast').prices.publicIpHour, undefined)
})
