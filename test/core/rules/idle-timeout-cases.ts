import { aSnapshot } from '../../support/a-cluster.ts'
import { clusterWith, natCluster, type RuleCases } from '../../support/rule-cases.ts'

const target = 'managedNATGateway'

export const CASES: RuleCases = {
  IDLE_TIMEOUT_SHRINKS: {
    severity: 'warning',
    snapshot: aSnapshot(),
    target: 'managedNATGateway',
    facts: { before: 30, after: 4, isOwnGateway: false },
    absent: { target: { outboundType: 'managedNATGateway', natGateway: { idleTimeoutInMinutes: 30 } } },
  },
  TCP_RESET_SEMANTICS: {
    severity: 'info',
    snapshot: aSnapshot(),
    target,
    absent: { snapshot: clusterWith(natCluster), target: 'loadBalancer' },
  },
}
