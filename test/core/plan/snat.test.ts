import t from 'tap'
import type { NatGatewayFacts } from '../../../src/core/snapshot/network-facts.ts'
import {
  aByoSnapshot,
  aFirewall,
  aLoadBalancerProfile,
  aNatGateway,
  aNatGatewayProfile,
  aPool,
  aPrefix,
  aPublicIp,
  aSnapshot,
  aSpoke,
  aSubnet,
  GROUP,
  NETWORK,
  NODE_GROUP,
  SUBNET,
} from '../../support/a-cluster.ts'
import { FIREWALL } from '../../support/a-firewall.ts'
import { codesOf, planFor } from '../../support/a-plan.ts'
import { GATEWAY } from '../../support/own-network.ts'
import { toAppliance, withAppliance } from '../../support/rule-cases.ts'

const ids = ['a', 'b', 'c'].map((name) => `${NODE_GROUP}/${NETWORK}/publicIPAddresses/${name}`)
const publicIps = ids.map((id, index) => aPublicIp({ id, address: `20.1.0.${index + 1}` }))

t.test('a gateway with fewer addresses has the ports of those that the target asks for', async (t) => {
  const natGatewayProfile = aNatGatewayProfile({
    managedOutboundIpCount: 2,
    effectiveOutboundIpIds: ids.slice(0, 2),
  })
  const cluster = { outboundType: 'managedNATGateway', natGatewayProfile, loadBalancerProfile: null }
  const made = planFor(aSnapshot({ cluster, publicIps }), {
    outboundType: 'managedNATGateway',
    natGateway: { managedOutboundIpCount: 1 },
  })
  t.match(made.snat, {
    before: { addresses: 2, ports: 2 * 64_512 },
    after: { addresses: 1, ports: 64_512 },
  })
  t.ok(codesOf(made).includes('SNAT_DROPS'))
})

t.test('a load balancer with fewer addresses too, as its rule on ports counts them', async (t) => {
  const loadBalancerProfile = aLoadBalancerProfile({
    managedOutboundIpCount: 3,
    effectiveOutboundIpIds: ids,
    allocatedOutboundPorts: 32_000,
  })
  const made = planFor(aSnapshot({ cluster: { loadBalancerProfile }, publicIps }), {
    outboundType: 'loadBalancer',
    loadBalancer: { managedOutboundIpCount: 1, allocatedOutboundPorts: 32_000 },
  })
  t.match(made.snat, { before: { addresses: 3 }, after: { addresses: 1, ports: 64_000, maxNodes: 2 } })
  t.match(
    made.findings.filter((each) => each.code === 'LB_PORTS_INFEASIBLE'),
    [{ facts: { addresses: 1, maxNodes: 2 } }],
  )
})

t.test('ports are checked for the largest size of a VirtualMachines pool', async (t) => {
  const vms = aPool({ type: 'VirtualMachines', count: 40, maxCount: 100, enableAutoScaling: true })
  const target = {
    outboundType: 'loadBalancer' as const,
    loadBalancer: { managedOutboundIpCount: 1, allocatedOutboundPorts: 8_000 },
  }
  const made = planFor(aSnapshot({ cluster: { agentPools: [vms] } }), target)
  t.match(made.snat.nodes, { now: 40, peak: 110, unknownPools: [] })
  t.ok(codesOf(made, 'blocker').includes('LB_PORTS_INFEASIBLE'))
})

t.test('a pool of unknown size leaves no ports per node to compare, and is reported', async (t) => {
  const agentPools = [aPool({ count: 60 }), aPool({ name: 'machines', mode: 'Machines', count: null })]
  const made = planFor(aSnapshot({ cluster: { agentPools } }), 'managedNATGateway')
  t.match(made.snat, {
    nodes: { now: 60, peak: 66, unknownPools: ['machines'] },
    before: { portsPerNode: null },
    after: { portsPerNode: null },
    suggestedIpCount: null,
  })
  const codes = codesOf(made)
  t.ok(codes.includes('NODE_COUNT_UNKNOWN'))
  for (const code of ['SNAT_DROPS', 'SNAT_DEST_HOTSPOT']) t.notOk(codes.includes(code), code)
  const unchecked = planFor(aSnapshot({ cluster: { agentPools } }), {
    outboundType: 'loadBalancer',
    loadBalancer: { managedOutboundIpCount: 1, allocatedOutboundPorts: 1_024 },
  })
  t.ok(
    codesOf(unchecked).includes('LB_PORTS_INFEASIBLE'),
    'the pools of known size are enough to exceed the ports',
  )
})

t.test(
  'a firewall has the ports of two instances per address, or the ports of its NAT gateway',
  async (t) => {
    const firewallSubnet = `${GROUP}/${NETWORK}/virtualNetworks/hub/subnets/AzureFirewallSubnet`
    const [firewallIp, gatewayIp] = ['fw', 'nat'].map(
      (name) => `${GROUP}/${NETWORK}/publicIPAddresses/${name}`,
    )
    const gateway = aNatGateway({
      id: `${GROUP}/${NETWORK}/natGateways/hub`,
      publicIpIds: [gatewayIp ?? ''],
      subnetIds: [firewallSubnet],
    })
    const snatOf = (natGateways: NatGatewayFacts[]) =>
      planFor(
        aByoSnapshot(toAppliance, {
          ...withAppliance,
          virtualNetworks: [aSpoke()],
          natGateways,
          firewalls: [
            aFirewall({ id: FIREWALL, publicIpIds: [firewallIp ?? ''], subnetIds: [firewallSubnet] }),
          ],
          publicIps: [
            aPublicIp({ id: firewallIp ?? '', address: '20.5.0.1' }),
            aPublicIp({ id: gatewayIp ?? '', address: '20.5.0.2', natGatewayId: gateway.id }),
          ],
        }),
        'userDefinedRouting',
      ).snat.after
    t.match(snatOf([]), {
      addresses: 1,
      ports: 2 * 2_496,
      rule: /2 instances \(the minimum\) with 2,496 ports per address each/,
    })
    t.match(snatOf([gateway]), { addresses: 1, ports: 64_512, rule: /a NAT gateway serves the firewall/ })
  },
)

t.test('subnets on several paths have no capacity in common', async (t) => {
  const subnets = [aSubnet({ natGatewayId: GATEWAY.id }), aSubnet({ id: `${SUBNET}2` })]
  const cluster = { agentPools: [aPool({ vnetSubnetId: SUBNET, podSubnetId: `${SUBNET}2` })] }
  const snapshot = aSnapshot({
    cluster,
    subnets,
    natGateways: [GATEWAY.gateway],
    publicIps: [GATEWAY.publicIp],
  })
  const { before } = planFor(snapshot, 'userAssignedNATGateway').snat
  t.match(before, { path: 'mixed', ports: null, rule: /different capacities/ })
})

t.test('counts a public IP from a prefix of the same gateway once', async (t) => {
  const prefix = aPrefix({ id: `${GROUP}/${NETWORK}/publicIPPrefixes/range`, prefix: '20.9.0.0/30' })
  const gateway = { ...GATEWAY.gateway, publicIpPrefixIds: [prefix.id] }
  const snapshot = aByoSnapshot(
    { natGatewayId: GATEWAY.id },
    { natGateways: [gateway], publicIps: [GATEWAY.publicIp], publicIpPrefixes: [prefix] },
  )
  const { before } = planFor(snapshot, 'userAssignedNATGateway').snat
  t.match(before, { addresses: 4, ports: 4 * 64_512 })
})

t.test('each IPv4 path has the SNAT ports of its own addresses', async (t) => {
  const [gateway, other] = [GATEWAY, `${SUBNET}-2`]
  const prefix = aPrefix({ id: `${GROUP}/${NETWORK}/publicIPPrefixes/p`, prefix: '20.8.0.0/30' })
  const snapshot = aByoSnapshot(
    { natGatewayId: gateway.id },
    { natGateways: [{ ...gateway.gateway, publicIpPrefixIds: [prefix.id] }], publicIpPrefixes: [prefix] },
  )
  const two = { ...snapshot, subnets: [...snapshot.subnets, aSubnet({ id: other, pools: [] })] }
  const rows = planFor(
    { ...two, publicIps: { ...two.publicIps, [gateway.publicIp.id.toLowerCase()]: gateway.publicIp } },
    'userAssignedNATGateway',
    { prepare: { natGateway: { name: 'new' } } },
  ).paths.map(({ before, after }) => [before.path, before.snatPorts, after.path, after.snatPorts])
  t.strictSame(rows, [
    ['natGateway', 5 * 64_512, 'natGateway', 64_512],
    ['loadBalancer', 64_000, 'natGateway', 64_512],
  ])
})

t.test(
  'the ports of a path are unknown if an address or appliance is unknown, or pools differ',
  async (t) => {
    const portsOf = (...planned: Parameters<typeof planFor>) =>
      planFor(...planned).paths.map(({ family, before, after }) => [
        family,
        before.snatPorts,
        after.snatPorts,
      ])
    const firewall = aFirewall({ id: FIREWALL, publicIpIds: [ids[0] ?? ''] })
    const routed = aByoSnapshot(toAppliance, { ...withAppliance, publicIps, firewalls: [firewall] })
    t.strictSame(portsOf(routed, 'userDefinedRouting'), [['IPv4', 4_992, 4_992]])
    t.strictSame(portsOf(aByoSnapshot(toAppliance, withAppliance), 'userDefinedRouting'), [
      ['IPv4', null, null],
    ])
    t.strictSame(portsOf(aByoSnapshot({ defaultOutboundAccess: false }), 'none'), [['IPv4', 64_000, 0]])
    t.strictSame(portsOf(aByoSnapshot(), 'none'), [['IPv4', 64_000, null]], 'default outbound access')
    const pools = [
      aPool({ vnetSubnetId: SUBNET }),
      aPool({ name: 'public', vnetSubnetId: SUBNET, enableNodePublicIP: true }),
    ]
    const open = aByoSnapshot({ pools: ['system', 'public'] }, { cluster: { agentPools: pools } })
    t.strictSame(portsOf(open, 'loadBalancer'), [
      ['IPv4', 64_000, 64_000],
      ['IPv4', null, null],
    ])
  },
)
