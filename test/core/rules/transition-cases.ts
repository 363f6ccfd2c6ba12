import { aPool, aSnapshot, SUBNET } from '../../support/a-cluster.ts'
import { clusterWith, type RuleCases } from '../../support/rule-cases.ts'

export const CASES: RuleCases = {
  OUTBOUND_TYPE_UNKNOWN: {
    severity: 'blocker',
    snapshot: clusterWith({ outboundType: 'carrierPigeon' }),
    target: 'loadBalancer',
    facts: { outboundType: 'carrierPigeon' },
    absent: { snapshot: aSnapshot() },
  },
  TRANSITION_NOT_SUPPORTED: {
    severity: 'blocker',
    snapshot: clusterWith({ outboundType: 'managedNATGateway' }),
    target: 'userDefinedRouting',
    facts: {
      vnet: 'managed',
      from: 'managedNATGateway',
      supportedTargets: ['managedNATGatewayV2', 'none', 'block'],
      disputedTargets: ['loadBalancer'],
    },
    absent: { target: 'none' },
  },
  TRANSITION_DISPUTED: {
    severity: 'acknowledge',
    snapshot: clusterWith({ outboundType: 'managedNATGateway' }),
    target: 'loadBalancer',
    facts: { from: 'managedNATGateway', to: 'loadBalancer' },
    message: /support matrix of 2024-04-29: Supported; support matrix of 2026-08-05: Not Supported/,
    absent: { snapshot: aSnapshot(), target: 'managedNATGateway' },
  },
  SAME_TYPE: {
    severity: 'info',
    snapshot: aSnapshot(),
    target: 'loadBalancer',
    facts: { outboundType: 'loadBalancer', isNoChange: true },
    absent: { target: 'managedNATGateway' },
  },
  VNET_INCONSISTENT: {
    severity: 'blocker',
    snapshot: clusterWith({ agentPools: [aPool({ vnetSubnetId: SUBNET }), aPool({ name: 'odd' })] }),
    target: 'userDefinedRouting',
    facts: { inconsistency: 'the node pool `odd` has no subnet' },
  },
  NO_WAY_BACK: {
    severity: 'acknowledge',
    snapshot: aSnapshot(),
    target: 'managedNATGatewayV2',
    facts: { from: 'loadBalancer', to: 'managedNATGatewayV2', routes: [] },
    absent: { target: 'managedNATGateway' },
  },
  WAY_BACK_DISPUTED: {
    severity: 'warning',
    snapshot: aSnapshot(),
    target: 'managedNATGateway',
    facts: { from: 'loadBalancer', to: 'managedNATGateway' },
    absent: { target: 'managedNATGatewayV2' },
  },
  BLOCK_NEEDS_PREVIEW_API: {
    severity: 'blocker',
    snapshot: aSnapshot(),
    target: 'block',
    absent: { given: { policy: { previewApiVersion: '2026-05-02-preview' } } },
  },
  BLOCK_PREVIEW: {
    severity: 'warning',
    snapshot: aSnapshot(),
    target: 'block',
    given: { policy: { previewApiVersion: '2026-05-02-preview' } },
    absent: { target: 'none' },
  },
}
