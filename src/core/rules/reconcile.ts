import { equalsArm, isInProgress } from '../arm/words.ts'
import { interruptedChange } from '../egress/interrupted-change.ts'
import { listed } from '../lib/text.ts'
import { rangesCoverReconciled } from '../plan/reconcile.ts'
import { documented, inferred } from '../references/references.ts'
import { type Check, rule } from './rule.ts'

export const RECONCILE_APPLIES_SETTINGS = rule<{
  outboundType: string
  provisioningState: string
  coversEgress: boolean | null
}>('RECONCILE_APPLIES_SETTINGS', {
  severity: 'warning',
  message: (f) =>
    `The reconcile sends the current settings, with the outbound type \`${f.outboundType}\`, to AKS again, and AKS applies them to every resource and node pool of the cluster${COVERAGE[String(f.coversEgress)] ?? ''}.`,
  remedy: (f) =>
    equalsArm(f.provisioningState, 'Succeeded')
      ? 'Execute the plan only if resources of the cluster differ from its settings.'
      : 'Fix the cause of the failure first, such as a quota, a permission, or a policy: otherwise the reconcile fails again.',
  source: inferred({ text: 'Azure CLI: `az aks update` without arguments' }, 'async-operations'),
})

const COVERAGE: Record<string, string> = {
  true: ', and the authorized IP ranges cover the egress addresses',
  false: ', but the authorized IP ranges do not cover every egress address',
}

export const RECONCILE_COMPLETES_CHANGE = rule<{
  outboundType: string
  releases: string[]
  creates: boolean
  coversEgress: boolean | null
}>('RECONCILE_COMPLETES_CHANGE', {
  severity: 'acknowledge',
  message: (f) =>
    `The reconcile completes an interrupted change to \`${f.outboundType}\`, which ${listed(['moves traffic', ...(f.creates ? ['creates addresses'] : []), ...(f.releases.length > 0 ? [`permanently releases ${listed(f.releases)}`] : []), ...(f.coversEgress === false ? ['denies nodes access to the API server until the job authorizes the new addresses'] : [])])}.`,
  remedy:
    'Announce the change of addresses, and execute the plan in a maintenance window. To return to the former outbound type, create a plan for it after the reconcile.',
  source: inferred('egress-outboundtype', { text: 'recorded changes of the outbound type' }),
})

export const RECONCILE_BUSY = rule<{ provisioningState: string }>('RECONCILE_BUSY', {
  severity: 'blocker',
  message: (f) =>
    `The cluster is \`${f.provisioningState}\`, and AKS accepts no other operation until the current one ends.`,
  remedy: 'Wait until the current operation ends, then create a new plan.',
  source: documented('async-operations'),
})

/** What a reconcile does that its caller may not expect: it completes what was interrupted. */
export const checkReconcile: Check = (context) => {
  const { request, snapshot, from } = context
  if (request.reconcile !== true || from === null) return []
  const { provisioningState } = snapshot.cluster
  const interrupted = interruptedChange(snapshot)
  const facts = { outboundType: context.target.outboundType, coversEgress: rangesCoverReconciled(context) }
  return [
    ...RECONCILE_BUSY.when(isInProgress(provisioningState), { provisioningState }),
    ...(interrupted === null
      ? []
      : [
          RECONCILE_COMPLETES_CHANGE.finding({
            ...facts,
            releases: interrupted.releases,
            creates: interrupted.creates,
          }),
        ]),
    RECONCILE_APPLIES_SETTINGS.finding({ ...facts, provisioningState }),
  ]
}
