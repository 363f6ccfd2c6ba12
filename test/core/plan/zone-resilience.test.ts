import t from 'tap'
import type { NatGatewayFacts } from '../../../src/core/snapshot/network-facts.ts'
import {
  aByoSnapshot,
  aLoadBalancerProfile,
  aNatGatewayProfile,
  aPool,
  aPublicIp,
  aSnapshot,
  SUBNET,
} from '../../support/a-cluster.ts'
import { planFor } from '../../support/a-plan.ts'
import { GATEWAY, OWN_IP, onGateway, onTable } from '../../support/own-network.ts'

const zoned = { agentPools: [aPool({ availabilityZones: ['3', '1', '2'] })] }
const onZones = (zones: string[]) =>
  aSnapshot({
    cluster: {
      ...zoned,
      loadBalancerProfile: aLoadBalancerProfile({
        managedOutboundIpCount: null,
        outboundIpIds: [OWN_IP],
        effectiveOutboundIpIds: [OWN_IP],
      }),
    },
    publicIps: [aPublicIp({ id: OWN_IP, address: '20.4.0.1', zones })],
  })
const gatewayWith = (given: Partial<NatGatewayFacts>) =>
  aByoSnapshot(onGateway[0], {
    cluster: { agentPools: [aPool({ vnetSubnetId: SUBNET, availabilityZones: ['1', '2'] })] },
    natGateways: [{ ...GATEWAY.gateway, ...given }],
    publicIps: [GATEWAY.publicIp],
  })

t.test(
  'a managed NAT gateway of SKU Standard ties the egress to one zone, StandardV2 does not',
  async (t) => {
    const standard = planFor(aSnapshot({ cluster: zoned }), 'managedNATGateway').zoneResilience
    t.match(standard, {
      poolZones: ['1', '2', '3'],
      before: { kind: 'zoneRedundant' },
      after: { kind: 'zonal' },
    })
    const v2 = planFor(aSnapshot({ cluster: zoned }), 'managedNATGatewayV2').zoneResilience
    t.equal(v2.after.kind, 'zoneRedundant')
    const from = { outboundType: 'managedNATGateway', natGatewayProfile: aNatGatewayProfile() }
    const between = planFor(
      aSnapshot({ cluster: { ...zoned, ...from } }),
      'managedNATGatewayV2',
    ).zoneResilience
    t.match(between, { before: { kind: 'zonal' }, after: { kind: 'zoneRedundant' } })
  },
)

t.test('the addresses of a load balancer decide over its zones', async (t) => {
  const before = (zones: string[]) => planFor(onZones(zones), 'managedNATGateway').zoneResilience.before
  t.match(before(['1', '2', '3']), { kind: 'zoneRedundant', because: /are zone-redundant\.$/ })
  t.match(before(['2']), { kind: 'zonal', zones: ['2'] })
  t.match(before([]), { kind: 'zoneRedundant', because: /Addresses without a zone/ })
})

t.test('the NAT gateways of the user decide over theirs', async (t) => {
  const after = (given: Partial<NatGatewayFacts>) =>
    planFor(gatewayWith(given), 'userAssignedNATGateway').zoneResilience.after
  t.match(after({ zones: ['2'] }), { kind: 'zonal', zones: ['2'] })
  t.match(after({}), { kind: 'zonal', zones: [] })
  t.match(after({ sku: 'StandardV2' }), { kind: 'zoneRedundant' })
  const unread = planFor(aByoSnapshot(onGateway[0]), 'userAssignedNATGateway').zoneResilience
  t.match(unread.after, { kind: 'unknown', because: 'The NAT gateway could not be read.' })
})

t.test('zones that ARM does not show are unknown, and no egress depends on no zone', async (t) => {
  const routed = planFor(aByoSnapshot(...onTable('VirtualAppliance')), 'userDefinedRouting').zoneResilience
  t.equal(routed.after.kind, 'unknown')
  t.equal(planFor(aSnapshot(), 'block').zoneResilience.after.kind, 'noEgress')
})

t.test('prepared resources count for the zones after the change', async (t) => {
  const cluster = { agentPools: [aPool({ vnetSubnetId: SUBNET, availabilityZones: ['1', '2'] })] }
  const to = (natGateway: object) =>
    planFor(aByoSnapshot({}, { cluster }), 'userAssignedNATGateway', { prepare: { natGateway } })
      .zoneResilience.after
  t.match(to({}), { kind: 'zonal', zones: [] })
  t.match(to({ zones: ['2'] }), { kind: 'zonal', zones: ['2'] })
  t.match(to({ sku: 'StandardV2' }), { kind: 'zoneRedundant' })
  const addresses = planFor(aSnapshot({ cluster: zoned }), 'loadBalancer', {
    prepare: { publicIps: { count: 1, zones: ['3'] } },
  })
  t.match(addresses.zoneResilience.after, { kind: 'zonal', zones: ['3'] })
})

t.test('a change that AKS does not make leaves the zones as they are', async (t) => {
  const { before, after } = planFor(gatewayWith({ zones: ['2'] }), 'managedNATGateway').zoneResilience
  t.match(before, { kind: 'zonal', zones: ['2'] })
  t.strictSame(after, before)
})
