import type { PlanningContext } from './planning-context.ts'

/**
 * Whether the cluster leaves by other addresses afterwards: one comes or goes, or it leaves another way and
 * nobody can say by which. The same way out is taken to have the same addresses, seen or not.
 */
export function addressesChange({ ledger, effective }: PlanningContext): boolean {
  return ledger.some(
    ({ change, address }) =>
      change === 'lost' ||
      change === 'added' ||
      (change === 'unknown' && (address !== null || effective.before !== effective.after)),
  )
}

/** The known addresses that the cluster leaves by now and not afterwards. */
export function lostAddresses({ ledger }: PlanningContext): string[] {
  return ledger.flatMap((each) => (each.change === 'lost' && each.address !== null ? [each.address] : []))
}
