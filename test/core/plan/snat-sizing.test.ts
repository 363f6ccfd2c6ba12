import fc from 'fast-check'
import t from 'tap'
import type { RequestedTarget } from '../../../src/contract/target.ts'
import { sizeLoadBalancer, sizeNatGateway } from '../../../src/core/plan/snat-sizing.ts'
import { aNatGateway, aPool, aSnapshot, aSubnet, NETWORK, NODE_GROUP } from '../../support/a-cluster.ts'
import { planFor } from '../../support/a-plan.ts'
import { aSeries, measuredBy } from '../../support/demand.ts'
import { propertyRuns } from '../../support/property-runs.ts'
import { natCluster, natIp } from '../../support/rule-cases.ts'

/** "outboundIPs = number of nodes × desired outbound ports per node / 64,000" (load-balancer-standard, its example). */
t.test('needs the addresses of the documented formula for ports per node', async (t) => {
  const demand = { perNode: 4000, total: 0 }
  t.strictSame(sizeLoadBalancer(demand, 100, 4000), { ipCount: 7, portsPerNode: 4000 })
  t.strictSame(sizeLoadBalancer({ perNode: 25_000, total: 100_000 }, 6, 0), {
    ipCount: 3,
    portsPerNode: 25_000,
  })
})

t.test('more than 1,024 ports per node need allocated ports, in steps of 8', async (t) => {
  t.strictSame(sizeLoadBalancer({ perNode: 1024, total: 0 }, 50, 0), { ipCount: 1, portsPerNode: null })
  t.strictSame(sizeLoadBalancer({ perNode: 1025, total: 0 }, 50, 0), { ipCount: 1, portsPerNode: 1032 })
  t.strictSame(sizeLoadBalancer({ perNode: 1000, total: 0 }, 300, 0), { ipCount: 8, portsPerNode: null })
  t.strictSame(sizeLoadBalancer({ perNode: 3000, total: 0 }, 6, 2000), { ipCount: 1, portsPerNode: 3000 })
})

t.test('suggests nothing that a target does not support', async (t) => {
  t.equal(sizeLoadBalancer({ perNode: 64_001, total: 0 }, 1, 0), null)
  t.equal(sizeLoadBalancer({ perNode: 0, total: 100 * 64_000 + 1 }, 1, 0), null)
  t.equal(sizeNatGateway(16 * 64_512)?.ipCount, 16)
  t.equal(sizeNatGateway(16 * 64_512 + 1), null)
})

/** A cluster behind its AKS-managed NAT gateway, with this peak of connections. */
function behindGateway(connections: number, count: number) {
  const id = `${NODE_GROUP}/${NETWORK}/natGateways/aks-gateway`
  const subnet = aSubnet({
    id: `${NODE_GROUP}/${NETWORK}/virtualNetworks/aks-vnet/subnets/aks-subnet`,
    natGatewayId: id,
  })
  const snapshot = aSnapshot({
    cluster: { ...natCluster, agentPools: [aPool({ count, maxSurge: '2' })] },
    subnets: [subnet],
    natGateways: [aNatGateway({ id, publicIpIds: [natIp.id] })],
    publicIps: [natIp],
  })
  return measuredBy(
    snapshot,
    [aSeries('TotalConnectionCount', [{ total: connections * 15 }])],
    'natGateway',
    id,
  )
}

const shortages = (snapshot: ReturnType<typeof behindGateway>, target: RequestedTarget) =>
  planFor(snapshot, target).findings.filter(({ code }) =>
    ['SNAT_DEMAND_EXCEEDS', 'SNAT_NODE_DEMAND_EXCEEDS', 'SNAT_DROPS'].includes(code),
  )

t.test('names the ports and addresses that a load balancer lacks', async (t) => {
  const remedyOf = (connections: number, loadBalancer: object) =>
    shortages(behindGateway(connections, 4), { outboundType: 'loadBalancer', loadBalancer }).map(
      ({ code, remedy }) => [code, remedy.split(' so that')[0]?.split(', or')[0]],
    )
  t.strictSame(remedyOf(12_000, {}), [
    [
      'SNAT_DROPS',
      'Set `loadBalancer.allocatedOutboundPorts` to 10752 and give the target 2 public addresses in total',
    ],
    ['SNAT_NODE_DEMAND_EXCEEDS', 'Set `loadBalancer.allocatedOutboundPorts` to 3000'],
  ])
  t.match(remedyOf(100_000, {}).slice(1), [
    [
      'SNAT_DEMAND_EXCEEDS',
      'Set `loadBalancer.allocatedOutboundPorts` to 25000 and give the target 3 public addresses in total',
    ],
    [
      'SNAT_NODE_DEMAND_EXCEEDS',
      'Set `loadBalancer.allocatedOutboundPorts` to 25000 and give the target 3 public addresses in total',
    ],
  ])
})

t.test('a remedy never asks for what the target has, and works if it is followed', async () => {
  fc.assert(
    fc.property(
      fc.integer({ min: 1, max: 400_000 }),
      fc.integer({ min: 1, max: 120 }),
      fc.integer({ min: 1, max: 8 }),
      fc.constantFrom(0, 64, 2000),
      (connections, nodes, managedOutboundIpCount, allocatedOutboundPorts) => {
        const snapshot = behindGateway(connections, nodes)
        const planWith = (loadBalancer: { managedOutboundIpCount: number; allocatedOutboundPorts: number }) =>
          shortages(snapshot, { outboundType: 'loadBalancer', loadBalancer }).filter(
            ({ code }) => code !== 'SNAT_DROPS',
          )
        return planWith({ managedOutboundIpCount, allocatedOutboundPorts }).every(({ facts }) => {
          if (facts.suggestedIpCount === null) return true
          const ipCount = Math.max(Number(facts.suggestedIpCount), managedOutboundIpCount)
          const ports = Number(facts.suggestedPortsPerNode ?? 0)
          const isMore = ipCount > managedOutboundIpCount || ports > allocatedOutboundPorts
          return (
            isMore &&
            planWith({ managedOutboundIpCount: ipCount, allocatedOutboundPorts: ports }).length === 0
          )
        })
      },
    ),
    { numRuns: propertyRuns() },
  )
})
