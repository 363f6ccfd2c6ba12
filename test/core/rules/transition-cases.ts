import type { ClusterFacts } from '../../../src/core/snapshot/snapshot.ts'
import { aPool, aSnapshot, SUBNET } from '../../support/a-cluster.ts'
import type { RuleCases } from './rule-case.ts'

const changed = (cluster: Partial<ClusterFacts>) => aSnapshot({ cluster })

export const CASES: RuleCases = {
  OUTBOUND_TYPE_UNKNOWN: {
    severity: 'blocker',
    snapshot: changed({ outboundType: 'carrierPigeon' }),
    target: 'loadBalancer',
    facts: { outboundType: 'carrierPigeon' },
  },
  TRANSITION_NOT_SUPPORTED: {
    severity: 'blocker',
    snapshot: changed({ outboundType: 'managedNATGateway' }),
    target: 'userDefinedRouting',
    facts: {
      vnet: 'managed',
      from: 'managedNATGateway',
      supportedTargets: ['managedNATGatewayV2', 'none', 'block'],
      disputedTargets: ['loadBalancer'],
    },
  },
  TRANSITION_DISPUTED: {
    severity: 'acknowledge',
    snapshot: changed({ outboundType: 'managedNATGateway' }),
    target: 'loadBalancer',
    facts: { from: 'managedNATGateway', to: 'loadBalancer' },
    message: /2024-04-29 says Supported, 2026-08-05 says Not Supported/,
  },
  SAME_TYPE: {
    severity: 'info',
    snapshot: aSnapshot(),
    target: 'loadBalancer',
    facts: { outboundType: 'loadBalancer', isNoChange: true },
  },
  VNET_INCONSISTENT: {
    severity: 'blocker',
    snapshot: changed({ agentPools: [aPool({ vnetSubnetId: SUBNET }), aPool({ name: 'odd' })] }),
    target: 'userDefinedRouting',
    facts: { inconsistency: 'agent pools without a subnet beside pools with one: odd' },
  },
  NO_WAY_BACK: {
    severity: 'acknowledge',
    snapshot: aSnapshot(),
    target: 'managedNATGatewayV2',
    facts: { from: 'loadBalancer', to: 'managedNATGatewayV2', routes: [] },
  },
  WAY_BACK_DISPUTED: {
    severity: 'warning',
    snapshot: aSnapshot(),
    target: 'managedNATGateway',
    facts: { from: 'loadBalancer', to: 'managedNATGateway' },
  },
  BLOCK_NEEDS_PREVIEW_API: { severity: 'blocker', snapshot: aSnapshot(), target: 'block' },
  BLOCK_PREVIEW: {
    severity: 'warning',
    snapshot: aSnapshot(),
    target: 'block',
    given: { policy: { previewApiVersion: '2026-05-02-preview' } },
  },
  NODE_IMAGE_UPGRADE_NEEDED: { severity: 'warning', snapshot: aSnapshot(), target: 'managedNATGateway' },
  DOWNTIME: { severity: 'warning', snapshot: aSnapshot(), target: 'managedNATGateway' },
}
