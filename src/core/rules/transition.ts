import type { Finding } from '../../contract/finding.ts'
import { type Support, TYPE_KEYS } from '../../contract/outbound-type.ts'
import { equalsArm } from '../arm/words.ts'
import type { PlanningContext } from '../context/planning-context.ts'
import { interruptedChange } from '../egress/interrupted-change.ts'
import { listedCode, these } from '../lib/text.ts'
import { changesCluster } from '../plan/steps/build-steps.ts'
import { AKS_SDK, documented, errorCode, inferred, STANDARD_V2_BLOG } from '../references/references.ts'
import type { Snapshot } from '../snapshot/snapshot.ts'
import { supportOf, transition as transitionOf, transitionPaths } from '../support-matrix/transitions.ts'
import { type Check, rule } from './rule.ts'

export const VNET_INCONSISTENT = rule<{ inconsistency: string }>('VNET_INCONSISTENT', {
  severity: 'blocker',
  message: (f) =>
    `It is unclear whether the cluster uses an AKS-managed or a customer-managed virtual network, because ${f.inconsistency}.`,
  remedy:
    'Replace node pools until the subnets of all node pools are in one customer-managed virtual network, or until no node pool has a subnet. Then create a new plan.',
  source: inferred('node-pool-unique-subnet', errorCode('AgentPoolsWithEmptySubnetError')),
})

export const OUTBOUND_TYPE_UNKNOWN = rule<{ outboundType: string }>('OUTBOUND_TYPE_UNKNOWN', {
  severity: 'blocker',
  message: (f) =>
    `It is unknown which changes AKS supports for this cluster, because its outbound type \`${f.outboundType}\` is not in the AKS support matrix.`,
  remedy: 'Ask Azure support which outbound types this cluster can change to.',
  source: inferred(AKS_SDK, 'egress-outboundtype'),
})

export const SAME_TYPE = rule<{
  outboundType: string
  isNoChange: boolean
  isInEffect: boolean
  /** The cluster failed, or shows a change that AKS has not completed. */
  isIncomplete?: true
  /** Whether no step writes the cluster, because only resources of its network change. */
  isOnlyPrepared?: true
}>('SAME_TYPE', {
  severity: 'info',
  message: (f) =>
    f.isInEffect
      ? `The cluster already ${f.isIncomplete === true ? 'declares' : 'has'} the outbound type \`${f.outboundType}\` with the requested parameters${f.isNoChange ? '' : ', so the plan only adds authorized IP ranges'}.`
      : f.isOnlyPrepared === true
        ? `The cluster already has the outbound type \`${f.outboundType}\` with the requested parameters, so the plan only changes resources of its network.`
        : `The cluster already has the outbound type \`${f.outboundType}\`, so only its parameters change.`,
  remedy: (f) =>
    f.isNoChange
      ? f.isIncomplete === true
        ? 'Reconcile the cluster, as the other findings describe; this plan makes no change.'
        : 'Keep the cluster as it is; this plan makes no change.'
      : `Continue if you want to ${f.isInEffect ? 'add the authorized IP ranges' : `change only the ${f.isOnlyPrepared === true ? 'network' : 'parameters'}`}; this plan does not change the outbound type.`,
  source: documented('egress-outboundtype', STANDARD_V2_BLOG),
})

/** Whether a reconcile is due: the states and the findings CLUSTER_NOT_SUCCEEDED and CHANGE_INTERRUPTED ask for it. */
function isIncomplete(snapshot: Snapshot): boolean {
  const { provisioningState } = snapshot.cluster
  const hasFailed = ['Failed', 'Canceled'].some((state) => equalsArm(provisioningState, state))
  return hasFailed || (interruptedChange(snapshot)?.former ?? null) !== null
}

/** What one source of the support matrix says about a change. */
type Verdict = { edition: string; verdict: string }

export const TRANSITION_DISPUTED = rule<{
  from: string
  to: string
  editions: Verdict[]
}>('TRANSITION_DISPUTED', {
  severity: 'acknowledge',
  message: (f) =>
    `It is unclear whether AKS supports the change from \`${f.from}\` to \`${f.to}\`, because sources disagree (${verdicts(f.editions)}).`,
  remedy:
    'Test the change on a disposable cluster with the same configuration first, then acknowledge this finding.',
  source: documented(
    'egress-outboundtype, editions 2024-04-29 and 2026-08-05',
    'AKS release notes 2026-05-29',
  ),
})

export const TRANSITION_NOT_SUPPORTED = rule<{
  vnet: string
  from: string
  to: string
  reason: string
  supportedTargets: string[]
  disputedTargets: string[]
}>('TRANSITION_NOT_SUPPORTED', {
  severity: 'blocker',
  message: (f) =>
    `AKS does not support the change from \`${f.from}\` to \`${f.to}\` in ${f.vnet === 'managed' ? 'an AKS-managed' : 'a customer-managed'} virtual network.`,
  remedy: (f) =>
    f.supportedTargets.length > 0
      ? `Choose ${f.supportedTargets.length === 1 ? 'the supported target' : 'one of the supported targets:'} ${listedCode(f.supportedTargets)}.`
      : f.disputedTargets.length > 0
        ? `Choose ${f.disputedTargets.length === 1 ? 'the target' : 'one of these targets:'} ${listedCode(f.disputedTargets)}. The change to ${these('target', f.disputedTargets)} requires acknowledgement, because sources disagree on whether AKS supports the change. AKS supports no other target.`
        : 'Create a new cluster: AKS supports no change of the outbound type for this cluster.',
  source: documented('egress-outboundtype, support matrix'),
})

function verdicts(editions: Verdict[]): string {
  return editions
    .map(
      ({ edition, verdict }) => `${sourceLabel(edition)}: ${verdict === 'absent' ? 'not listed' : verdict}`,
    )
    .join('; ')
}

/** Names a source of the support matrix: a date is the date of the published table. */
function sourceLabel(edition: string): string {
  return edition.startsWith('release notes') ? `AKS ${edition}` : `support matrix of ${edition}`
}

/** Whether the support matrix allows the change. */
export const checkTransition: Check = (context) => {
  const { inconsistency } = context.vnet
  return [
    ...(inconsistency === null || context.isInEffect ? [] : [VNET_INCONSISTENT.finding({ inconsistency })]),
    ...support(context),
  ]
}

function support(context: PlanningContext): Finding[] {
  const { transition, vnet, snapshot, isInEffect, isNoChange, policy, request } = context
  if (transition === null)
    return [OUTBOUND_TYPE_UNKNOWN.finding({ outboundType: String(snapshot.cluster.outboundType) })]
  const { from, to, reason, editions } = transition
  const targets = (wanted: Support) =>
    TYPE_KEYS.filter((key) => supportOf(vnet.kind, from, key, policy.pinnedEdition) === wanted)
  switch (transition.support) {
    case 'supported':
      return []
    case 'sameType':
      // A cleanup and a reconcile never change the outbound type.
      return SAME_TYPE.when(request.cleanUp === undefined && request.reconcile !== true, {
        outboundType: to,
        isNoChange,
        isInEffect,
        ...(isIncomplete(snapshot) ? { isIncomplete: true as const } : {}),
        ...(isInEffect || changesCluster(context) ? {} : { isOnlyPrepared: true as const }),
      })
    case 'disputed':
      return [TRANSITION_DISPUTED.finding({ from, to, editions })]
    case 'unsupported':
      return [
        TRANSITION_NOT_SUPPORTED.finding({
          vnet: vnet.kind,
          from,
          to,
          reason,
          supportedTargets: targets('supported'),
          disputedTargets: targets('disputed'),
        }),
      ]
  }
}

export const BLOCK_NEEDS_PREVIEW_API = rule('BLOCK_NEEDS_PREVIEW_API', {
  severity: 'blocker',
  message:
    'The outbound type `block` exists only in preview API versions, and no preview API version is configured for this service.',
  remedy:
    'Ask the operator of this service to set `ARM_PREVIEW_API_VERSION` to a preview API version that supports `block`, or choose the outbound type `none`.',
  source: documented(AKS_SDK, 'egress-outboundtype, preview of block'),
})

export const BLOCK_PREVIEW = rule('BLOCK_PREVIEW', {
  severity: 'warning',
  message:
    'The outbound type `block` is in preview: it has no service level agreement, and its API versions expire after about one year.',
  remedy:
    'If you cannot accept a preview feature, use the outbound type `none` with customer-managed network security group rules.',
  source: documented('egress-outboundtype', 'concepts-preview-api-life-cycle'),
})

/** `block` exists only in preview API versions. */
export const checkPreview: Check = ({ to, policy }) => {
  if (to !== 'block') return []
  return [...BLOCK_NEEDS_PREVIEW_API.when(policy.previewApiVersion === null, {}), BLOCK_PREVIEW.finding({})]
}

export const WAY_BACK_DISPUTED = rule<{ from: string; to: string; editions: Verdict[] }>(
  'WAY_BACK_DISPUTED',
  {
    severity: 'warning',
    message: (f) =>
      `Sources disagree on whether AKS supports the rollback from \`${f.to}\` to \`${f.from}\` (${verdicts(f.editions)}).`,
    remedy: 'Treat the change as irreversible unless a test on a disposable cluster shows otherwise.',
    source: documented('egress-outboundtype, editions 2024-04-29 and 2026-08-05'),
  },
)

export const NO_WAY_BACK = rule<{ from: string; to: string; routes: string[][] }>('NO_WAY_BACK', {
  severity: 'acknowledge',
  message: (f) =>
    `AKS does not support a rollback from \`${f.to}\` to \`${f.from}\`, ${f.routes.length > 0 ? 'except in theory through other outbound types' : 'neither directly nor through another outbound type'}.`,
  remedy: (f) =>
    f.routes.length > 0
      ? `Acknowledge only if the cluster can keep \`${f.to}\` permanently. In theory, you can roll back through ${f.routes.map((route) => listedCode(route.slice(1, -1))).join(', or ')}. Each change on such a path needs its own plan and may have its own prerequisites.`
      : `Acknowledge only if the cluster can keep \`${f.to}\` permanently: to use \`${f.from}\` again, you would need a new cluster.`,
  source: documented('egress-outboundtype, support matrix'),
})

/** Whether AKS supports a rollback of the change. */
export const checkRollback: Check = ({ from, to, vnet, policy, transition }) => {
  if (from === null || from === to || transition?.support === 'unsupported') return []
  const { pinnedEdition } = policy
  const back = supportOf(vnet.kind, to, from, pinnedEdition)
  return [
    ...WAY_BACK_DISPUTED.when(back === 'disputed', {
      from,
      to,
      editions: transitionOf(vnet.kind, to, from, pinnedEdition).editions,
    }),
    ...NO_WAY_BACK.when(back === 'unsupported', {
      from,
      to,
      routes: transitionPaths(vnet.kind, to, from, pinnedEdition),
    }),
  ]
}
