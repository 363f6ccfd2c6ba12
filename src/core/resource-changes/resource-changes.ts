import type { Json } from '../../contract/json.ts'
import type { ResourceChange } from '../../contract/plan.ts'
import type { FieldChange } from '../../contract/steps.ts'
import { distinctIds, idKey, lastSegment, parseResourceId, RESOURCE_TYPES } from '../arm/resource-id.ts'
import { equalsArm } from '../arm/words.ts'
import type { MovingDetachment } from '../cleanup/cleanup.ts'
import type { PlanningContext } from '../context/planning-context.ts'
import { isAksOwned } from '../egress/addresses.ts'
import { interruptedChange } from '../egress/interrupted-change.ts'
import { defaultRouteIn, isApplianceHop } from '../egress/routes.ts'
import { natGatewayIdOf } from '../egress/subnet-attachments.ts'
import { memoize } from '../lib/memoize.ts'
import { changesCluster, needsLateAuthorization } from '../plan/steps/build-steps.ts'
import type { ResourceWrite } from '../preparation/preparation.ts'
import { customerIpIds } from '../snapshot/network-profile.ts'
import type { ClusterFacts, Snapshot } from '../snapshot/snapshot.ts'
import { plannedFields, RANGES_PATH, valueAt } from '../target/cluster-patch.ts'
import { profileOf } from '../target/egress-profile.ts'
import { buildChange, releasable, releasedAddress } from './address-changes.ts'
import {
  enterLoadBalancer,
  enterNatGateway,
  isolationChanges,
  leaveLoadBalancer,
  leaveNatGateway,
  replaceNatGateway,
  resizeLoadBalancer,
  resizeNatGateway,
} from './aks-changes.ts'

/** Only the writes of the steps of a cleanup. AKS makes no changes, and remaining resources are no change. */
function cleanedResources(context: PlanningContext): ResourceChange[] {
  const { detachments, delete: removed } = context.cleanUp
  return [
    ...detachments.map(detached),
    ...removed.map((id) =>
      buildChange({
        action: 'delete',
        type: typeOf(id),
        id,
        owner: 'user',
        because: 'A job of this service created this resource for a change that did not take effect.',
        confidence: 'documented',
      }),
    ),
    ...rangesWritten(context),
  ]
}

function detached({ id, does, movesTraffic }: MovingDetachment): ResourceChange {
  return buildChange({
    action: does.kind === 'delete' ? 'delete' : 'detach',
    type: typeOf(id),
    id,
    owner: 'user',
    because: movesTraffic
      ? 'This resource overrides the current outbound type: traffic uses the current type only after this resource is removed.'
      : 'The current outbound type does not use this resource.',
    confidence: 'documented',
    properties:
      does.kind === 'delete'
        ? []
        : does.former.flatMap((item) =>
            item.op === 'set' ? [{ path: item.path, before: item.value, after: null }] : [],
          ),
  })
}

/** In the body of the cluster, a cleanup writes only the authorized IP ranges. */
function rangesWritten(context: PlanningContext): ResourceChange[] {
  const { cleanUp, ranges, snapshot } = context
  const isLater = needsLateAuthorization(context) || ranges.addPrepared.length > 0
  if (cleanUp.narrow.length + ranges.add.length === 0 && !isLater) return []
  const after = [...ranges.current.filter((entry) => !cleanUp.narrow.includes(entry)), ...ranges.add]
  const isKnown = cleanUp.narrow.length + ranges.add.length > 0
  return [
    buildChange({
      action: 'update',
      type: RESOURCE_TYPES.cluster,
      id: snapshot.cluster.id,
      owner: 'user',
      because: isLater
        ? 'The job writes the authorized IP ranges, including addresses that are unknown at plan time, and leaves all other fields unchanged.'
        : 'The job writes the authorized IP ranges, and leaves all other fields unchanged.',
      confidence: 'documented',
      properties: isKnown ? [{ path: RANGES_PATH, before: ranges.current, after }] : [],
    }),
  ]
}

function typeOf(id: string): string {
  return parseResourceId(id)?.type ?? ''
}

/** The body of the managed cluster, field by field: exactly the changes of the PUTs of the job. */
function clusterChange(context: PlanningContext): ResourceChange {
  const { snapshot, request, ranges: planned } = context
  const { cluster } = snapshot
  const resent = `The job sends the current settings of the cluster to AKS again${planned.add.length === 0 ? '' : ', together with the added authorized IP ranges'}.`
  return buildChange({
    action: 'update',
    type: RESOURCE_TYPES.cluster,
    id: cluster.id,
    owner: 'user',
    because:
      request.reconcile === true
        ? resent
        : 'The job writes these fields, and leaves all other fields unchanged.',
    confidence: 'documented',
    properties: [...plannedFields(context).map((field) => property(field, cluster)), ...ranges(context)],
  })
}

function property(field: FieldChange, cluster: ClusterFacts): ResourceChange['properties'][number] {
  const after: Json = field.op === 'set' ? field.value : null
  return { path: field.path, before: valueAt(cluster, field.path), after }
}

function ranges(context: PlanningContext): ResourceChange['properties'] {
  const { add, current } = context.ranges
  return add.length === 0 ? [] : [{ path: RANGES_PATH, before: current, after: [...current, ...add] }]
}

/** The resources that the plan creates or attaches before the cutover. They belong to the customer and stay. */
function preparedResources({ preparation }: PlanningContext): ResourceChange[] {
  return preparation.writes.map((write) =>
    buildChange({
      action: write.body !== null ? 'create' : isAttachment(write) ? 'attach' : 'update',
      type: typeOf(write.id),
      id: write.id,
      owner: 'user',
      because: write.because,
      confidence: write.isAttachment === true ? 'inferred' : 'documented',
      properties: write.changes.map((change) => ({
        path: change.path,
        before: former(write, change.path),
        after: change.op === 'set' ? change.value : null,
      })),
    }),
  )
}

function isAttachment(write: ResourceWrite): boolean {
  return /\/subnets\/[^/]+$/i.test(write.id)
}

function former(write: ResourceWrite, path: string): Json {
  const found = write.former.find((item) => item.path === path)
  return found?.op === 'set' ? found.value : null
}

/**
 * Customer-managed gateways and route tables on the subnets of the cluster. AKS never changes them (inferred), so each
 * row is `retain` with its meaning.
 */
function userResources(context: PlanningContext): ResourceChange[] {
  const { snapshot } = context
  const customerOwned = (ids: string[]) => distinctIds(ids).filter((id) => !isAksOwned(id, snapshot))
  const gateways = customerOwned(snapshot.subnets.flatMap((subnet) => natGatewayIdOf(subnet, snapshot) ?? []))
  // The table that AKS creates for kubenet in the node resource group is not among them.
  const tables = customerOwned(snapshot.subnets.flatMap(({ routeTableId }) => routeTableId ?? []))
  return [
    ...gateways.map((id) => retained(RESOURCE_TYPES.natGateway, id, gatewayMeaning(id, context))),
    ...tables.map((id) => retained(RESOURCE_TYPES.routeTable, id, tableMeaning(id, context))),
  ]
}

function retained(type: string, id: string, because: string): ResourceChange {
  return buildChange({ action: 'retain', type, id, owner: 'user', because, confidence: 'inferred' })
}

function isAttached(gatewayId: string, snapshot: Snapshot): boolean {
  return snapshot.subnets.some((subnet) => equalsArm(natGatewayIdOf(subnet, snapshot), gatewayId))
}

function gatewayMeaning(id: string, { prepared, paths, to }: PlanningContext): string {
  if (!isAttached(id, prepared))
    return 'The job replaces this NAT gateway on the subnets of the cluster. The replaced NAT gateway and its addresses remain and continue to incur costs.'
  const isCarrying = paths.after.some(({ via }) => equalsArm(via, id))
  if (isCarrying && to === 'userAssignedNATGateway')
    return 'The egress of the cluster uses this NAT gateway. AKS does not change the gateway.'
  const left = 'AKS leaves this NAT gateway attached, and it still incurs costs.'
  if (isCarrying) return `${left} The gateway still carries traffic of the cluster.`
  const isOpen = paths.after.some(
    ({ path, via }) => path === 'unknown' || (path === 'natGateway' && via === null),
  )
  return isOpen
    ? `${left} The gateway may still carry traffic of the cluster.`
    : `${left} The gateway carries no traffic of the cluster after the change.`
}

function tableMeaning(id: string, { prepared, to }: PlanningContext): string {
  const route = defaultRouteIn(prepared.routeTables[idKey(id)]?.routes ?? [])
  return to === 'userDefinedRouting' && route !== null && isApplianceHop(route)
    ? 'The egress of the cluster uses the default route of this route table. AKS does not change the route.'
    : 'AKS leaves this route table attached. If the table has a default route, that route still determines the egress path.'
}

/**
 * Every resource that the change creates, alters, removes or keeps. No page lists them per pair of types. So each row
 * combines what pages state about each type, and states its confidence. A cleanup does not change the egress: its
 * rows are the writes of its steps.
 */
export const resourceChanges = memoize((context: PlanningContext): ResourceChange[] => {
  if (context.isNoChange) return []
  if (context.request.cleanUp !== undefined) return cleanedResources(context)
  if (context.request.reconcile === true) return [clusterChange(context), ...completedChanges(context)]
  if (context.isInEffect) return rangesWritten(context)
  return [
    ...preparedResources(context),
    // A plan that only prepares resources writes at most the authorized IP ranges of the cluster.
    ...(changesCluster(context) ? [clusterChange(context)] : rangesWritten(context)),
    ...leaving(context),
    ...leavingFormer(context),
    ...entering(context),
    ...isolationChanges(context),
    ...userResources(context),
  ]
})

/** The remaining changes of AKS for the interrupted change (inferred: AKS repeats the whole change). */
function completedChanges(context: PlanningContext): ResourceChange[] {
  const { completes } = context
  if (completes === null) return []
  const interrupted = { ...context, from: completes.former ?? context.from }
  return [...leaving(interrupted), ...entering(interrupted)].map((change) => ({
    ...change,
    confidence: 'inferred',
  }))
}

function leaving(context: PlanningContext): ResourceChange[] {
  if (context.from === context.to) return []
  if (context.from === 'loadBalancer') return leaveLoadBalancer(context)
  const isNat = context.from === 'managedNATGateway' || context.from === 'managedNATGatewayV2'
  if (!isNat) return []
  return context.target.outboundType === 'managedNATGateway'
    ? replaceNatGateway(context)
    : leaveNatGateway(context)
}

/** AKS also releases the addresses of the former type of an interrupted change (inferred: AKS completes that change first). */
function leavingFormer({ snapshot, from, to, target, changesEgress }: PlanningContext): ResourceChange[] {
  const former = interruptedChange(snapshot)?.former ?? null
  if (former === null || former === from || !changesEgress) return []
  const { loadBalancerProfile, natGatewayProfile } = snapshot.cluster
  const [profile, holder] =
    former === 'loadBalancer'
      ? [loadBalancerProfile, 'load balancer' as const]
      : [natGatewayProfile, 'NAT gateway' as const]
  const kept = new Set(customerIpIds(profileOf(target)).map(idKey))
  return releasable(profile?.effectiveOutboundIpIds ?? [], holder, snapshot)
    .filter((id) => !kept.has(idKey(id)))
    .map((id): ResourceChange => {
      const change = releasedAddress(id, holder, snapshot)
      const isOpen = former === to && change.action === 'delete'
      return {
        ...change,
        confidence: 'inferred',
        ...(isOpen ? { because: keptOrReleased(id, holder) } : {}),
      }
    })
}

/** The cluster returns to the type of this address, and Azure does not define whether AKS uses the address again. */
function keptOrReleased(id: string, holder: string): string {
  return `AKS created \`${lastSegment(id)}\` for the ${holder}. Azure does not define whether AKS keeps this address, so the plan counts it as released.`
}

function entering(context: PlanningContext): ResourceChange[] {
  const isResize = context.from === context.to
  if (context.target.outboundType === 'loadBalancer')
    return (isResize ? resizeLoadBalancer : enterLoadBalancer)(context, context.target.loadBalancer)
  if (context.target.outboundType === 'managedNATGateway')
    return (isResize ? resizeNatGateway : enterNatGateway)(context, context.target.natGateway)
  return []
}
