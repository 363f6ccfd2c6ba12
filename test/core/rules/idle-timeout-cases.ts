import { aSnapshot } from '../../support/a-cluster.ts'
import type { RuleCases } from '../../support/rule-cases.ts'

export const CASES: RuleCases = {
  IDLE_TIMEOUT_SHRINKS: {
    severity: 'warning',
    snapshot: aSnapshot(),
    target: 'managedNATGateway',
    facts: { before: 30, after: 4, isOwnGateway: false },
    absent: { target: { outboundType: 'managedNATGateway', natGateway: { idleTimeoutInMinutes: 30 } } },
  },
}
