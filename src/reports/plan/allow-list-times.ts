import { hiddenKind, isHidden } from './hidden-addresses.ts'
import { hasEnded, type ReportedPlan } from './reported-plan.ts'

/** The time to add addresses and to remove entries: before the cutover and after the change, or now if the change is complete. */
export interface Times {
  /** When an address becomes known that is still unknown. */
  known: string
  unknown: string
  add: string
  remove: string
  /** Whether the new addresses are unknown and can change, so that no list can allow them. */
  isChangeable: boolean
}

export function timesOf(plan: ReportedPlan): Times {
  const { stage, egressIps, paths } = plan
  const isWithoutAddress = (kind: string) =>
    egressIps.some(({ change, address }) => change === kind && address === null)
  // No job reports an address that Azure does not show.
  const hasHidden = isWithoutAddress('unknown') && !isWithoutAddress('added')
  const known = hasEnded(plan) ? 'a later job or the egress report shows' : 'the job reports'
  const unknown = stage === undefined ? 'unknown at plan time' : 'not known yet'
  return {
    known: hasHidden ? 'you find' : known,
    unknown: hasHidden ? 'not visible in Azure Resource Manager' : unknown,
    add: stage === 'confirmed' || stage === 'unconfirmed' ? 'now' : 'before the cutover',
    // While the result is unconfirmed, the cluster may still use the former addresses.
    remove: stage === 'confirmed' ? 'now' : 'after the change',
    isChangeable:
      hasHidden && egressIps.filter(isHidden).every((item) => hiddenKind(item, paths) === 'changeable'),
  }
}
