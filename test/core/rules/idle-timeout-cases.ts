import { aSnapshot } from '../../support/a-cluster.ts'
import type { RuleCases } from './rule-case.ts'

const target = 'managedNATGateway'

export const CASES: RuleCases = {
  IDLE_TIMEOUT_SHRINKS: {
    severity: 'warning',
    snapshot: aSnapshot(),
    target: 'managedNATGateway',
    facts: { before: 30, after: 4, isOwnGateway: false },
  },
  TCP_RESET_SEMANTICS: { severity: 'info', snapshot: aSnapshot(), target },
}
