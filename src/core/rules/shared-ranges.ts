import type { PlanningContext } from '../context/planning-context.ts'
import { sharedRanges } from '../egress/authorized-ranges.ts'
import { agree, listed, these } from '../lib/text.ts'

/** The authorized IP ranges that no cleanup removes, because other clients may reach the API server from them. */
export function retainedSharedRanges({ ranges, ledger }: PlanningContext): { sharedRanges?: string[] } {
  const shared = ranges.mode === 'enforced' ? sharedRanges(ranges.current, ledger) : []
  return shared.length === 0 ? {} : { sharedRanges: shared }
}

/** What to do with these ranges after the change, as a sentence after a period; empty if there are none. */
export function sharedRangesRemedy(ranges: string[] = []): string {
  return ranges.length === 0
    ? ''
    : ` If no other client reaches the API server from ${agree(ranges, 'this address', 'these addresses')}, also remove ${listed(ranges)} from the authorized IP ranges: a cleanup plan keeps ${these('range', ranges)}.`
}
