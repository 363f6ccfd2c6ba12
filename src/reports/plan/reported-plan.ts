import type { Plan, PlanStatus } from '../../contract/plan.ts'
import { type MarkName, pluralize } from '../document/document.ts'

/** A plan with what has become of it since it was made. */
export type ReportedPlan = Omit<Plan, 'status'> & { status: PlanStatus }

/** The two outbound types in the words of the matrix; ARM's own word where no edition knows it. */
export function outboundTypesOf({ from, transition }: ReportedPlan): { from: string; to: string } {
  return { from: transition.from ?? from.outboundType, to: transition.to }
}

/** Whether the plan would change anything at all, were it executed. */
export function hasChanges({ steps, transition, status }: ReportedPlan): boolean {
  return transition.support !== 'unsupported' && status !== 'noChange' && steps.length > 0
}

/** What the report is about, in a line. */
export function reportTitle(plan: ReportedPlan): string {
  const { from, to } = outboundTypesOf(plan)
  const what = from === to ? `${to} with other parameters` : `${from} to ${to}`
  return `Egress of ${plan.cluster.name}: ${plan.status === 'noChange' ? to : what}`
}

/** What becomes of open connections, as a part of a sentence. AKS announces their loss also where no packet moves. */
export function connectionImpact({ disruption, findings }: ReportedPlan): string {
  if (disruption.existingConnections === 'unchanged') return 'not touched'
  const stays = findings.some(({ code, facts }) => code === 'DOWNTIME' && facts.movesPackets === false)
  return stays ? 'may be dropped, although packets keep their path' : 'dropped when the traffic moves'
}

interface Verdict {
  mark: MarkName
  /** One sentence for somebody who reads no further. */
  sentence: string
}

/** What the plan comes to. */
export function buildVerdict(plan: ReportedPlan): Verdict {
  const move = moveOf(plan)
  switch (plan.status) {
    case 'blocked': {
      const count = plan.findings.filter((each) => each.severity === 'blocker').length
      const stands = count === 1 ? 'one thing stands in the way' : `${count} things stand in the way`
      return { mark: 'blocked', sentence: `${plan.cluster.name} cannot ${move}: ${stands}.` }
    }
    case 'noChange':
      return {
        mark: 'noChange',
        sentence: `${plan.cluster.name} has ${outboundTypesOf(plan).to} with these parameters already; there is nothing to execute.`,
      }
    case 'applicable':
      return applicableVerdict(plan, move)
    default:
      return { mark: 'over', sentence: `${OVER[plan.status]} This plan cannot be executed any more.` }
  }
}

const OVER = {
  executed: 'A job executes or has executed this plan.',
  discarded: 'This plan was discarded.',
  expired: 'This plan has expired: the cluster may have moved since.',
  stale: 'The cluster is no longer as this plan saw it.',
}

function applicableVerdict(plan: ReportedPlan, move: string): Verdict {
  const count = plan.acknowledgementsRequired.length
  const { name } = plan.cluster
  if (count === 0)
    return { mark: 'canBeMade', sentence: `${name} can ${move}, and nothing has to be accepted first.` }
  const what = pluralize(count, 'consequence')
  return { mark: 'acceptFirst', sentence: `${name} can ${move} once somebody accepts ${what} by name.` }
}

function moveOf(plan: ReportedPlan): string {
  const { from, to } = outboundTypesOf(plan)
  return from === to ? `have its ${to} egress changed` : `be moved from ${from} to ${to}`
}
