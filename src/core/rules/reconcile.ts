import { typeOfKey } from '../arm/outbound-type.ts'
import { idKey, lastSegment } from '../arm/resource-id.ts'
import { equalsArm, isInProgress } from '../arm/words.ts'
import { endingPaths, hasOtherFormerPaths, mayMoveOnCompletion, movesTraffic } from '../context/path-pairs.ts'
import type { PlanningContext } from '../context/planning-context.ts'
import { isCoveredByPlaceholder } from '../egress/authorized-ranges.ts'
import { INTERNET } from '../egress/destinations.ts'
import { interruptedChange } from '../egress/interrupted-change.ts'
import type { JoinedPath } from '../egress/joined-paths.ts'
import { rangesCoverage } from '../egress/ranges-coverage.ts'
import { listed, named } from '../lib/text.ts'
import { documented, inferred } from '../references/references.ts'
import { type Check, rule } from './rule.ts'

export const RECONCILE_APPLIES_SETTINGS = rule<{
  outboundType: string
  provisioningState: string
  coversEgress: boolean | null
}>('RECONCILE_APPLIES_SETTINGS', {
  severity: 'warning',
  message: (f) =>
    `The reconcile sends the current settings, with the outbound type \`${f.outboundType}\`, to AKS again, and AKS applies these settings to every resource and node pool of the cluster${COVERAGE[String(f.coversEgress)] ?? ''}.`,
  remedy: (f) =>
    equalsArm(f.provisioningState, 'Succeeded')
      ? 'Execute the plan only if resources of the cluster differ from its settings.'
      : `Fix the cause of the provisioning state \`${f.provisioningState}\` first, such as an exceeded quota, a missing permission, or a policy. Otherwise, the reconcile fails for the same reason.`,
  source: inferred({ text: 'Azure CLI: `az aks update` without arguments' }, 'async-operations'),
})

const COVERAGE: Record<string, string> = {
  true: ', and the authorized IP ranges cover the egress addresses',
  false: ', but the authorized IP ranges do not cover every egress address',
}

export const RECONCILE_COMPLETES_CHANGE = rule<{
  outboundType: string
  releases: string[]
  /** Addresses of which AKS releases some. */
  releasesSomeOf: string[]
  detaches: string[]
  creates: boolean
  /** Whether the paths or source addresses of packets change in the model of the network. */
  moves: boolean
  /** Whether they may change, because the current path is unknown or the former outbound type has another path. */
  mayMove: boolean
  /** Subnets whose packets to the internet lose their path, or keep only default outbound access. */
  ends?: string[]
  /** Authorized IP ranges that the write of the reconcile adds. */
  missing: string[]
  coversEgress: boolean | null
}>('RECONCILE_COMPLETES_CHANGE', {
  severity: 'acknowledge',
  message: (f) => {
    const isMoving = f.moves || f.mayMove
    const effects = [
      ...(f.moves ? ['moves traffic'] : isMoving ? ['may move traffic'] : []),
      ...(f.creates ? ['creates addresses'] : []),
      ...verb('permanently releases', f.releases),
      ...verb('permanently releases some of', f.releasesSomeOf),
      ...verb('detaches', f.detaches),
    ]
    const change = effects.length === 0 ? 'applies the new settings' : listed(effects)
    const denied = `; nodes have no access to the API server until the job authorizes ${isMoving ? 'the new' : 'their'} addresses`
    const ended =
      f.ends === undefined
        ? ''
        : `; packets from ${named('subnet', f.ends)} to the internet then have no egress path, or only default outbound access`
    return `The reconcile completes an interrupted change to \`${f.outboundType}\`: AKS ${change}${isMoving ? '' : ', and traffic is expected to keep its path'}${ended}${f.coversEgress === false ? denied : ''}.`
  },
  remedy: (f) =>
    `${f.moves || f.mayMove ? 'Inform the owners of all allow lists that contain egress addresses of the cluster, and execute' : 'Execute'} the plan in a maintenance window. To return to the former outbound type, create a plan for that outbound type after the reconcile.`,
  source: inferred('egress-outboundtype', { text: 'recorded changes of the outbound type' }),
})

function verb(text: string, addresses: string[]): string[] {
  return addresses.length === 0 ? [] : [`${text} ${listed(addresses)}`]
}

export const CHANGE_INTERRUPTED = rule<{
  outboundType: string
  former: string
  /** Whether packets have the same paths with both outbound types. */
  isSamePath?: true
  /** Whether the plan returns to the former outbound type. */
  returns?: true
  /** Whether the plan writes only the authorized IP ranges of the cluster. AKS may then complete the earlier change. */
  writesRanges?: true
}>('CHANGE_INTERRUPTED', {
  severity: 'warning',
  message: (f) =>
    `An earlier change from \`${f.former}\` to \`${f.outboundType}\` appears to be incomplete: the cluster still shows the addresses of \`${f.former}\`, ${f.isSamePath === true ? 'but traffic has the same egress path with both outbound types' : 'so traffic may use either egress path'}.`,
  remedy: (f) =>
    `Complete the earlier change first. Create a reconcile plan for the job that made this change (\`POST /v1/jobs/{jobId}/reconcile-plan\`), and execute the reconcile plan. Alternatively, run \`az aks update -g <resource group> -n <cluster> --yes\`. If the cluster has authorized IP ranges, first add the new egress addresses to these ranges, which the command does not change. When the change is complete, create a new plan.${f.returns === true ? ` Otherwise, wait for the addresses that the job reports before you remove an address from an allow list: Azure does not define whether AKS keeps the addresses of \`${f.former}\`.` : ''}${f.writesRanges === true ? ' Otherwise, expect that AKS may complete the earlier change when this plan updates the authorized IP ranges.' : ''}`,
  source: inferred({ text: 'recorded changes of the outbound type' }),
})

export const RECONCILE_BUSY = rule<{ provisioningState: string }>('RECONCILE_BUSY', {
  severity: 'blocker',
  message: (f) =>
    `The provisioning state of the cluster is \`${f.provisioningState}\`, and AKS accepts no other operation until the current operation ends.`,
  remedy: 'Wait until the current operation ends, then create a new plan.',
  source: documented('async-operations'),
})

/** Effects of a reconcile that the caller may not expect: it completes an interrupted change. Other plans report that change. */
export const checkReconcile: Check = (context) => {
  const { request, snapshot, from, to, completes } = context
  if (from === null) return []
  if (request.reconcile !== true) {
    const former = interruptedChange(snapshot)?.former ?? null
    const outboundType = typeOfKey(from).outboundType
    return former === null
      ? []
      : [
          CHANGE_INTERRUPTED.finding({
            outboundType,
            former: typeOfKey(former).outboundType,
            ...(hasOtherFormerPaths(context) ? {} : { isSamePath: true as const }),
            ...(former === to ? { returns: true as const } : {}),
            ...(writesOnlyRanges(context) ? { writesRanges: true as const } : {}),
          }),
        ]
  }
  const { provisioningState } = snapshot.cluster
  const facts = { outboundType: context.target.outboundType, coversEgress: coversEgress(context) }
  return [
    ...RECONCILE_BUSY.when(isInProgress(provisioningState), { provisioningState }),
    ...RECONCILE_COMPLETES_CHANGE.when(completes !== null, { ...facts, ...completedChange(context) }),
    RECONCILE_APPLIES_SETTINGS.finding({ ...facts, provisioningState }),
  ]
}

function writesOnlyRanges({ changesEgress, ranges, cleanUp }: PlanningContext): boolean {
  return !changesEgress && ranges.add.length + ranges.addPrepared.length + cleanUp.narrow.length > 0
}

function completedChange(context: PlanningContext) {
  const { ledger, released, after, ranges, snapshot } = context
  const isInternet = ({ destination, family }: JoinedPath['after']) =>
    destination === INTERNET && family === 'IPv4'
  const ended = endingPaths(context).filter(({ after }) => isInternet(after) && after.subnetId !== '')
  const ends = ended.map(({ after }) => lastSegment(after.subnetId))
  const isLost = ({ change, address, resourceId }: PlanningContext['ledger'][number]) =>
    change === 'lost' || (change === 'unknown' && address === null && resourceId !== null)
  const lost = ledger.filter(isLost)
  // AKS detaches only addresses of the profiles, and no address of a firewall or a customer-managed gateway.
  const { loadBalancerProfile, natGatewayProfile } = snapshot.cluster
  const ofProfiles = new Set(
    [loadBalancerProfile, natGatewayProfile].flatMap((profile) =>
      (profile?.effectiveOutboundIpIds ?? []).map(idKey),
    ),
  )
  const isDetached = ({ recoverable, resourceId }: PlanningContext['ledger'][number]) =>
    recoverable && ofProfiles.has(idKey(resourceId ?? ''))
  const namesOf = (rows: { address: string | null; resourceId: string | null }[]) =>
    rows.flatMap(({ address, resourceId }) => address ?? resourceId ?? [])
  return {
    releases: namesOf([...lost.filter(({ recoverable }) => !recoverable), ...released]),
    releasesSomeOf: namesOf(after.undecided),
    detaches: namesOf(lost.filter(isDetached)),
    creates: after.created.IPv4 + after.created.IPv6 > 0,
    moves: movesTraffic(context),
    mayMove: mayMoveOnCompletion(context),
    ...(ends.length === 0 ? {} : { ends }),
    missing: ranges.missing,
  }
}

/** Whether the ranges cover the egress after the reconcile; null if access does not depend on the ranges, or it is unknown. */
function coversEgress({
  snapshot: { cluster },
  ranges,
  apiServer,
  paths,
  to,
}: PlanningContext): boolean | null {
  if (ranges.mode !== 'enforced') return null
  const { created } = apiServer.addresses
  const isCovered = isCoveredByPlaceholder(cluster, { to, apiServerPath: apiServer.after })
  if (isCovered) return true
  return created.IPv4 + created.IPv6 > 0 ? false : rangesCoverage(cluster, paths.after).coversEgress
}
