import { aByoSnapshot, aPool, aVirtualNetwork, SUBNET } from '../../support/a-cluster.ts'
import { withRights } from '../../support/permissions.ts'
import type { RuleCases } from '../../support/rule-cases.ts'

const NETWORK_ID = SUBNET.replace('/subnets/nodes', '')
const ON_PREMISES = '10.200.0.10'

/** A cluster whose virtual network names this DNS server. */
function withServer(address: string, cluster: Parameters<typeof aByoSnapshot>[1] = {}) {
  return aByoSnapshot(
    {},
    { ...cluster, virtualNetworks: [aVirtualNetwork({ id: NETWORK_ID, dnsServers: [address] })] },
  )
}

const isPrivate = {
  enablePrivateCluster: true,
  privateDnsZone: 'system',
  privateFqdn: 'demo.guid.privatelink.eastus.azmk8s.io',
  agentPools: [aPool({ vnetSubnetId: SUBNET })],
}
const linkedTo = (...ids: string[]) => ({
  surroundings: { ...withRights(), privateZoneLinks: { facts: ids } },
})
const toAppliance = {
  prepare: { defaultRoute: { nextHopType: 'VirtualAppliance' as const, nextHopIpAddress: '10.1.0.200' } },
}

export const CASES: RuleCases = {
  DNS_PATH_MOVES: {
    severity: 'warning',
    snapshot: withServer(ON_PREMISES),
    target: 'userDefinedRouting',
    given: toAppliance,
    facts: { servers: [ON_PREMISES], isCut: false, isCertain: false },
    absent: { snapshot: withServer('10.1.0.10') },
  },
  PRIVATE_ZONE_NOT_LINKED: {
    severity: 'warning',
    snapshot: withServer('10.1.0.10', { cluster: isPrivate, ...linkedTo() }),
    target: 'userDefinedRouting',
    given: toAppliance,
    facts: { zone: 'guid.privatelink.eastus.azmk8s.io', servers: ['10.1.0.10'] },
    absent: { snapshot: withServer('10.1.0.10', { cluster: isPrivate, ...linkedTo(NETWORK_ID) }) },
  },
}
