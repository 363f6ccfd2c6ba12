import { DEFAULT_PROBE_NODES } from '../../../contract/probe.ts'
import type { PlanningContext } from '../../context/planning-context.ts'
import type { StepDraft } from './cluster-steps.ts'

/**
 * The measurements from nodes, if the request asks for them. The first measurement is the last step before the cutover.
 * The second measurement follows when the API server allows the new addresses. A cleanup has no measurements.
 */
export function nodeProbeStep({ request }: PlanningContext, when: 'before' | 'after'): StepDraft[] {
  const { verifyFromNodes: wish } = request
  if (wish === undefined || request.cleanUp !== undefined) return []
  const title =
    when === 'before'
      ? 'Test which endpoints nodes reach'
      : 'Test which endpoints nodes reach now, and compare the results'
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
      },
      expects: [],
      undo: 'Nothing to undo: the script on the nodes only reads.',
      undoes: [],
    },
  ]
}
