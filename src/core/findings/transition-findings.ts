import { entry, listed } from './entry.ts'

/** Whether the way is open at all, and whether it leads back. Source: rulebook 1 and 11. */
export const TRANSITION_FINDINGS = {
  OUTBOUND_TYPE_UNKNOWN: entry<{ outboundType: string }>({
    severity: 'blocker',
    message: (f) =>
      `The cluster shows the outbound type "${f.outboundType}", which no edition of the support matrix knows.`,
    remedy: () => 'Ask Azure support which changes this outbound type allows; this service does not guess.',
    confidence: 'inferred',
    source: 'SDK; EO',
  }),
  TRANSITION_NOT_SUPPORTED: entry<{
    vnet: string
    from: string
    to: string
    reason: string
    supportedTargets: string[]
    disputedTargets: string[]
  }>({
    severity: 'blocker',
    message: (f) => `AKS does not support the change from ${f.from} to ${f.to} here. ${f.reason}`,
    remedy: (f) =>
      f.supportedTargets.length > 0
        ? `Choose one of the supported targets: ${listed(f.supportedTargets)}.`
        : f.disputedTargets.length > 0
          ? `No target is supported undisputed from here; disputed, so to be acknowledged: ${listed(f.disputedTargets)}.`
          : 'No change of the outbound type is supported from here; a new cluster is needed.',
    confidence: 'documented',
    source: 'egress-outboundtype, support matrix (EO)',
  }),
  TRANSITION_DISPUTED: entry<{ from: string; to: string; editions: { edition: string; verdict: string }[] }>({
    severity: 'acknowledge',
    message: (f) =>
      `The editions of the support matrix disagree on ${f.from} to ${f.to}: ${f.editions.map(({ edition, verdict }) => `${edition} ${verdict === 'absent' ? 'does not list the pair' : `says ${verdict}`}`).join(', ')}.`,
    remedy: () => 'Try the change on a throw-away cluster of the same shape first, then acknowledge.',
    confidence: 'documented',
    source: 'egress-outboundtype, editions 2024-04-29 and 2026-08-05 (EO)',
  }),
  SAME_TYPE: entry<{ outboundType: string; isNoChange: boolean }>({
    severity: 'info',
    message: (f) =>
      f.isNoChange
        ? `The cluster has the outbound type ${f.outboundType} with these parameters already.`
        : `The cluster has the outbound type ${f.outboundType} already; only its parameters change.`,
    remedy: () => 'Nothing to do.',
    confidence: 'documented',
    source: 'EO; BLOG',
  }),
  VNET_INCONSISTENT: entry<{ inconsistency: string }>({
    severity: 'blocker',
    message: (f) => `It cannot be told whose VNet the cluster is in: ${f.inconsistency}.`,
    remedy: () => 'All node pools of a cluster must share one VNet; put the pools right first.',
    confidence: 'inferred',
    source: 'node-pool-unique-subnet (SUB); AgentPoolsWithEmptySubnetError',
  }),
  NO_WAY_BACK: entry<{ from: string; to: string; routes: string[][] }>({
    severity: 'acknowledge',
    message: (f) => `There is no supported way back from ${f.to} to ${f.from}.`,
    remedy: (f) =>
      f.routes.length > 0
        ? `On paper the way back leads over ${f.routes.map((route) => route.slice(1, -1).join(' and ')).join(', or ')}, each with its own preconditions. Acknowledge only if ${f.to} can stay.`
        : `Acknowledge only if ${f.to} can stay; otherwise a new cluster is the way back.`,
    confidence: 'documented',
    source: 'egress-outboundtype, support matrix (EO)',
  }),
  WAY_BACK_DISPUTED: entry<{ from: string; to: string }>({
    severity: 'warning',
    message: (f) =>
      `Whether ${f.to} can be changed back to ${f.from} is disputed: one edition of the matrix says Supported, the newest does not.`,
    remedy: () => 'Treat the change as one-way unless a trial on a throw-away cluster says otherwise.',
    confidence: 'documented',
    source: 'egress-outboundtype, editions 2024-04-29 and 2026-08-05 (EO)',
  }),
  BLOCK_NEEDS_PREVIEW_API: entry({
    severity: 'blocker',
    message: () => 'The outbound type block exists only in preview API versions, and none is configured.',
    remedy: () =>
      'Have the operator set ARM_PREVIEW_API_VERSION to a preview version that knows block, or choose none.',
    confidence: 'documented',
    source: 'SDK; EO (block is a preview)',
  }),
  BLOCK_PREVIEW: entry({
    severity: 'warning',
    message: () =>
      'The outbound type block is a preview: no service level agreement, and its API versions live about a year.',
    remedy: () => 'Use none with network security rules of your own where a preview is not acceptable.',
    confidence: 'documented',
    source: 'EO; concepts-preview-api-life-cycle (PREV)',
  }),
}
