import t from 'tap'
import type { CostMeter, CostSide } from '../../../src/contract/cost.ts'
import type { RequestedPreparation } from '../../../src/contract/preparation.ts'
import type { RequestedTarget } from '../../../src/contract/target.ts'
import { buildPlanningContext } from '../../../src/core/context/planning-context.ts'
import { estimateCost } from '../../../src/core/cost/estimate-cost.ts'
import { builtInPrices } from '../../../src/core/references/price-list.ts'
import { defaultRequest } from '../../../src/core/request/plan-request.ts'
import type { MetricSeries } from '../../../src/core/snapshot/demand-facts.ts'
import type { LoadBalancerFacts, NatGatewayFacts } from '../../../src/core/snapshot/network-facts.ts'
import type { Snapshot } from '../../../src/core/snapshot/snapshot.ts'
import {
  aByoSnapshot,
  aFirewall,
  aKubernetesBalancer,
  aLoadBalancerProfile,
  aNatGateway,
  aPrefix,
  aPublicIp,
  aReadyGateway,
  aRouteTable,
  aSnapshot,
  aSpoke,
  GROUP,
  NETWORK,
  NODE_GROUP,
  SUBNET,
} from '../../support/a-cluster.ts'
import { ANY_POLICY, planFor } from '../../support/a-plan.ts'
import { aSeries, measuredBy, withData } from '../../support/demand.ts'

function costOf(
  bare: Snapshot,
  target: RequestedTarget,
  gigabytes: number | null = 1000,
  prepare?: RequestedPreparation,
) {
  const snapshot = gigabytes === null ? bare : withData(bare, gigabytes)
  const request = {
    ...defaultRequest(snapshot.cluster, target),
    ...(prepare === undefined ? {} : { prepare }),
  }
  return estimateCost(buildPlanningContext(snapshot, request, ANY_POLICY), undefined)
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

t.test('knows no cost of a path that its target still lacks', async (t) => {
  for (const outboundType of ['userDefinedRouting', 'userAssignedNATGateway'] as const)
    for (const defaultOutboundAccess of [true, false]) {
      const { after, difference } = costOf(aByoSnapshot({ defaultOutboundAccess }), { outboundType })
      t.match(after, {
        monthly: null,
        unknown: [new RegExp(`no resource provides the egress of .${outboundType}. yet`)],
      })
      t.equal(difference, null)
    }
  const { after } = costOf(aByoSnapshot({ defaultOutboundAccess: false }), { outboundType: 'none' })
  t.match(after, { monthly: 0, unknown: [] }, 'without egress there is no cost')
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
  t.equal(prefixed.before.lines.find(({ meter }) => meter === 'publicIpPrefixAddressHour')?.monthly, 17.52)
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
          firewalls: [
            aFirewall({
              id: `${GROUP}/${NETWORK}/azureFirewalls/hub`,
              tier,
              subnetIds: [`${VNET}/subnets/AzureFirewallSubnet`],
            }),
          ],
        },
      ),
      { outboundType: 'userDefinedRouting' },
    ).before
  const byHand: [tier: string, prefix: string, hours: number][] = [
    ['Standard', 'firewall', 912.5],
    ['premium', 'firewallPremium', 1277.5],
    ['Basic', 'firewallBasic', 288.35],
  ]
  for (const [tier, prefix, hours] of byHand) {
    t.strictSame(rows(behind(tier)), [
      [`${prefix}Hour`, 730, hours],
      [`${prefix}Gigabyte`, null, null],
    ])
    t.match(behind(tier).lines[0], { priceAsOf: '2026-04-01' })
  }
  t.equal(behind('Standard', 'australiaeast').knownMonthly, 912.5)
  t.match(behind('Premium', 'australiaeast'), { monthly: null, knownMonthly: 0 }, 'not read in this region')
  t.equal(behind(null).monthly, null)
  t.match(
    behind(null).unknown.join(),
    /applies to `firewallHour` and `firewallGigabyte`, .* tier of the firewall/,
  )
})

t.test('reports unknown regions, data, and appliances', async (t) => {
  const target = { outboundType: 'managedNATGateway' as const }
  const elsewhere = costOf(aSnapshot({ cluster: { location: 'chinaeast2' } }), target)
  t.strictSame([elsewhere.before.monthly, elsewhere.pricesAsOf, elsewhere.difference], [null, null, null])
  t.match(
    elsewhere.before.unknown.join(),
    /`loadBalancerHour`.* and .*, because it is not in the built-in table .* Set `PRICES_URL`/,
  )
  const unmeasured = costOf(aSnapshot(), target, null)
  t.match(unmeasured.after.unknown, [/amount of data is unknown for the charge `natGatewayGigabyte`/])
  t.equal(unmeasured.after.knownMonthly, 36.5, 'the gateway and its address')
  t.equal(unmeasured.difference, null, 'the two sides bill the data differently')
  const same = costOf(
    aSnapshot(),
    { outboundType: 'loadBalancer', loadBalancer: { managedOutboundIpCount: 3 } },
    null,
  )
  t.equal(same.difference, 7.3, 'unknown data with the same price cancels out')
})

const VNET = SUBNET.replace('/subnets/nodes', '')
const HUB = `${GROUP}/${NETWORK}/virtualNetworks/hub`
const TABLE = `${GROUP}/${NETWORK}/routeTables/routes`
const UDR = { outboundType: 'userDefinedRouting' as const }

/** A cluster on the load balancer, whose route to a firewall exists but covers only the internet after the change. */
function costThroughFirewall(firewallNetwork: string, gateways: NatGatewayFacts[] = []) {
  const firewallIp = aPublicIp({ id: `${GROUP}/${NETWORK}/publicIPAddresses/fw`, address: '20.5.0.1' })
  const gatewayIp = aPublicIp({
    id: `${GROUP}/${NETWORK}/publicIPAddresses/nat`,
    address: '20.5.0.2',
    natGatewayId: `${GROUP}/${NETWORK}/natGateways/hub`,
  })
  const snapshot = aByoSnapshot(
    {},
    {
      virtualNetworks: [aSpoke()],
      natGateways: gateways,
      publicIps: [firewallIp, gatewayIp],
      firewalls: [
        aFirewall({
          id: `${GROUP}/${NETWORK}/azureFirewalls/hub`,
          publicIpIds: [firewallIp.id],
          subnetIds: [`${firewallNetwork}/subnets/AzureFirewallSubnet`],
        }),
      ],
    },
  )
  return costOf(snapshot, UDR, 1000, {
    defaultRoute: { nextHopType: 'VirtualAppliance', nextHopIpAddress: '10.9.0.4' },
  })
}
const dataOf = (side: CostSide) => rows(side).filter(([meter]) => /Gigabyte/.test(String(meter)))

t.test('bills every meter that data passes behind a firewall', async (t) => {
  const inSameNetwork = costThroughFirewall(VNET)
  t.strictSame(dataOf(inSameNetwork.before), [['loadBalancerGigabyte', 1000, 5]])
  t.strictSame(dataOf(inSameNetwork.after), [['firewallGigabyte', 1000, 16]])
  const peered = costThroughFirewall(HUB)
  t.strictSame(
    dataOf(peered.after),
    [
      ['firewallGigabyte', 1000, 16],
      ['peeringEgressGigabyte', 1000, 10],
      ['peeringIngressGigabyte', 1000, 10],
    ],
    'a peering bills each GB where it leaves and where it enters',
  )
  const gateway = aNatGateway({
    id: `${GROUP}/${NETWORK}/natGateways/hub`,
    publicIpIds: [`${GROUP}/${NETWORK}/publicIPAddresses/nat`],
    subnetIds: [`${VNET}/subnets/AzureFirewallSubnet`],
  })
  const { after } = costThroughFirewall(VNET, [gateway])
  t.match(rows(after).slice(0, 2), [
    ['natGatewayHour', 730, 32.85],
    ['publicIpHour', 2 * 730, 7.3],
  ])
  t.strictSame(dataOf(after), [
    ['firewallGigabyte', 1000, 16],
    ['natGatewayGigabyte', 1000, 45],
  ])
})

t.test(
  'bills each firewall of a route with several appliances, whose shares of the data are unknown',
  async (t) => {
    const hops = ['10.9.0.4', '10.9.0.5']
    const firewalls = hops.map((hop, index) =>
      aFirewall({
        id: `${GROUP}/${NETWORK}/azureFirewalls/fw-${index}`,
        privateAddresses: [hop],
        subnetIds: [`${VNET}/subnets/AzureFirewallSubnet`],
      }),
    )
    const table = aRouteTable(TABLE, 'VirtualApplianceEcmp')
    const routes = table.routes.map((route) => ({ ...route, nextHopIpAddresses: hops }))
    const routeTables = [{ ...table, routes }]
    const { after } = costOf(aByoSnapshot({ routeTableId: TABLE }, { routeTables, firewalls }), UDR)
    t.match(
      rows(after).filter(([meter]) => meter === 'firewallHour'),
      [
        ['firewallHour', 730],
        ['firewallHour', 730],
      ],
    )
    t.equal(after.monthly, null)
    t.match(after.unknown.join(' '), /share of each path is unknown/)
  },
)

t.test('never prices the data of a shared firewall or NAT gateway as that of the cluster', async (t) => {
  const behind = aByoSnapshot(
    { routeTableId: TABLE },
    {
      cluster: { outboundType: 'userDefinedRouting', loadBalancerProfile: null },
      loadBalancers: [],
      routeTables: [aRouteTable(TABLE, 'VirtualAppliance', '10.9.0.4')],
      firewalls: [
        aFirewall({
          id: `${GROUP}/${NETWORK}/azureFirewalls/hub`,
          subnetIds: [`${VNET}/subnets/AzureFirewallSubnet`],
        }),
      ],
    },
  )
  const { gateway, publicIp } = aReadyGateway()
  const gatewayOn = (subnetIds: string[], occupantGroups: string[] = []) =>
    costOf(
      aByoSnapshot(
        { natGatewayId: gateway.id, occupantGroups },
        { natGateways: [{ ...gateway, subnetIds }], publicIps: [publicIp] },
      ),
      { outboundType: 'userAssignedNATGateway' },
      100_000,
    )
  const shared: [name: string, ReturnType<typeof costOf>][] = [
    ['firewall', costOf(behind, UDR, 100_000)],
    ['subnets of others', gatewayOn([SUBNET, `${HUB}/subnets/others`])],
    ['others in the subnet', gatewayOn([SUBNET], [`${GROUP}`.toLowerCase()])],
    ['unknown subnets', gatewayOn([])],
  ]
  for (const [name, { gigabytesPerMonth, before, after }] of shared) {
    t.equal(gigabytesPerMonth, null, name)
    for (const side of [before, after]) {
      t.equal(side.monthly, null, name)
      t.ok(
        side.unknown.some((text) => /traffic that is not from this cluster/.test(text)),
        name,
      )
    }
  }
  t.equal(gatewayOn([SUBNET], [NODE_GROUP.toLowerCase()]).gigabytesPerMonth, 100_000)
})

t.test('prices known data that joins unknown data at one meter, and has no difference then', async (t) => {
  const balancer = `${NODE_GROUP}/${NETWORK}/loadBalancers/kubernetes`
  const table = aRouteTable(TABLE, 'VirtualAppliance', '10.9.0.4')
  const exception = {
    ...table,
    routes: table.routes.map((route) => ({ ...route, addressPrefix: '52.0.0.0/8' })),
  }
  const firewall = aFirewall({
    id: `${GROUP}/${NETWORK}/azureFirewalls/hub`,
    subnetIds: [`${VNET}/subnets/AzureFirewallSubnet`],
  })
  const snapshot = aByoSnapshot(
    { routeTableId: TABLE },
    { cluster: { location: 'australiaeast' }, routeTables: [exception], firewalls: [firewall] },
  )
  const values = Array.from({ length: 96 }, () => ({ total: 1e9 }))
  const measured = measuredBy(snapshot, [aSeries('ByteCount', values)], 'loadBalancer', balancer)
  const { before, after, difference } = costOf(measured, UDR, null, {
    defaultRoute: { nextHopType: 'VirtualAppliance', nextHopIpAddress: '10.9.0.4' },
  })
  t.match(dataOf(before), [
    ['loadBalancerGigabyte', 2920],
    ['firewallGigabyte', null],
  ])
  t.match(dataOf(after), [
    ['firewallGigabyte', 2920],
    ['firewallGigabyte', null],
  ])
  t.equal(difference, null)
  t.match(rows(after), [['firewallHour'], ['firewallGigabyte', 2920, 46.72], ['firewallGigabyte', null]])
})

t.test('moves only egress to the new meter, and keeps inbound traffic on the load balancer', async (t) => {
  const balancer = aKubernetesBalancer(['web'])
  const serviceIp = aPublicIp({ id: `${NODE_GROUP}/${NETWORK}/publicIPAddresses/web`, address: '20.1.0.9' })
  const [outbound, web] = balancer.frontends
  if (outbound === undefined || web === undefined) throw new Error('two frontends')
  const separate = { ...balancer, frontends: [outbound, { ...web, publicIpId: serviceIp.id }] }
  const bytes = (address: string, gigabytes: number) =>
    aSeries(
      'ByteCount',
      Array.from({ length: 73 * 4 }, () => ({ total: (gigabytes / 10 / (73 * 4)) * 1e9 })),
      { frontendipaddress: address },
    )
  const cost = (list: LoadBalancerFacts, ...series: MetricSeries[]) =>
    costOf(
      measuredBy(aSnapshot({ loadBalancers: [list], publicIps: [serviceIp] }), series),
      { outboundType: 'managedNATGateway' },
      null,
    )
  const known = cost(separate, bytes('20.1.0.1', 300), bytes('20.1.0.9', 700))
  t.strictSame(dataOf(known.before), [['loadBalancerGigabyte', 1000, 5]])
  t.strictSame(dataOf(known.after), [
    ['natGatewayGigabyte', 300, 13.5],
    ['loadBalancerGigabyte', 700, 3.5],
  ])
  const shared = {
    ...balancer,
    loadBalancingRules: balancer.loadBalancingRules.map((rule) => ({ ...rule, frontendId: outbound.id })),
  }
  for (const mixed of [cost(shared, bytes('20.1.0.1', 1000)), cost(separate, bytes('20.1.0.77', 1000))]) {
    t.equal(mixed.gigabytesPerMonth, 1000)
    t.strictSame(dataOf(mixed.after), [
      ['natGatewayGigabyte', null, null],
      ['loadBalancerGigabyte', null, null],
    ])
    t.ok(mixed.after.unknown.some((text) => /carry egress and inbound traffic/.test(text)))
  }
})

t.test('extrapolates from at least a day of values, and states the hours behind a month', async (t) => {
  const costFrom = (hours: number) =>
    costOf(
      measuredBy(aSnapshot(), [
        aSeries(
          'ByteCount',
          Array.from({ length: hours * 4 }, () => ({ total: 1e9 })),
        ),
      ]),
      { outboundType: 'managedNATGateway' },
      null,
    )
  const short = costFrom(23)
  t.strictSame([short.gigabytesPerMonth, short.measuredHours, short.difference], [null, 23, null])
  t.ok(short.before.unknown.some((text) => /has only 23 h of data/.test(text)))
  const day = costFrom(24)
  t.equal(day.gigabytesPerMonth, 4 * 730)
  t.ok(day.assumptions.some((text) => /from 24 h of Azure Monitor data.* less than a week/.test(text)))
  t.notOk(costFrom(336).assumptions.some((text) => /less than a week/.test(text)))
})

t.test('states assumptions and dates with every plan', async (t) => {
  const { cost } = planFor(aSnapshot(), 'managedNATGateway')
  t.match(cost, { currency: 'USD', region: 'eastus', pricesAsOf: /^\d{4}-\d\d-\d\d$/ })
  t.ok((cost?.assumptions.length ?? 0) > 3)
  const counted = (target: 'managedNATGateway' | 'managedNATGatewayV2') =>
    planFor(aSnapshot(), target).cost?.assumptions.some((text) =>
      /^A StandardV2 NAT gateway is counted/.test(text),
    )
  t.strictSame([counted('managedNATGateway'), counted('managedNATGatewayV2')], [false, true])
  t.equal(planFor(aSnapshot(), 'userAssignedNATGateway').cost, undefined, 'an unsupported change has none')
})

t.test('states the price of a StandardV2 NAT gateway only with a gateway of the estimate', async (t) => {
  const { id, gateway, publicIp } = aReadyGateway()
  const natGateways = [{ ...gateway, sku: 'StandardV2' }]
  const isStated = (subnet: { natGatewayId: string | null }, target: RequestedTarget) =>
    costOf(aByoSnapshot(subnet, { natGateways, publicIps: [publicIp] }), target).assumptions.some((text) =>
      /^A StandardV2 NAT gateway/.test(text),
    )
  t.notOk(isStated({ natGatewayId: null }, { outboundType: 'none' }), 'the gateway of another cluster')
  t.ok(isStated({ natGatewayId: id }, { outboundType: 'userAssignedNATGateway' }))
})

t.test('names the existing resources of each hourly line with their part of the amount', async (t) => {
  const { id, gateway, publicIp } = aReadyGateway()
  const snapshot = aByoSnapshot({ natGatewayId: id }, { natGateways: [gateway], publicIps: [publicIp] })
  const { before, after } = costOf(snapshot, { outboundType: 'userAssignedNATGateway' })
  for (const { lines } of [before, after]) {
    const named = lines.flatMap(({ meter, resources = [] }) =>
      resources.map((resource) => [meter, resource.id, resource.monthly]),
    )
    t.match(named, [
      ['natGatewayHour', id, 32.85],
      ['publicIpHour', publicIp.id, 3.65],
    ])
  }
  const created = costOf(aSnapshot(), { outboundType: 'managedNATGateway' }).after.lines
  t.notOk(
    created.find(({ meter }) => meter === 'natGatewayHour')?.resources,
    'the gateway does not exist yet',
  )
})

t.test('dates every built-in price, and assumes none for other regions', async (t) => {
  for (const location of ['East US', 'eastus2', 'uksouth', 'westeurope', 'usgovvirginia', 'chinanorth3'])
    for (const price of Object.values(builtInPrices(location).prices)) {
      t.match(price.asOf, /^202\d-\d\d-\d\d$/)
      t.ok(price.amount > 0)
    }
  t.equal(builtInPrices('japaneast').prices.publicIpHour, undefined)
})
