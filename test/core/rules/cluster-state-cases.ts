import type { ClusterFacts } from '../../../src/core/snapshot/snapshot.ts'
import { aPool, aSnapshot, SUBNET } from '../../support/a-cluster.ts'
import type { RuleCases } from './rule-case.ts'

const changed = (cluster: Partial<ClusterFacts>) => aSnapshot({ cluster })

export const CASES: RuleCases = {
  CLUSTER_NOT_SUCCEEDED: {
    severity: 'blocker',
    snapshot: changed({ provisioningState: 'Failed' }),
    target: 'managedNATGateway',
    facts: { provisioningState: 'Failed' },
  },
  CLUSTER_STOPPED: {
    severity: 'blocker',
    snapshot: changed({ powerState: 'Stopped' }),
    target: 'managedNATGateway',
    message: /^The cluster is stopped;/,
  },
  LB_SKU_BASIC: {
    severity: 'blocker',
    snapshot: changed({ loadBalancerSku: 'Basic' }),
    target: 'managedNATGateway',
  },
  NAP_ENABLED: {
    severity: 'blocker',
    snapshot: changed({ nodeProvisioningMode: 'Auto' }),
    target: 'managedNATGateway',
  },
  SKU_AUTOMATIC: {
    severity: 'blocker',
    snapshot: changed({ skuName: 'Automatic', nodeProvisioningMode: 'Auto' }),
    target: 'managedNATGateway',
  },
  SUBNET_UNREADABLE: {
    severity: 'blocker',
    snapshot: changed({ agentPools: [aPool({ vnetSubnetId: SUBNET })] }),
    target: 'userDefinedRouting',
    facts: { subnets: [SUBNET] },
  },
  READ_INCOMPLETE: {
    severity: 'warning',
    snapshot: aSnapshot({
      unread: [{ what: 'Microsoft.Network/azureFirewalls', reason: 'denied', code: 'x', message: 'y' }],
    }),
    target: 'managedNATGateway',
    facts: { unread: ['Microsoft.Network/azureFirewalls'] },
  },
  SEG_PRESENT: {
    severity: 'warning',
    snapshot: changed({ staticEgressGateway: true }),
    target: 'managedNATGateway',
  },
  SEG_LIMITS: {
    severity: 'info',
    snapshot: changed({ staticEgressGateway: true, ipFamilies: ['IPv4', 'IPv6'] }),
    target: 'managedNATGatewayV2',
  },
}
