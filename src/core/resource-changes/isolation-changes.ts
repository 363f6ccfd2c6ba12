import type { ResourceChange } from '../plan.ts'
import type { PlanningContext } from '../planning-context.ts'
import { change, TYPES } from './change.ts'

/** `block` is network security rules that AKS writes and, on the way out, removes (EO; removal inferred). */
export function isolationChanges({ from, to }: PlanningContext): ResourceChange[] {
  if (from === to) return []
  const changes: ResourceChange[] = []
  if (to === 'block') {
    changes.push(
      change({
        action: 'update',
        type: TYPES.networkSecurityGroup,
        because: 'AKS writes rules that deny traffic to the internet.',
        confidence: 'documented',
      }),
    )
  }
  if (from === 'block') {
    changes.push(
      change({
        action: 'update',
        type: TYPES.networkSecurityGroup,
        because: 'AKS removes the rules that deny traffic to the internet.',
        confidence: 'inferred',
      }),
    )
  }
  return changes
}
