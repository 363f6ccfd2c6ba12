import type { Plan, PlanStatus } from '../core/plan.ts'

/** A plan with what has become of it since it was made. */
export type ReportedPlan = Omit<Plan, 'status'> & { status: PlanStatus }

/** The two outbound types in the words of the matrix; ARM's own word where no edition knows it. */
export function typesOf({ from, transition }: ReportedPlan): { from: string; to: string } {
  return { from: transition.from ?? from.outboundType, to: transition.to }
}

/** Whether the plan would change anything at all, were it executed. */
export function changesSomething({ steps, transition, status }: ReportedPlan): boolean {
  return transition.support !== 'unsupported' && status !== 'noChange' && steps.length > 0
}

/** What the report is about, in a line. */
export function titleOf(plan: ReportedPlan): string {
  const { from, to } = typesOf(plan)
  const what = from === to ? `${to} with other parameters` : `${from} to ${to}`
  return `Egress of ${plan.cluster.name}: ${plan.status === 'noChange' ? to : what}`
}

/** What becomes of open connections, as a part of a sentence. AKS announces their loss also where no packet moves. */
export function fateOfConnections({ disruption, findings }: ReportedPlan): string {
  if (disruption.existingConnections === 'unchanged') return 'not touched'
  const stays = findings.some(({ code, facts }) => code === 'DOWNTIME' && facts.movesPackets === false)
  return stays ? 'may be dropped, although packets keep their path' : 'dropped when the traffic moves'
}
