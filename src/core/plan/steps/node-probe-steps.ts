import { DEFAULT_PROBE_NODES } from '../../../contract/probe.ts'
import type { PlanningContext } from '../../context/planning-context.ts'
import type { StepDraft } from './cluster-steps.ts'

const AFTER_CUTOVER = 'Test which endpoints nodes reach now, and compare the results'
export const AFTER_ROLLBACK = 'Test which endpoints nodes reach after the rollback, and compare the results'
const AFTER_CLEANUP = 'Test which endpoints nodes reach after the cleanup, and compare the results'

/**
 * The measurements from nodes, if the request asks for them. The first measurement is the last step before the cutover.
 * The second measurement follows when the API server allows the new addresses. A rollback plan
 * measures only after the cutover, because another measurement before it would prolong an outage. So does a cleanup that moves
 * the traffic back; other cleanups have no measurements.
 */
export function nodeProbeStep({ request, cleanUp }: PlanningContext, when: 'before' | 'after'): StepDraft[] {
  const { verifyFromNodes: wish, baselineJobId } = request
  const isCleanup = request.cleanUp !== undefined
  if (wish === undefined || (isCleanup && !cleanUp.detachments.some(({ movesTraffic }) => movesTraffic)))
    return []
  const isRollback = baselineJobId !== undefined
  if (isRollback && when === 'before') return []
  const title =
    when === 'before'
      ? 'Test which endpoints nodes reach'
      : isCleanup
        ? AFTER_CLEANUP
        : isRollback
          ? AFTER_ROLLBACK
          : AFTER_CUTOVER
  return [
    {
      key: `probe-nodes-${when}`,
      title,
      does: {
        kind: 'probeNodes',
        when,
        endpoints: wish.endpoints ?? [],
        sourceAddressUrl: wish.sourceAddressUrl ?? null,
        maxNodes: wish.maxNodes ?? DEFAULT_PROBE_NODES,
        ...(isRollback ? { baselineJobId } : {}),
      },
      expects: [],
      undo: 'Nothing to undo: the script on the nodes only reads.',
      undoes: [],
    },
  ]
}
