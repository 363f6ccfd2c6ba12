import { aByoSnapshot, aPool, SUBNET } from '../../support/a-cluster.ts'
import { GATEWAY, onGateway } from '../../support/own-network.ts'
import { onUserGateway, type RuleCases } from '../../support/rule-cases.ts'

export const CASES: RuleCases = {
  LEFTOVER_COST: {
    severity: 'info',
    snapshot: aByoSnapshot(onGateway[0], {
      ...onGateway[1],
      cluster: { agentPools: [aPool({ vnetSubnetId: SUBNET })], ...onUserGateway },
    }),
    target: 'loadBalancer',
    facts: { resources: [GATEWAY.id] },
    absent: { snapshot: aByoSnapshot(), target: 'userAssignedNATGateway' },
  },
  ROLLBACK_KEEP_PREPARATION: {
    severity: 'info',
    snapshot: aByoSnapshot(onGateway[0], {
      ...onGateway[1],
      cluster: { agentPools: [aPool({ vnetSubnetId: SUBNET })], ...onUserGateway },
    }),
    target: 'loadBalancer',
    facts: { from: 'userAssignedNATGateway' },
    absent: { snapshot: aByoSnapshot(), target: 'userAssignedNATGateway' },
  },
}
