import { counted } from './document/document.ts'
import type { MarkName } from './document/marks.ts'
import { type ReportedPlan, typesOf } from './reported-plan.ts'

export interface Verdict {
  mark: MarkName
  /** One sentence for somebody who reads no further. */
  sentence: string
}

/** What the plan comes to. */
export function verdictOf(plan: ReportedPlan): Verdict {
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
        sentence: `${plan.cluster.name} has ${typesOf(plan).to} with these parameters already; there is nothing to execute.`,
      }
    case 'applicable':
      return openVerdict(plan, move)
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

function openVerdict(plan: ReportedPlan, move: string): Verdict {
  const count = plan.acknowledgementsRequired.length
  const { name } = plan.cluster
  if (count === 0)
    return { mark: 'canBeMade', sentence: `${name} can ${move}, and nothing has to be accepted first.` }
  const what = counted(count, 'consequence')
  return { mark: 'acceptFirst', sentence: `${name} can ${move} once somebody accepts ${what} by name.` }
}

function moveOf(plan: ReportedPlan): string {
  const { from, to } = typesOf(plan)
  return from === to ? `have its ${to} egress changed` : `be moved from ${from} to ${to}`
}
