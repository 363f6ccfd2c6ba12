import type { NodeProbe } from '../../contract/probe.ts'
import {
  compareProbes,
  hasGaps,
  isSamePlace,
  type PlannedPaths,
  type ProbeVerdict,
} from './compare-probes.ts'

/** What restores the former egress path. */
export type RestoringWork = 'rollback' | 'cleanup'

/**
 * Compares the measurements before the cutover and after the rollback. Only what was measured both times is a loss: unlike
 * the cutover, a rollback cannot be reverted to be on the safe side. The warnings name what could not be compared.
 */
export function compareRollback(
  before: NodeProbe[],
  after: NodeProbe[],
  plan: PlannedPaths,
  work: RestoringWork = 'rollback',
): ProbeVerdict {
  const known = before.filter(isCompleted)
  const { lost } = compareProbes(known, after.filter(isCompleted), plan)
  return {
    lost,
    unread: [],
    unreached: [],
    hasGaps: hasGaps(known, after),
    warnings: known.flatMap((node) => unmeasuredOf(node, after, work)),
  }
}

function isCompleted({ status }: NodeProbe): boolean {
  return status === 'completed'
}

function unmeasuredOf(known: NodeProbe, after: NodeProbe[], work: RestoringWork): string[] {
  const name = `Pool \`${known.pool}\``
  const node = after.find((other) => isSamePlace(other, known))
  if (node === undefined) return [`${name} no longer exists after the ${work}.`]
  if (node.isUnanswered === true)
    return [
      `${name} returned no result after the ${work}, for which it needs egress to Azure on port 443. ${node.reason ?? ''}`.trim(),
    ]
  if (!isCompleted(node)) return [`${name} was not measured after the ${work}. ${node.reason ?? ''}`.trim()]
  const missing = known.readings.flatMap(({ endpoint, outcome }) => {
    const now = node.readings.find((other) => other.endpoint === endpoint)
    const isMeasured = now !== undefined && now.outcome !== 'unknown'
    return outcome === 'reached' && !isMeasured ? [endpoint] : []
  })
  return missing.length === 0
    ? []
    : [`${name} reported nothing about ${missing.join(', ')} after the ${work}.`]
}
