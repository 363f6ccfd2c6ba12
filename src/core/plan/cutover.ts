import type { EffectivePath } from '../../contract/egress.ts'
import type { Cutover } from '../../contract/plan.ts'
import type { Step } from '../../contract/steps.ts'
import { lastSegment } from '../arm/resource-id.ts'
import {
  exceptionsLabel,
  mayMoveOnCompletion,
  mayMoveTraffic,
  movedExceptions,
  movedPaths,
  movesInternetPath,
  movesTraffic,
} from '../context/path-pairs.ts'
import type { PlanningContext } from '../context/planning-context.ts'
import { isSamePath, joinPaths } from '../egress/joined-paths.ts'
import { declaredPathOf, pathLabel } from '../egress/path-labels.ts'
import { currentSide, egressPaths } from '../egress/paths.ts'
import { hasPendingAttachment } from '../egress/projected-egress.ts'
import { listed } from '../lib/text.ts'
import { movedPathsLabel } from './path-changes.ts'

/**
 * The step that moves packets to their new path. For a customer-managed gateway or route, this is the step that
 * attaches it (UDR_CUTOVER_IS_ROUTE). Otherwise, it is the PUT of the cluster, unless the path does not change.
 */
export function resolveCutover(context: PlanningContext, steps: Step[]): Cutover {
  const { preparation } = context
  // No step before the first step that moves a packet is a cutover.
  const attach = preparation.writes.find(({ movesTraffic }) => movesTraffic === true)
  if (attach !== undefined && steps.length > 0)
    return { step: `prepare-${attach.key}`, because: `${attach.because}${furtherMoves(context, steps)}` }
  const moving = context.cleanUp.detachments.findIndex((detachment) => detachment.movesTraffic)
  const detached = steps.find(({ key }) => moving >= 0 && key === `clean-up-detach-${moving + 1}`)
  if (detached !== undefined) return { step: detached.key, because: detachedTo(context) }
  const reconcile = steps.find((step) => step.key === 'reconcile-cluster')
  if (reconcile !== undefined) return reconcileCutover(context, reconcile)
  const change = steps.find((step) => step.key === 'change-outbound-type')
  if (change === undefined) return { step: null, because: unmoved(context, steps) }
  const awaiting = awaitedOf(context)
  if (awaiting !== null) return { step: null, because: awaiting }
  if (!movesInternetPath(context)) {
    if (mayMoveTraffic(context))
      return {
        step: change.key,
        because:
          'It is unknown whether AKS moves traffic while it updates the cluster, because the current egress path is unknown.',
      }
    if (movedExceptions(context).length === 0) return { step: null, because: samePath(context) }
    return {
      step: change.key,
      because: `While AKS updates the cluster, traffic with the destination ${exceptionsLabel(context)} moves to the new egress path. Other traffic keeps its path.`,
    }
  }
  return { step: change.key, because: 'AKS moves the traffic while it updates the cluster.' }
}

/** The later step that moves packets that the preparation does not move, such as IPv6 packets under an IPv4 route. */
function furtherMoves({ prepared, paths }: PlanningContext, steps: Step[]): string {
  const isChanging = steps.some(({ key }) => key === 'change-outbound-type')
  const isMoving = joinPaths(egressPaths(currentSide(prepared)), paths.after).some(
    ({ before, after }) => !isSamePath(before, after),
  )
  return isChanging && isMoving ? ' Further traffic moves while AKS updates the cluster.' : ''
}

function reconcileCutover(context: PlanningContext, { key }: Step): Cutover {
  if (context.completes === null)
    return {
      step: null,
      because: 'The reconcile changes no setting of the cluster, so it is not expected to move traffic.',
    }
  if (movesTraffic(context))
    return { step: key, because: 'AKS moves the traffic while it completes the interrupted change.' }
  if (mayMoveOnCompletion(context))
    return { step: key, because: 'AKS may move traffic while it completes the interrupted change.' }
  return {
    step: null,
    because:
      'Packets keep their paths and source addresses, so AKS is not expected to move traffic while it completes the interrupted change.',
  }
}

/** A gateway of the virtual network or another route can override the current outbound type after the cleanup. */
function detachedTo(context: PlanningContext): string {
  const moved = movedPaths(context)
  if (moved.length === 0)
    return 'It is unknown whether the removed resource carries traffic, because the current egress path is unknown.'
  if (moved.some(({ after }) => after.alternative !== undefined))
    return 'The removed resource carries traffic. After the cleanup, traffic uses the current outbound type or, until AKS completes the interrupted change, the former outbound type.'
  const own: EffectivePath[] = declaredPathOf(context.target.outboundType).filter((path) => path !== 'none')
  if (movesInternetPath(context) && moved.every(({ after }) => own.includes(after.path)))
    return 'Traffic uses the current outbound type as soon as no NAT gateway or default route overrides it.'
  const others = movesInternetPath(context) ? '' : ' Other traffic keeps its path.'
  return `The removed resource carries traffic. After the cleanup, ${movedPathsLabel(context)}.${others}`
}

/** A preparation or a cleanup can change resources, but no resource that carries packets. */
function unmoved({ preparation }: PlanningContext, steps: Step[]): string {
  const attached = preparation.writes.find(({ isAttachment }) => isAttachment === true)
  if (attached !== undefined && steps.length > 0) return attached.because
  if (preparation.writes.length > 0 && steps.length > 0)
    return 'The plan only creates resources that carry no traffic yet, so no traffic moves.'
  if (steps.some(({ key }) => key === 'widen-authorized-ranges'))
    return 'The plan only adds authorized IP ranges, so no traffic moves.'
  return steps.some(({ key }) => key.startsWith('clean-up-'))
    ? 'The removed resources carry no traffic, so no traffic moves.'
    : 'The plan changes nothing.'
}

/** The plan is blocked because a gateway or route is missing. Traffic moves when it is created. */
function awaitedOf({ prepared, target, vnet, isNoChange }: PlanningContext): string | null {
  if (vnet.kind !== 'byo' || isNoChange) return null
  const awaiting = prepared.subnets.filter((subnet) => hasPendingAttachment(subnet, prepared, target))
  if (awaiting.length === 0) return null
  const missing =
    target.outboundType === 'userDefinedRouting'
      ? 'a default route to an appliance or gateway is added'
      : 'a NAT gateway is attached'
  const subnets = listed(awaiting.map((item) => `subnet ${lastSegment(item.id)}`))
  return `Traffic from ${subnets} moves when ${missing}, before the cluster changes. This plan does not contain that step. To include it, set \`prepare\` in the plan request.`
}

function samePath({
  effective: { after: path },
  target: { outboundType },
  paths,
  from,
  to,
}: PlanningContext): string {
  if ([...paths.before, ...paths.after].every((item) => item.path === 'none' && item.addresses.length === 0))
    return 'The cluster sends no traffic to the internet, before or after the change.'
  if (from === to) return 'The change of parameters moves no traffic.'
  if (path !== 'none' && declaredPathOf(outboundType).includes(path))
    return `Traffic already uses the egress path of ${outboundType}. Only the declared outbound type changes.`
  if (outboundType === 'none' || outboundType === 'block')
    return `The change to ${outboundType} detaches nothing from the subnets, so traffic keeps its current path.`
  return path === 'none'
    ? `With the outbound type ${outboundType}, the routes of the subnets still determine every egress path.`
    : `With the outbound type ${outboundType}, traffic still uses ${pathLabel(path)}, which takes precedence over the outbound type.`
}
