import { aByoSnapshot, aPool, SUBNET } from '../../support/a-cluster.ts'
import { clusterWith, type RuleCases } from '../../support/rule-cases.ts'

const windows = (facts: Parameters<typeof aPool>[0] = {}) => ({
  agentPools: [
    aPool({ vnetSubnetId: SUBNET }),
    aPool({ name: 'win', osType: 'Windows', vnetSubnetId: SUBNET, ...facts }),
  ],
})

export const CASES: RuleCases = {
  POOL_NOT_SUCCEEDED: {
    severity: 'blocker',
    snapshot: clusterWith({ agentPools: [aPool({ provisioningState: 'Failed' })] }),
    target: 'managedNATGateway',
    message: /`system` is `Failed`/,
  },
  POOL_TYPE_NOT_VMSS: {
    severity: 'blocker',
    snapshot: clusterWith({ agentPools: [aPool({ type: 'AvailabilitySet' })] }),
    target: 'managedNATGateway',
    facts: { pools: ['system'] },
  },
  POOL_TYPE_VIRTUALMACHINES: {
    severity: 'warning',
    snapshot: clusterWith({ agentPools: [aPool({ type: 'VirtualMachines' })] }),
    target: 'managedNATGateway',
    facts: { pools: ['system'] },
  },
  NODE_COUNT_UNKNOWN: {
    severity: 'warning',
    snapshot: clusterWith({
      agentPools: [aPool(), aPool({ name: 'machines', mode: 'Machines', count: null })],
    }),
    target: 'managedNATGateway',
    facts: { pools: ['machines'] },
  },
  NODE_IMAGES_NOT_UPGRADED: {
    severity: 'warning',
    snapshot: clusterWith({ agentPools: [aPool(), aPool({ name: 'vms', type: 'VirtualMachines' })] }),
    target: 'managedNATGateway',
    given: { upgradeNodeImages: true },
    facts: { pools: ['vms'] },
    absent: { snapshot: clusterWith({ agentPools: [aPool()] }) },
  },
  WINDOWS_OUTBOUNDNAT_UDR: {
    severity: 'warning',
    snapshot: aByoSnapshot({}, { cluster: windows({ disableOutboundNat: true }) }),
    target: 'userDefinedRouting',
    facts: { pools: ['win'] },
  },
  WINDOWS_OUTBOUNDNAT_NODEPIP: {
    severity: 'blocker',
    snapshot: aByoSnapshot({}, { cluster: windows({ disableOutboundNat: true, enableNodePublicIP: true }) }),
    target: 'userAssignedNATGateway',
    facts: { pools: ['win'] },
  },
  WINDOWS_NEW_OPTION: {
    severity: 'info',
    snapshot: aByoSnapshot({}, { cluster: windows() }),
    target: 'userAssignedNATGateway',
    facts: { pools: ['win'] },
  },
}
