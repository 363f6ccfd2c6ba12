import type { Section, Text } from '../document/document.ts'
import type { ReportedPlan } from '../reported-plan.ts'

/** What users of the cluster notice. */
export function disruption({ disruption: noticed, upgradeNodeImages }: ReportedPlan): Section {
  const { before, after } = noticed.idleTimeoutInMinutes
  const isDropped = noticed.existingConnections === 'dropped'
  const facts: [string, Text][] = [
    ['Open connections', isDropped ? 'Dropped when the traffic moves.' : 'Not touched.'],
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
