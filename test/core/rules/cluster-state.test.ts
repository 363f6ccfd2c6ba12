import t from 'tap'
import { TYPE_KEYS, type TypeKey } from '../../../src/contract/outbound-type.ts'
import type { ClusterFacts } from '../../../src/core/snapshot/snapshot.ts'
import { aLoadBalancerProfile, aNatGatewayProfile, aPool, aSnapshot } from '../../support/a-cluster.ts'
import { codesOf, planFor } from '../../support/a-plan.ts'
import { testTopic } from '../../support/test-topic.ts'
import { CASES } from './cluster-state-cases.ts'

testTopic('cluster-state', CASES)

const remedyFor = (code: string, cluster: Parameters<typeof aSnapshot>[0] = {}) =>
  planFor(aSnapshot(cluster), 'managedNATGateway').findings.find((each) => each.code === code)?.remedy ?? ''

t.test('a cluster whose operation has ended is reconciled, and any other is waited for', async (t) => {
  for (const provisioningState of ['Failed', 'Canceled', 'canceled']) {
    const remedy = remedyFor('CLUSTER_NOT_SUCCEEDED', { cluster: { provisioningState } })
    t.match(remedy, /`az aks update -g <resource group> -n <cluster> --yes`/, provisioningState)
    t.match(
      remedy,
      /interrupted and the cluster has authorized IP ranges, add the new egress addresses before you run the command/,
      provisioningState,
    )
  }
  for (const provisioningState of ['Updating', 'UpgradingNodeImageVersion'])
    t.match(
      remedyFor('CLUSTER_NOT_SUCCEEDED', { cluster: { provisioningState } }),
      /^Wait/,
      provisioningState,
    )
})

t.test('AKS Automatic can change to AKS Standard if the migration is documented', async (t) => {
  const automatic = { skuName: 'automatic' }
  const pools = { agentPools: [aPool({ mode: 'managedSystem' })] }
  for (const cluster of [
    { ...automatic, ...pools },
    { ...automatic, hostedSystem: true },
  ])
    t.match(remedyFor('SKU_AUTOMATIC', { cluster }), /mode `System`.*`az aks update .* --sku base`/)
  t.match(remedyFor('SKU_AUTOMATIC', { cluster: automatic }), /^Create a new cluster/)
})

t.test('a load balancer that sends packets to pods keeps its StandardV2 NAT gateway', async (t) => {
  const balancer = (loadBalancerSku: string, backendPoolType: string | null): Partial<ClusterFacts> => ({
    loadBalancerSku,
    loadBalancerProfile: aLoadBalancerProfile({
      managedOutboundIpCount: null,
      effectiveOutboundIpIds: [],
      backendPoolType,
    }),
  })
  const signs: [Partial<ClusterFacts>, boolean][] = [
    [balancer('service', 'PodIP'), true],
    [balancer('Service', null), true],
    [{ loadBalancerSku: 'service', loadBalancerProfile: null }, true],
    [balancer('standard', 'podIP'), true],
    [balancer('standard', 'NodeIP'), false],
    [balancer('standard', 'NodeIPConfiguration'), false],
  ]
  const isGateway = (type: TypeKey) => type === 'managedNATGatewayV2' || type === 'userAssignedNATGateway'
  for (const [cluster, isService] of signs)
    for (const from of ['managedNATGateway', 'managedNATGatewayV2', 'userAssignedNATGateway'] as const)
      for (const to of TYPE_KEYS) {
        const natGatewayProfile = aNatGatewayProfile({ sku: from.endsWith('V2') ? 'StandardV2' : 'Standard' })
        const outboundType = from.replace('V2', '')
        const snapshot = aSnapshot({
          cluster: {
            ...cluster,
            outboundType,
            natGatewayProfile: from === 'userAssignedNATGateway' ? null : natGatewayProfile,
          },
        })
        const isBlocked = codesOf(planFor(snapshot, to), 'blocker').includes('LB_SKU_SERVICE')
        t.equal(
          isBlocked,
          isService && from !== to && !isGateway(to),
          `${JSON.stringify(cluster)} ${from} ${to}`,
        )
      }
})
