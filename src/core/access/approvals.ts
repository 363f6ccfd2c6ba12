import type { Approval } from '../../contract/approval.ts'

/** Somebody as approvals compare them: by id, and by name where an older plan has kept no id. */
export interface Person {
  id: string | null
  name: string
}

export function isSamePerson(a: Person, b: Person): boolean {
  return a.id !== null && b.id !== null ? a.id === b.id : a.name === b.name
}

/** The approvals that stand for a job: not withdrawn, by neither the plan's maker nor whoever executes it. */
export function validApprovals(approvals: readonly Approval[], maker: Person, executor: Person): Approval[] {
  return approvals.filter(
    ({ withdrawnAt, by }) => withdrawnAt === null && !isSamePerson(by, maker) && !isSamePerson(by, executor),
  )
}
