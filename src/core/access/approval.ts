/** One person's word that a plan may be executed. Ends with the plan, or when it is withdrawn. */
export interface Approval {
  id: string
  planId: string
  at: string
  by: { id: string; name: string }
  reason: string | null
  withdrawnAt: string | null
  withdrawnBy: { id: string; name: string } | null
}

/** Somebody as approvals compare them: by id, and by name where an older plan has kept no id. */
export interface Somebody {
  id: string | null
  name: string
}

export function isSame(a: Somebody, b: Somebody): boolean {
  return a.id !== null && b.id !== null ? a.id === b.id : a.name === b.name
}

/** The approvals that stand for a job: not withdrawn, by neither the plan's maker nor whoever executes it. */
export function standingApprovals(
  approvals: readonly Approval[],
  maker: Somebody,
  executor: Somebody,
): Approval[] {
  return approvals.filter(
    ({ withdrawnAt, by }) => withdrawnAt === null && !isSame(by, maker) && !isSame(by, executor),
  )
}
