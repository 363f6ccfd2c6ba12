import type { Disruption } from '../../contract/plan.ts'
import { equalsArm } from '../arm/words.ts'
import { doAddressesChange } from '../context/address-changes.ts'
import {
  exceptionsLabel,
  mayMoveOnCompletion,
  mayMoveTraffic,
  movedPaths,
  movesApiServerPath,
  movesInternetPath,
} from '../context/path-pairs.ts'
import type { PlanningContext } from '../context/planning-context.ts'
import { frontendsAfter, publicServiceFrontends, releasedFrontends } from '../context/service-frontends.ts'
import { gatewaysOn } from '../egress/outbound-resources.ts'
import { hasPendingAttachment } from '../egress/projected-egress.ts'
import { listedCode } from '../lib/text.ts'
import type { Snapshot } from '../snapshot/snapshot.ts'

/**
 * The effects that users of the cluster notice. They are similar for every change, so they are not findings
 * (egress-outboundtype, node-disruption-policy).
 */
export function assessDisruption(context: PlanningContext): Disruption {
  const { isChange, changesEgress, request } = context
  if (request.reconcile === true || !isChange) return disruptionOfSameTarget(context)
  const isUnmoved = !changesEgress && !movesTraffic(context)
  return {
    existingConnections: isUnmoved ? 'unchanged' : 'dropped',
    movesTraffic: movesTraffic(context),
    downtime: downtimeOf(context),
    ...newPathOf(context),
    idleTimeoutInMinutes: { before: idleBefore(context), after: idleAfter(context) },
    ingress: ingressOf(context),
    nodeImageUpgrade: nodeImageUpgrade(context),
  }
}

function ingressOf(context: PlanningContext): string {
  if (context.to !== 'userDefinedRouting') return frontendsAfter(context)
  const lost = releasedFrontends(context).length > 0 ? [frontendsAfter(context)] : []
  return [...lost, ingressOfRoutes(context)].join(' ')
}

/** The ingress after a change to user-defined routes: the rules assess it only for the public Services that were found. */
function ingressOfRoutes({ snapshot, from, to }: PlanningContext): string {
  const lead = 'Replies from public Services follow the route tables of the subnets.'
  if (publicServiceFrontends(snapshot).length === 0)
    return `${lead} No public Kubernetes Service was found in the cluster.`
  return from === to
    ? lead
    : `${lead} If a route sends replies to an appliance, the plan contains the finding INGRESS_ASYMMETRIC_ROUTING.`
}

/** The disruption of a plan that keeps the declared settings. A reconcile still moves traffic if it completes an interrupted change. */
function disruptionOfSameTarget(context: PlanningContext): Disruption {
  const { completes, request } = context
  const [isCompleting, isMoving] = [completes !== null, mayMoveOnCompletion(context)]
  return {
    existingConnections: isCompleting ? 'dropped' : 'unchanged',
    movesTraffic: isMoving,
    downtime: isMoving
      ? 'Connectivity is interrupted while AKS completes the interrupted change. No duration is documented, so schedule the change in a maintenance window.'
      : isCompleting
        ? UNMOVED_DOWNTIME
        : request.reconcile === true
          ? 'None is known. AKS applies the current settings again.'
          : 'None.',
    ...(isCompleting ? newPathOf(context) : {}),
    idleTimeoutInMinutes: {
      before: idleBefore(context),
      after: isCompleting ? idleAfter(context) : idleBefore(context),
    },
    ingress: releasesFrontends(context) ? frontendsAfter(context) : 'Not affected.',
    nodeImageUpgrade: nodeImageUpgradeOfSameTarget(context),
  }
}

/** Whether AKS releases addresses of Services while it completes the interrupted change. */
function releasesFrontends(context: PlanningContext): boolean {
  return context.completes !== null && releasedFrontends(context).length > 0
}

/** The requirement of the change of the outbound type that the reconcile completes, as far as Azure shows it. */
function nodeImageUpgradeOfSameTarget({ completes, request, snapshot }: PlanningContext): string {
  const isInterrupted =
    request.reconcile === true && !equalsArm(snapshot.cluster.provisioningState, 'Succeeded')
  if (completes === null && !isInterrupted) return NO_UPGRADE
  const when =
    (completes?.former ?? null) === null
      ? 'If the interrupted change is a change of the outbound type, it requires a node image upgrade of every node pool.'
      : 'A node image upgrade is required on every node pool after the change.'
  return `${when} AKS does not start the upgrade: run \`az aks nodepool upgrade --node-image-only\` for each pool. ${UPGRADE_DRAINS}`
}

const NO_UPGRADE = 'No node image upgrade is required.'
const UPGRADE_DRAINS =
  'The upgrade drains the nodes, so check pod disruption budgets and the quota for surge nodes first.'

/** A load balancer of AKS resets both ends of an idle connection (configure-load-balancer-standard, nat-gateway-resource, nat-sku). */
function newPathOf(context: PlanningContext): Pick<Disruption, 'newPath'> {
  const isMoving = movedPaths(context).some(
    ({ before, after }) => before.path === 'loadBalancer' && after.path === 'natGateway',
  )
  if (!isMoving) return {}
  return {
    newPath:
      'When a connection times out, the load balancer of AKS resets the connection immediately. A NAT gateway resets the connection only when the next packet of the connection arrives. Use TCP keep-alives, so that connections do not time out. A NAT gateway does not carry IP fragments, and carries ICMP only if its SKU is `StandardV2`.',
  }
}

/** Traffic counts as moving if it is unknown whether its path stays, or if a step may move it. */
function movesTraffic(context: PlanningContext): boolean {
  const { preparation, cleanUp } = context
  const isStepMoving =
    preparation.writes.some((write) => write.movesTraffic) ||
    cleanUp.detachments.some((detachment) => detachment.movesTraffic)
  return isPending(context) || isStepMoving || mayMoveTraffic(context) || doAddressesChange(context)
}

/** A missing NAT gateway or default route also moves packets once it exists, although this plan does not add it. */
function isPending({ prepared, target, vnet, request }: PlanningContext): boolean {
  return (
    vnet.kind === 'byo' &&
    request.cleanUp === undefined &&
    prepared.subnets.some((subnet) => hasPendingAttachment(subnet, prepared, target))
  )
}

const UNMOVED_DOWNTIME =
  'Packets keep their path. The AKS documentation states that a change of the outbound type interrupts egress, but not whether it does if the egress path stays the same. Schedule the change in a maintenance window.'

function downtimeOf(context: PlanningContext): string {
  const { from, to, effective } = context
  const { cluster } = context.snapshot
  if (!movesTraffic(context))
    return from === to
      ? 'Packets keep their path and their addresses, and no interruption is documented.'
      : UNMOVED_DOWNTIME
  if (!isPending(context) && !doAddressesChange(context))
    return 'It is unknown whether packets keep their path and their addresses, so connectivity may be interrupted. Schedule the change in a maintenance window.'
  const { monitoring, defender } = cluster.features
  const senders = defender ? [...monitoring, 'securityProfile.defender'] : monitoring
  // Nodes open the tunnel between the API server and the nodes (egress-outboundtype).
  const isTunnelled = !cluster.enablePrivateCluster && !cluster.enableVnetIntegration
  const isWide = isPending(context) || movesInternetPath(context)
  return [
    isWide
      ? 'Connectivity is interrupted while traffic moves to the new egress path: open connections are dropped.'
      : `Connections to ${exceptionsLabel(context)} are dropped while their traffic moves to the new egress path. Other packets keep their path.`,
    'No duration is documented, so schedule the change in a maintenance window.',
    ...(isTunnelled && effective.after !== 'none' && movesApiServerPath(context)
      ? [
          '`kubectl logs`, `kubectl exec`, `kubectl port-forward`, and admission webhooks fail until nodes have reconnected to the API server from the new addresses.',
        ]
      : []),
    ...(isWide && senders.length > 0
      ? [`These agents send no data during this time: ${listedCode(senders)}.`]
      : []),
  ].join(' ')
}

/** One page requires the upgrade, and the other page does not mention it (node-disruption-policy, egress-outboundtype). */
function nodeImageUpgrade({ from, to, request }: PlanningContext): string {
  const isPlanned = request.upgradeNodeImages === true
  if (from === to)
    return isPlanned
      ? 'No node image upgrade is required, but the last steps of this plan upgrade the node images.'
      : NO_UPGRADE
  const how = isPlanned
    ? 'The last steps of this plan perform the upgrade.'
    : 'AKS does not start the upgrade: run `az aks nodepool upgrade --node-image-only` for each pool, or set `upgradeNodeImages` in the plan request.'
  return `A node image upgrade is required on every node pool after the change. ${how} ${UPGRADE_DRAINS}`
}

function idleBefore({ snapshot, effective }: PlanningContext): number | null {
  const { loadBalancerProfile, natGatewayProfile } = snapshot.cluster
  if (effective.before === 'loadBalancer') return loadBalancerProfile?.idleTimeoutInMinutes ?? 30
  if (effective.before !== 'natGateway') return null
  return gatewayIdle(snapshot) ?? natGatewayProfile?.idleTimeoutInMinutes ?? null
}

function idleAfter({ prepared: snapshot, target, effective }: PlanningContext): number | null {
  if (effective.after === 'loadBalancer' && target.outboundType === 'loadBalancer')
    return target.loadBalancer.idleTimeoutInMinutes
  if (effective.after !== 'natGateway') return null
  return target.outboundType === 'managedNATGateway'
    ? target.natGateway.idleTimeoutInMinutes
    : gatewayIdle(snapshot)
}

/** The shortest idle timeout of the gateways on the subnets; null if none is visible. */
function gatewayIdle(snapshot: Snapshot): number | null {
  const gateways = gatewaysOn(snapshot.subnets, snapshot)
  const minutes = gateways.map(({ idleTimeoutInMinutes }) => idleTimeoutInMinutes)
  return minutes.length === 0 ? null : Math.min(...minutes)
}
