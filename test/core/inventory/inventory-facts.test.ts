import fc from 'fast-check'
import t from 'tap'
import { INVENTORY_FLAGS } from '../../../src/contract/inventory.ts'
import { buildInventoryFacts } from '../../../src/core/inventory/inventory-facts.ts'
import { buildEgressReport } from '../../../src/core/planner/egress-report.ts'
import { aByoSnapshot, aPool, aReadyGateway, type aSubnet, SUBNET } from '../../support/a-cluster.ts'
import { ANY_POLICY } from '../../support/a-plan.ts'
import { arbitrarySnapshot } from '../../support/arbitrary-snapshot.ts'
import { propertyRuns } from '../../support/property-runs.ts'
import { natCluster, natIp } from '../../support/rule-cases.ts'

const GATEWAY = aReadyGateway('20.9.0.1')

function behindGateway(cluster: NonNullable<Parameters<typeof aByoSnapshot>[1]>['cluster'] = {}) {
  const subnet: Parameters<typeof aSubnet>[0] = { natGatewayId: GATEWAY.id }
  return aByoSnapshot(subnet, {
    cluster: { agentPools: [aPool({ vnetSubnetId: SUBNET })], ...cluster },
    natGateways: [GATEWAY.gateway],
    publicIps: [GATEWAY.publicIp],
  })
}

/** A load balancer cluster in a customer-managed network. */
const healthy = (given: NonNullable<Parameters<typeof aByoSnapshot>[1]> = {}) =>
  aByoSnapshot({}, { ...given, cluster: { agentPools: [aPool({ vnetSubnetId: SUBNET })], ...given.cluster } })

t.test('lists identity, declared type, actual path, and addresses of a cluster', async (t) => {
  t.match(buildInventoryFacts(behindGateway()), {
    name: 'demo',
    vnet: 'byo',
    declared: { outboundType: 'loadBalancer', natGatewaySku: null },
    effective: 'natGateway',
    addresses: ['20.9.0.1'],
    isComplete: true,
    apiServer: 'public',
  })
})

t.test('flags issues of a cluster, and nothing on a healthy cluster', async (t) => {
  const flags = (snapshot: Parameters<typeof buildInventoryFacts>[0]) => buildInventoryFacts(snapshot).flags
  t.strictSame(flags(healthy()), [])
  t.ok(flags(behindGateway()).includes('pathDiffers'))
  t.ok(flags(behindGateway({ authorizedIPRanges: ['20.1.0.0/16'] })).includes('rangesUncovered'))
  t.notOk(flags(behindGateway({ authorizedIPRanges: ['20.9.0.1/32'] })).includes('rangesUncovered'))
  t.strictSame(flags(healthy({ cluster: { provisioningState: 'Failed' } })), ['notSucceeded'])
  t.strictSame(flags(healthy({ cluster: { powerState: 'stopped' } })), ['stopped'])
  t.strictSame(flags(healthy({ cluster: { loadBalancerSku: 'Basic' } })), ['basicLoadBalancer'])
  t.ok(flags(healthy({ cluster: { networkPlugin: 'kubenet' } })).includes('retiringNetworkPlugin'))
  t.ok(
    flags(
      healthy({ unread: [{ what: 'x', reason: 'denied', code: 'AuthorizationFailed', message: 'y' }] }),
    ).includes('incomplete'),
  )
})

t.test('flags a single zone only if the pools span several zones', async (t) => {
  const zonal = (zones: string[]) =>
    buildInventoryFacts(
      healthy({
        cluster: { ...natCluster, agentPools: [aPool({ availabilityZones: zones })] },
        publicIps: [natIp],
      }),
    ).flags.includes('singleZone')
  t.ok(zonal(['1', '2', '3']))
  t.notOk(zonal(['1']))
})

t.test('agrees with the egress report of the same snapshot', async () => {
  fc.assert(
    fc.property(arbitrarySnapshot, (snapshot) => {
      const facts = buildInventoryFacts(snapshot)
      const report = buildEgressReport(snapshot, ANY_POLICY, 'simulated')
      const reported = report.egressIps.flatMap(({ address }) => address ?? []).toSorted()
      const agrees =
        JSON.stringify(facts.addresses) === JSON.stringify(reported) &&
        facts.effective === report.effective &&
        facts.authorizedRanges.coversEgress === report.authorizedRanges.coversEgress &&
        facts.flags.every((flag) => INVENTORY_FLAGS.includes(flag))
      if (!agrees) throw new Error('the inventory differs from the egress report')
    }),
    { numRuns: propertyRuns(0.25) },
  )
})
