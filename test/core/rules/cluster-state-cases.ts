import { aPool, aSnapshot, SUBNET } from '../../support/a-cluster.ts'
import { clusterWith, natCluster, type RuleCases } from '../../support/rule-cases.ts'

/** As a snapshot names a list that could not be read. */
const FIREWALLS = 'Microsoft.Network/azureFirewalls of subscription 11111111-1111-1111-1111-111111111111'

export const CASES: RuleCases = {
  CLUSTER_NOT_SUCCEEDED: {
    severity: 'blocker',
    snapshot: clusterWith({ provisioningState: 'Failed' }),
    target: 'managedNATGateway',
    facts: { provisioningState: 'Failed' },
  },
  CLUSTER_STOPPED: {
    severity: 'blocker',
    snapshot: clusterWith({ powerState: 'Stopped' }),
    target: 'managedNATGateway',
    message: /^The cluster is stopped, and AKS accepts only/,
  },
  LB_SKU_BASIC: {
    severity: 'blocker',
    snapshot: clusterWith({ loadBalancerSku: 'Basic' }),
    target: 'managedNATGateway',
  },
  LB_SKU_SERVICE: {
    severity: 'blocker',
    snapshot: clusterWith({ ...natCluster, loadBalancerSku: 'service' }),
    target: 'loadBalancer',
    absent: { target: 'managedNATGatewayV2' },
  },
  NAP_ENABLED: {
    severity: 'blocker',
    snapshot: clusterWith({ nodeProvisioningMode: 'Auto' }),
    target: 'managedNATGateway',
  },
  SKU_AUTOMATIC: {
    severity: 'blocker',
    snapshot: clusterWith({ skuName: 'Automatic', nodeProvisioningMode: 'Auto' }),
    target: 'managedNATGateway',
    facts: { hasManagedSystemPool: false },
  },
  SUBNET_UNREADABLE: {
    severity: 'blocker',
    snapshot: clusterWith({ agentPools: [aPool({ vnetSubnetId: SUBNET })] }),
    target: 'userDefinedRouting',
    facts: { subnets: [SUBNET] },
  },
  CLUSTER_HAS_JOB: {
    severity: 'warning',
    snapshot: aSnapshot({
      activeJob: {
        id: '01990000-0000-7000-8000-000000000001',
        status: 'NotStarted',
        beginsAt: '2026-09-05T20:00:00.000Z',
        isHeld: false,
      },
    }),
    target: 'managedNATGateway',
    message: /of this cluster \(scheduled for 2026-09-05T20:00:00\.000Z\) ends/,
  },
  READ_INCOMPLETE: {
    severity: 'warning',
    snapshot: aSnapshot({
      unread: [{ what: FIREWALLS, reason: 'denied', code: 'x', message: 'y' }],
    }),
    target: 'managedNATGateway',
    facts: { unread: [FIREWALLS], failed: [] },
    message: /could not read the Azure Firewalls of the subscription `11111111-/,
  },
}
