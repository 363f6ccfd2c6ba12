import type { Finding } from '../../contract/finding.ts'
import { type Support, TYPE_KEYS } from '../../contract/outbound-type.ts'
import { doAddressesChange } from '../context/address-changes.ts'
import type { PlanningContext } from '../context/planning-context.ts'
import { hasPendingAttachment } from '../egress/projected-egress.ts'
import { listed } from '../lib/text.ts'
import { AKS_SDK, documented, inferred, STANDARD_V2_BLOG } from '../references/references.ts'
import { supportOf, transitionPaths } from '../support-matrix/transitions.ts'
import { type Check, rule } from './rule.ts'

export const VNET_INCONSISTENT = rule<{ inconsistency: string }>('VNET_INCONSISTENT', {
  severity: 'blocker',
  message: (f) => `It cannot be told whose VNet the cluster is in: ${f.inconsistency}.`,
  remedy: 'All node pools of a cluster must share one VNet; put the pools right first.',
  source: inferred('node-pool-unique-subnet', { text: 'AgentPoolsWithEmptySubnetError' }),
})

export const OUTBOUND_TYPE_UNKNOWN = rule<{ outboundType: string }>('OUTBOUND_TYPE_UNKNOWN', {
  severity: 'blocker',
  message: (f) =>
    `The cluster shows the outbound type "${f.outboundType}", which no edition of the support matrix knows.`,
  remedy: 'Ask Azure support which changes this outbound type allows; this service does not guess.',
  source: inferred(AKS_SDK, 'egress-outboundtype'),
})

export const SAME_TYPE = rule<{ outboundType: string; isNoChange: boolean }>('SAME_TYPE', {
  severity: 'info',
  message: (f) =>
    f.isNoChange
      ? `The cluster has the outbound type ${f.outboundType} with these parameters already.`
      : `The cluster has the outbound type ${f.outboundType} already; only its parameters change.`,
  remedy: 'Nothing to do.',
  source: documented('egress-outboundtype', STANDARD_V2_BLOG),
})

export const TRANSITION_DISPUTED = rule<{
  from: string
  to: string
  editions: { edition: string; verdict: string }[]
}>('TRANSITION_DISPUTED', {
  severity: 'acknowledge',
  message: (f) =>
    `The editions of the support matrix disagree on ${f.from} to ${f.to}: ${f.editions.map(({ edition, verdict }) => `${edition} ${verdict === 'absent' ? 'does not list the pair' : `says ${verdict}`}`).join(', ')}.`,
  remedy: 'Try the change on a throw-away cluster of the same shape first, then acknowledge.',
  source: documented('egress-outboundtype, editions 2024-04-29 and 2026-08-05'),
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
  message: (f) => `AKS does not support the change from ${f.from} to ${f.to} here. ${f.reason}`,
  remedy: (f) =>
    f.supportedTargets.length > 0
      ? `Choose one of the supported targets: ${listed(f.supportedTargets)}.`
      : f.disputedTargets.length > 0
        ? `No target is supported undisputed from here; disputed, so to be acknowledged: ${listed(f.disputedTargets)}.`
        : 'No change of the outbound type is supported from here; a new cluster is needed.',
  source: documented('egress-outboundtype, support matrix'),
})

/** Whether the support matrix allows the change. */
export const checkTransition: Check = (context) => {
  const { inconsistency } = context.vnet
  return [
    ...(inconsistency === null || context.isNoChange ? [] : [VNET_INCONSISTENT.finding({ inconsistency })]),
    ...support(context),
  ]
}

function support({ transition, vnet, snapshot, isNoChange, policy, request }: PlanningContext): Finding[] {
  if (transition === null)
    return [OUTBOUND_TYPE_UNKNOWN.finding({ outboundType: String(snapshot.cluster.outboundType) })]
  const { from, to, reason, editions } = transition
  const targets = (wanted: Support) =>
    TYPE_KEYS.filter((key) => supportOf(vnet.kind, from, key, policy.pinnedEdition) === wanted)
  switch (transition.support) {
    case 'supported':
      return []
    case 'sameType':
      // A cleanup never changes the type.
      return SAME_TYPE.when(request.cleanUp === undefined, { outboundType: to, isNoChange })
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
  message: 'The outbound type block exists only in preview API versions, and none is configured.',
  remedy:
    'Have the operator set ARM_PREVIEW_API_VERSION to a preview version that knows block, or choose none.',
  source: documented(AKS_SDK, { text: 'egress-outboundtype (block is a preview)' }),
})

export const BLOCK_PREVIEW = rule('BLOCK_PREVIEW', {
  severity: 'warning',
  message:
    'The outbound type block is a preview: no service level agreement, and its API versions live about a year.',
  remedy: 'Use none with network security rules of your own where a preview is not acceptable.',
  source: documented('egress-outboundtype', 'concepts-preview-api-life-cycle'),
})

/** `block` is written on a preview API version only. */
export const checkPreview: Check = ({ to, policy }) => {
  if (to !== 'block') return []
  return [...BLOCK_NEEDS_PREVIEW_API.when(policy.previewApiVersion === null, {}), BLOCK_PREVIEW.finding({})]
}

export const WAY_BACK_DISPUTED = rule<{ from: string; to: string }>('WAY_BACK_DISPUTED', {
  severity: 'warning',
  message: (f) =>
    `Whether ${f.to} can be changed back to ${f.from} is disputed: one edition of the matrix says Supported, the newest does not.`,
  remedy: 'Treat the change as one-way unless a trial on a throw-away cluster says otherwise.',
  source: documented('egress-outboundtype, editions 2024-04-29 and 2026-08-05'),
})

export const NO_WAY_BACK = rule<{ from: string; to: string; routes: string[][] }>('NO_WAY_BACK', {
  severity: 'acknowledge',
  message: (f) => `There is no supported way back from ${f.to} to ${f.from}.`,
  remedy: (f) =>
    f.routes.length > 0
      ? `On paper the way back leads over ${f.routes.map((route) => route.slice(1, -1).join(' and ')).join(', or ')}, each with its own preconditions. Acknowledge only if ${f.to} can stay.`
      : `Acknowledge only if ${f.to} can stay; otherwise a new cluster is the way back.`,
  source: documented('egress-outboundtype, support matrix'),
})

/** Whether the change can be reverted. */
export const checkRollback: Check = ({ from, to, vnet, policy, transition }) => {
  if (from === null || from === to || transition?.support === 'unsupported') return []
  const { pinnedEdition } = policy
  const back = supportOf(vnet.kind, to, from, pinnedEdition)
  return [
    ...WAY_BACK_DISPUTED.when(back === 'disputed', { from, to }),
    ...NO_WAY_BACK.when(back === 'unsupported', {
      from,
      to,
      routes: transitionPaths(vnet.kind, to, from, pinnedEdition),
    }),
  ]
}

export const DOWNTIME = rule<{ movesPackets: boolean }>('DOWNTIME', {
  severity: 'warning',
  message: (f) =>
    f.movesPackets
      ? 'The change interrupts connectivity: open connections are dropped while egress moves.'
      : 'AKS announces an interruption of connectivity with every change of the outbound type. Packets keep their path here, so there may be none, but no page says so.',
  remedy: 'Do it in a maintenance window; no duration is documented.',
  source: documented('egress-outboundtype'),
})

export const NODE_IMAGE_UPGRADE_NEEDED = rule<{ isPlanned: boolean }>('NODE_IMAGE_UPGRADE_NEEDED', {
  severity: 'warning',
  message: 'After the change every node pool needs a node image upgrade; AKS does not start it.',
  remedy: (f) =>
    f.isPlanned
      ? 'This plan does it at its end; see that disruption budgets let nodes drain and that the quota has room for the surge.'
      : 'Plan a rolling upgrade of each pool afterwards (drain, disruption budgets, surge quota), or ask for upgradeNodeImages.',
  source: documented('node-disruption-policy', { text: 'not mentioned in egress-outboundtype' }),
})

/** Effects of every change of the outbound type. */
export const checkConsequences: Check = (context) => {
  const { from, to, transition, request } = context
  if (from === to || transition === null || transition.support === 'unsupported') return []
  return [
    DOWNTIME.finding({ movesPackets: movesPackets(context) }),
    NODE_IMAGE_UPGRADE_NEEDED.finding({ isPlanned: request.upgradeNodeImages === true }),
  ]
}

/** A gateway or route that is not there yet will also move packets, though not in this plan. */
function movesPackets(context: PlanningContext): boolean {
  const { effective, prepared, target, vnet } = context
  const isPending =
    vnet.kind === 'byo' && prepared.subnets.some((subnet) => hasPendingAttachment(subnet, prepared, target))
  return isPending || effective.before !== effective.after || doAddressesChange(context)
}
