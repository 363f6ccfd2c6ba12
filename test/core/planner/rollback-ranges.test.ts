import t from 'tap'
import type { RequestedPreparation } from '../../../src/contract/preparation.ts'
import type { RequestedTarget } from '../../../src/contract/target.ts'
import type { ClusterFacts, Snapshot } from '../../../src/core/snapshot/snapshot.ts'
import {
  aByoSnapshot,
  aLoadBalancerProfile,
  aNatGateway,
  aPrefix,
  aPublicIp,
  aSnapshot,
  GROUP,
  NETWORK,
  NODE_GROUP,
} from '../../support/a-cluster.ts'
import { codesOf, planFor } from '../../support/a-plan.ts'
import { GATEWAY, onGateway } from '../../support/own-network.ts'

const OTHERS = ['203.0.113.0/24']
const entries = (count: number) => Array.from({ length: count }, (_, index) => `198.51.100.${index}/32`)
const aksIps = (count: number) =>
  Array.from({ length: count }, (_, index) =>
    aPublicIp({
      id: `${NODE_GROUP}/${NETWORK}/publicIPAddresses/new-${index}`,
      address: `20.7.0.${index + 1}`,
    }),
  )

const NEW_GATEWAY = `${GROUP}/${NETWORK}/natGateways/ng-demo-egress`
const NEW_IP = `${GROUP}/${NETWORK}/publicIPAddresses/pip-demo-nat-egress-1`
const NEW_PREFIX = `${GROUP}/${NETWORK}/publicIPPrefixes/ippre-demo-nat-egress`
const LB_IP = `${GROUP}/${NETWORK}/publicIPAddresses/pip-demo-lb-egress-1`
const onUserGateway = { outboundType: 'userAssignedNATGateway', loadBalancerProfile: null } as const

function onLoadBalancer(ids: string[], profile: Parameters<typeof aLoadBalancerProfile>[0] = {}) {
  return { loadBalancerProfile: aLoadBalancerProfile({ ...profile, effectiveOutboundIpIds: ids }) }
}

/** A cluster with a managed NAT gateway with these addresses. */
function onManaged(ids: string[]): Partial<ClusterFacts> {
  const natGatewayProfile = {
    sku: null,
    managedOutboundIpCount: ids.length,
    managedOutboundIpv6Count: null,
    outboundIpIds: [],
    outboundIpPrefixIds: [],
    effectiveOutboundIpIds: ids,
    idleTimeoutInMinutes: 4,
  }
  return { outboundType: 'managedNATGateway', loadBalancerProfile: null, natGatewayProfile }
}

interface Case {
  before: Snapshot
  target: RequestedTarget
  prepare?: RequestedPreparation
  /** The cluster as Azure shows it after the job. */
  after: Snapshot
}

const lbTo = (managedOutboundIpCount: number): RequestedTarget => ({
  outboundType: 'loadBalancer',
  loadBalancer: { managedOutboundIpCount },
})
const idsOf = (ips: { id: string }[]) => ips.map(({ id }) => id)
const afterNat = (ranges: string[]) =>
  aSnapshot({
    cluster: { ...onManaged(idsOf(aksIps(1))), authorizedIPRanges: [...ranges, '20.7.0.1/32'] },
    publicIps: aksIps(1),
  })
const toNat = (ranges: string[]): Case => ({
  before: aSnapshot({ cluster: { authorizedIPRanges: ranges } }),
  target: { outboundType: 'managedNATGateway' },
  after: afterNat(ranges),
})
const toOwnIp = (ranges: string[]): Case => ({
  before: aSnapshot({ cluster: { authorizedIPRanges: ranges } }),
  target: { outboundType: 'loadBalancer' },
  prepare: { publicIps: { count: 1 } },
  after: aSnapshot({
    cluster: {
      ...onLoadBalancer([LB_IP], { managedOutboundIpCount: null, outboundIpIds: [LB_IP] }),
      authorizedIPRanges: [...ranges, '20.9.0.1/32'],
    },
    publicIps: [aPublicIp({ id: LB_IP, address: '20.9.0.1' })],
  }),
})

const CASES: Record<string, Case> = {
  'a new address': {
    before: aByoSnapshot({}, { cluster: { authorizedIPRanges: OTHERS } }),
    target: { outboundType: 'userAssignedNATGateway' },
    prepare: { natGateway: {} },
    after: aByoSnapshot(
      { natGatewayId: NEW_GATEWAY },
      {
        cluster: { ...onUserGateway, authorizedIPRanges: [...OTHERS, '20.9.0.1/32'] },
        natGateways: [aNatGateway({ id: NEW_GATEWAY, publicIpIds: [NEW_IP] })],
        publicIps: [aPublicIp({ id: NEW_IP, address: '20.9.0.1', natGatewayId: NEW_GATEWAY })],
      },
    ),
  },
  'a new prefix': {
    before: aByoSnapshot({}, { cluster: { authorizedIPRanges: OTHERS } }),
    target: { outboundType: 'userAssignedNATGateway' },
    prepare: { natGateway: {}, publicIpPrefix: { length: 30 } },
    after: aByoSnapshot(
      { natGatewayId: NEW_GATEWAY },
      {
        cluster: { ...onUserGateway, authorizedIPRanges: [...OTHERS, '20.8.0.0/30'] },
        natGateways: [aNatGateway({ id: NEW_GATEWAY, publicIpIds: [], publicIpPrefixIds: [NEW_PREFIX] })],
        publicIpPrefixes: [aPrefix({ id: NEW_PREFIX, prefix: '20.8.0.0/30', natGatewayId: NEW_GATEWAY })],
      },
    ),
  },
  'a known address': {
    before: aByoSnapshot(onGateway[0], { ...onGateway[1], cluster: { authorizedIPRanges: OTHERS } }),
    target: { outboundType: 'userAssignedNATGateway' },
    after: aByoSnapshot(
      { natGatewayId: GATEWAY.id },
      {
        ...onGateway[1],
        cluster: { ...onUserGateway, authorizedIPRanges: [...OTHERS, '20.9.0.1/32'] },
      },
    ),
  },
  'an address that AKS creates': toNat(OTHERS),
  'an address that AKS creates, with one entry left': toNat(entries(198)),
  'an address that AKS creates as the last entry': toNat(entries(199)),
  'a new address of the load balancer': toOwnIp(OTHERS),
  'a new address of the load balancer as the last entry': toOwnIp(entries(199)),
  'more addresses of the load balancer': {
    before: aSnapshot({
      cluster: { ...onLoadBalancer(idsOf(aksIps(1))), authorizedIPRanges: OTHERS },
      publicIps: aksIps(1),
    }),
    target: lbTo(3),
    after: aSnapshot({
      cluster: {
        ...onLoadBalancer(idsOf(aksIps(3)), { managedOutboundIpCount: 3 }),
        authorizedIPRanges: [...OTHERS, '20.7.0.2/32', '20.7.0.3/32'],
      },
      publicIps: aksIps(3),
    }),
  },
  'more addresses of the NAT gateway': {
    before: afterNat(OTHERS),
    target: { outboundType: 'managedNATGateway', natGateway: { managedOutboundIpCount: 3 } },
    after: aSnapshot({
      cluster: {
        ...onManaged(idsOf(aksIps(3))),
        authorizedIPRanges: [...OTHERS, '20.7.0.1/32', '20.7.0.2/32', '20.7.0.3/32'],
      },
      publicIps: aksIps(3),
    }),
  },
}
for (const [name, { before, target, prepare, after }] of Object.entries(CASES))
  t.test(`the rollback preview contains the authorized IP ranges that the job adds: ${name}`, async (t) => {
    const { status, rollback } = planFor(before, target, prepare === undefined ? {} : { prepare })
    t.equal(status, 'applicable')
    const back = planFor(after, rollback.target ?? target)
    const keysOf = (steps: { key: string }[] = []) => steps.map(({ key }) => key)
    t.strictSame(keysOf(rollback.plan?.steps), keysOf(back.steps))
    t.strictSame(rollback.plan?.blockers, codesOf(back, 'blocker'))
    t.strictSame(rollback.plan?.acknowledgements, back.acknowledgementsRequired)
  })

t.test('a rollback preview adds the ranges of addresses that the request left out', async (t) => {
  const { before, target } = CASES['a known address'] ?? { before: aSnapshot(), target: lbTo(1) }
  const { rollback } = planFor(before, target, { authorizedRanges: 'keep' })
  t.ok(rollback.plan?.steps.some(({ key }) => key === 'widen-authorized-ranges'))
})
