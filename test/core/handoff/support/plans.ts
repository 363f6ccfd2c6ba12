import type { Plan } from '../../../../src/contract/plan.ts'
import type { RequestedPreparation } from '../../../../src/contract/preparation.ts'
import type { RequestedTarget } from '../../../../src/contract/target.ts'
import type { ClusterFacts, Snapshot } from '../../../../src/core/snapshot/snapshot.ts'
import {
  aByoSnapshot,
  aLoadBalancerProfile,
  aNatGatewayProfile,
  aPublicIp,
  aSnapshot,
  features,
} from '../../../support/a-cluster.ts'
import { planFor } from '../../../support/a-plan.ts'
import { OWN_IP, onGateway, onTable } from '../../../support/own-network.ts'

type Target = RequestedTarget | RequestedTarget['outboundType']

const byo = (target: Target, prepare?: RequestedPreparation, snapshot = aByoSnapshot()) =>
  plan(snapshot, target, prepare === undefined ? {} : { prepare })

/** Isolated clusters are private, and their artifacts are cached. */
const ISOLATED: Partial<ClusterFacts> = {
  artifactSource: 'Cache',
  enablePrivateCluster: true,
  features: features({ bootstrapRegistryId: '/subscriptions/s/registries/own' }),
}

function plan(snapshot: Snapshot, target: Target, given: Parameters<typeof planFor>[2] = {}): () => Plan {
  return () => planFor(snapshot, target, { policy: { previewApiVersion: '2026-05-02-preview' }, ...given })
}

const RANGES = ['198.51.100.0/24']

/** One plan for each form of a handoff, by what it changes. */
export const HANDOFF_PLANS: Record<string, () => Plan> = {
  'load balancer to managed NAT gateway': plan(aSnapshot(), {
    outboundType: 'managedNATGateway',
    natGateway: { managedOutboundIpCount: 2, idleTimeoutInMinutes: 30 },
  }),
  'load balancer to StandardV2': plan(aSnapshot(), {
    outboundType: 'managedNATGatewayV2',
    natGateway: { managedOutboundIpCount: 2 },
  }),
  'load balancer to StandardV2 with customer-provided addresses': plan(aSnapshot(), 'managedNATGatewayV2', {
    prepare: { publicIps: { count: 1, zones: ['1', '2', '3'] } },
  }),
  'managed NAT gateway to load balancer': plan(
    aSnapshot({
      cluster: {
        outboundType: 'managedNATGateway',
        loadBalancerProfile: null,
        natGatewayProfile: aNatGatewayProfile(),
      },
    }),
    'loadBalancer',
  ),
  'load balancer with another idle timeout': plan(aSnapshot(), {
    outboundType: 'loadBalancer',
    loadBalancer: { idleTimeoutInMinutes: 60, allocatedOutboundPorts: 1024 },
  }),
  'load balancer with an idle timeout above 100 min': plan(aSnapshot(), {
    outboundType: 'loadBalancer',
    loadBalancer: { idleTimeoutInMinutes: 110 },
  }),
  'load balancer to customer-provided addresses': plan(
    aSnapshot({
      cluster: { resourceGroup: 'rg-(demo)', loadBalancerProfile: aLoadBalancerProfile() },
      publicIps: [aPublicIp({ id: OWN_IP, address: '20.4.0.1' })],
    }),
    { outboundType: 'loadBalancer', loadBalancer: { outboundIpIds: [OWN_IP] } },
  ),
  'load balancer to none': byo('none', undefined, aByoSnapshot({}, { cluster: ISOLATED })),
  'load balancer to block': plan(aSnapshot({ cluster: ISOLATED }), 'block'),
  'user-assigned NAT gateway that exists': byo(
    'userAssignedNATGateway',
    undefined,
    aByoSnapshot(...onGateway),
  ),
  'user-assigned NAT gateway with authorized ranges': byo(
    'userAssignedNATGateway',
    undefined,
    aByoSnapshot(onGateway[0], {
      ...onGateway[1],
      cluster: { ...onGateway[1].cluster, authorizedIPRanges: RANGES },
    }),
  ),
  'prepared NAT gateway': byo('userAssignedNATGateway', { natGateway: {}, publicIps: { count: 2 } }),
  'prepared NAT gateway with authorized ranges': byo(
    'userAssignedNATGateway',
    { natGateway: {} },
    aByoSnapshot({}, { cluster: { authorizedIPRanges: RANGES } }),
  ),
  'prepared StandardV2 gateway with a prefix': byo('userAssignedNATGateway', {
    natGateway: { sku: 'StandardV2', idleTimeoutInMinutes: 10 },
    publicIpPrefix: { length: 30 },
  }),
  'prepared route table': byo('userDefinedRouting', {
    defaultRoute: { nextHopType: 'VirtualAppliance', nextHopIpAddress: '10.9.0.4' },
  }),
  'prepared route in a table without one': byo(
    'userDefinedRouting',
    { defaultRoute: { nextHopType: 'VirtualNetworkGateway' } },
    aByoSnapshot(...onTable(null)),
  ),
  'changed route': byo(
    'userDefinedRouting',
    { defaultRoute: { nextHopType: 'VirtualAppliance', nextHopIpAddress: '10.9.0.5' } },
    aByoSnapshot(...onTable('VirtualAppliance')),
  ),
}
