import type { Approval } from '../../contract/approval.ts'
import { equalsIgnoringCase } from '../lib/fold-case.ts'

/** A person in an approval. IDs are compared, or names if an older plan has no ID. Letter case does not count. */
export interface Person {
  id: string | null
  name: string
}

export function isSamePerson(a: Person, b: Person): boolean {
  return a.id !== null && b.id !== null ? equalsIgnoringCase(a.id, b.id) : equalsIgnoringCase(a.name, b.name)
}

/** The approvals that count for a job: not withdrawn, and given by neither the maker of the plan nor its executor. */
export function validApprovals(approvals: readonly Approval[], maker: Person, executor: Person): Approval[] {
  return approvals.filter(
    ({ withdrawnAt, by }) => withdrawnAt === null && !isSamePerson(by, maker) && !isSamePerson(by, executor),
  )
}
