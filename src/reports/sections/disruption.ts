import type { Section, Text } from '../document/document.ts'
import { fateOfConnections, type ReportedPlan } from '../reported-plan.ts'

/** What users of the cluster notice. */
export function disruption(plan: ReportedPlan): Section {
  const { disruption: noticed, upgradeNodeImages } = plan
  const { before, after } = noticed.idleTimeoutInMinutes
  const fate = fateOfConnections(plan)
  const facts: [string, Text][] = [
    ['Open connections', `${fate.charAt(0).toUpperCase()}${fate.slice(1)}.`],
    [
      'Idle timeout of connections',
      before === after ? minutes(after) : `${minutes(before)}, then ${minutes(after)}`,
    ],
    ['Ingress', noticed.ingress],
    [
      'Node image upgrade',
      upgradeNodeImages
        ? `${noticed.nodeImageUpgrade} The plan does it at its end.`
        : noticed.nodeImageUpgrade,
    ],
  ]
  return { id: 'disruption', title: 'What users notice', blocks: [{ kind: 'facts', facts }] }
}

function minutes(count: number | null): string {
  return count === null ? 'not known' : `${count} minutes`
}
