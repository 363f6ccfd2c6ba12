import { aByoSnapshot, aPool, aSnapshot, SUBNET } from '../../support/a-cluster.ts'
import { GATEWAY, onGateway } from '../../support/own-network.ts'
import type { RuleCases } from './rule-case.ts'

const onUserGateway = { outboundType: 'userAssignedNATGateway', loadBalancerProfile: null }

export const CASES: RuleCases = {
  LEFTOVER_COST: {
    severity: 'info',
    snapshot: aByoSnapshot(onGateway[0], {
      ...onGateway[1],
      cluster: { agentPools: [aPool({ vnetSubnetId: SUBNET })], ...onUserGateway },
    }),
    target: 'loadBalancer',
    facts: { resources: [GATEWAY.id] },
  },
  ROLLBACK_NEW_IPS: {
    severity: 'warning',
    snapshot: aSnapshot(),
    target: 'managedNATGateway',
    facts: { from: 'loadBalancer' },
  },
  ROLLBACK_KEEP_PREPARATION: {
    severity: 'info',
    snapshot: aByoSnapshot(onGateway[0], {
      ...onGateway[1],
      cluster: { agentPools: [aPool({ vnetSubnetId: SUBNET })], ...onUserGateway },
    }),
    target: 'loadBalancer',
    facts: { from: 'userAssignedNATGateway' },
  },
}
