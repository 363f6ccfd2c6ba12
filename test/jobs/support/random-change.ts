import fc from 'fast-check'
import type { RequestedTarget } from '../../../src/contract/target.ts'
import type { PlanningRequest } from '../../../src/core/request/plan-request.ts'
import type { Snapshot } from '../../../src/core/snapshot/snapshot.ts'
import { clusterBody } from '../../../src/simulator/fleet/cluster-body.ts'
import { randomNetwork } from '../../core/egress/random-network.ts'
import { GROUP, NETWORK, NODE_GROUP } from '../../support/a-cluster.ts'
import { networkBodies, type ResourceBody } from '../../support/snapshot-bodies.ts'

/** Random compound networks as bodies that the simulator starts with, and what a caller may want of their cluster. */

/** A change that a caller asks for. */
export interface Wish {
  target: RequestedTarget
  rest: Partial<PlanningRequest>
}

/** A network and its cluster, and wishes in the order in which they are tried. */
export interface RandomChange {
  resources: ResourceBody[]
  wishes: Wish[]
}

const SPARE = `${GROUP}/${NETWORK}/publicIPAddresses/spare`
const HUB = `${GROUP}/${NETWORK}/virtualNetworks/hub`

/** Types that AKS has in a customer's network. */
const TYPES = ['loadBalancer', 'userAssignedNATGateway', 'userDefinedRouting', 'none'] as const

/** What decides the fate of packets but is in no snapshot, and how each type is asked for. */
const choices = fc.record({
  order: fc.shuffledSubarray(TYPES.slice(1), { minLength: TYPES.length - 1 }),
  /** Otherwise it is tried last, because it is nearly always possible. */
  isBalancerFirst: fc.constantFrom(true, false, false, false),
  isCached: fc.boolean(),
  isLearned: fc.boolean(),
  authorizedRanges: fc.constantFrom('widen' as const, 'widen' as const, 'keep' as const),
  count: fc.integer({ min: 1, max: 3 }),
  isOwnAddress: fc.boolean(),
  gateway: fc.constantFrom(null, 'Standard' as const, 'Standard' as const, 'StandardV2' as const),
  hop: fc.constantFrom(null, '10.9.0.4', '10.9.0.4', '10.9.0.5', '10.9.0.6'),
})
type Choices = typeof choices extends fc.Arbitrary<infer T> ? T : never

/** A network with a cluster, and what its owner may want. */
export const randomChange: fc.Arbitrary<RandomChange> = fc
  .tuple(
    randomNetwork.filter(({ cluster }) => TYPES.some((type) => type === cluster.outboundType)),
    choices,
  )
  .map(([snapshot, choice]) => ({
    resources: [
      ...networkBodies({ ...snapshot, publicIps: usedAddresses(snapshot) }),
      clusterOf(snapshot, choice),
      ...(choice.isLearned ? LEARNED : []),
      SPARE_BODY,
    ],
    wishes: orderOf(choice).map((outboundType) => wishFor(outboundType, choice)),
  }))

const SPARE_BODY: ResourceBody = {
  id: SPARE,
  name: 'spare',
  type: 'Microsoft.Network/publicIPAddresses',
  location: 'eastus',
  sku: { name: 'Standard' },
  properties: {
    ipAddress: '20.1.0.20',
    publicIPAddressVersion: 'IPv4',
    publicIPAllocationMethod: 'Static',
    provisioningState: 'Succeeded',
  },
}

/** A gateway in the hub that learned a default route; a network that uses it takes the route over. */
const LEARNED: ResourceBody[] = [
  {
    id: `${GROUP}/${NETWORK}/virtualNetworkGateways/er`,
    type: 'Microsoft.Network/virtualNetworkGateways',
    properties: {
      ipConfigurations: [{ name: 'default', properties: { subnet: { id: `${HUB}/subnets/GatewaySubnet` } } }],
    },
  },
  {
    id: `${GROUP}/${NETWORK}/virtualNetworkGateways/er/learnedRoutes/default`,
    type: 'Microsoft.Network/virtualNetworkGateways/learnedRoutes',
    properties: { network: '0.0.0.0/0' },
  },
]

/** AKS has made the addresses that the profile names, and no others. */
function usedAddresses({ cluster, publicIps }: Snapshot): Snapshot['publicIps'] {
  const used = cluster.loadBalancerProfile?.effectiveOutboundIpIds.map((id) => id.toLowerCase()) ?? []
  const isInNodeGroup = (key: string) => key.startsWith(NODE_GROUP.toLowerCase())
  return Object.fromEntries(
    Object.entries(publicIps).filter(([key]) => !isInNodeGroup(key) || used.includes(key)),
  )
}

/** A cluster of the demo fleet, with the pools and profiles of the snapshot. */
function clusterOf({ cluster, subnets }: Snapshot, { isCached }: Choices): ResourceBody {
  const refs = (ids: string[]) => ids.map((id) => ({ id }))
  const balancer = cluster.loadBalancerProfile
  const profile = {
    backendPoolType: 'nodeIPConfiguration',
    ...(balancer === null ? {} : { effectiveOutboundIPs: refs(balancer.effectiveOutboundIpIds) }),
    ...((balancer?.outboundIpIds.length ?? 0) > 0
      ? { outboundIPs: { publicIPs: refs(balancer?.outboundIpIds ?? []) } }
      : balancer === null
        ? {}
        : {
            managedOutboundIPs: {
              count: balancer.managedOutboundIpCount ?? 1,
              ...(balancer.managedOutboundIpv6Count === null
                ? {}
                : { countIPv6: balancer.managedOutboundIpv6Count }),
            },
          }),
  }
  const body = clusterBody({
    name: cluster.name,
    outboundType: cluster.outboundType ?? '',
    loadBalancerProfile: profile,
    subnetIds: subnets.map(({ id }) => id),
    isDualStack: cluster.ipFamilies.includes('IPv6'),
    isPrivate: cluster.enablePrivateCluster,
    artifactSource: isCached ? 'Cache' : 'Direct',
  }) as ResourceBody
  const [pool] = body.properties.agentPoolProfiles as object[]
  const access = (body.properties.apiServerAccessProfile ?? {}) as object
  Object.assign(body.properties, {
    agentPoolProfiles: cluster.agentPools.map((item) => ({
      ...pool,
      name: item.name,
      vnetSubnetID: item.vnetSubnetId,
      enableNodePublicIP: item.enableNodePublicIP,
      ...(item.nodePublicIpPrefixIds.length === 0
        ? {}
        : { nodePublicIPPrefixID: item.nodePublicIpPrefixIds[0] }),
    })),
    ...(cluster.enablePrivateCluster || cluster.authorizedIPRanges.length === 0
      ? {}
      : { apiServerAccessProfile: { ...access, authorizedIPRanges: cluster.authorizedIPRanges } }),
  })
  return body
}

function orderOf({ order, isBalancerFirst }: Choices): (typeof TYPES)[number][] {
  return isBalancerFirst ? ['loadBalancer', ...order] : [...order, 'loadBalancer']
}

function wishFor(outboundType: (typeof TYPES)[number], choice: Choices): Wish {
  const { authorizedRanges, count, gateway, hop, isOwnAddress } = choice
  switch (outboundType) {
    case 'loadBalancer':
      return {
        target: {
          outboundType,
          loadBalancer: isOwnAddress ? { outboundIpIds: [SPARE] } : { managedOutboundIpCount: count },
        },
        rest: { authorizedRanges },
      }
    case 'userAssignedNATGateway': {
      const prepare =
        gateway === null ? {} : { prepare: { natGateway: { sku: gateway }, publicIps: { count } } }
      return { target: { outboundType }, rest: { authorizedRanges, ...prepare } }
    }
    case 'userDefinedRouting': {
      const route = { nextHopType: 'VirtualAppliance' as const, nextHopIpAddress: hop ?? '' }
      const prepare = hop === null ? {} : { prepare: { defaultRoute: route } }
      return { target: { outboundType }, rest: { authorizedRanges, ...prepare } }
    }
    default:
      return { target: { outboundType }, rest: { authorizedRanges } }
  }
}
