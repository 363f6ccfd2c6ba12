import type { PrincipalKind } from '../../contract/preflight.ts'
import type { Target } from '../../contract/target.ts'
import {
  addressType,
  idKey,
  isInResourceGroup,
  parseResourceId,
  RESOURCE_TYPES,
  routeTableOf,
} from '../arm/resource-id.ts'
import type { PlanningContext } from '../context/planning-context.ts'
import { nodeImageSteps } from '../plan/steps/cluster-steps.ts'
import { placementFor, type ResourceWrite } from '../preparation/preparation.ts'
import { isKubenet } from '../snapshot/network-profile.ts'
import { subnetIdsOf } from '../snapshot/vnet-kind.ts'

export interface RequiredAction {
  who: PrincipalKind
  scope: string
  action: string
  /** False if the action is documented, but changes are known to succeed without it. */
  isEssential: boolean
}

/** An action on the resource, resource group, or subscription with this ID. */
type Action = Pick<RequiredAction, 'scope' | 'action'>

/**
 * The permissions that this plan needs (aks-service-permissions: "identity creating and operating the cluster" and
 * "additional cluster identity permissions"). AKS grants the cluster's identity its permissions in the node resource
 * group, so these are omitted.
 */
export function requiredActions(context: PlanningContext): RequiredAction[] {
  const all: RequiredAction[] = [
    ...callerActions(context).map((action) => ({ who: 'caller' as const, ...action, isEssential: true })),
    ...identityActions(context).map((action) => ({ who: 'clusterIdentity' as const, ...action })),
  ]
  return [...new Map(all.map((row) => [`${row.who} ${idKey(row.scope)} ${row.action}`, row])).values()]
}

function callerActions(context: PlanningContext): Action[] {
  const { snapshot, target, preparation, request } = context
  const { cluster } = snapshot
  const { group } = placementFor(request, cluster)
  const planned = [...preparation.publicIpIds, ...preparation.publicIpPrefixIds]
  const onCluster = (action: string) => ({ scope: cluster.id, action: `${RESOURCE_TYPES.cluster}/${action}` })
  return [
    onCluster('read'),
    onCluster('agentPools/read'),
    onCluster('write'),
    // The last steps of a job: without the permission, they would fail after the cutover.
    ...(nodeImageSteps(context).length > 0 ? [onCluster('agentPools/upgradeNodeImageVersion/action')] : []),
    // ARM checks every resource that the body refers to, even if it did so before.
    ...subnetIdsOf(cluster).map((id) => join(id, RESOURCE_TYPES.subnet)),
    // Permissions on a new resource are checked on its resource group.
    ...customerAddressIds(target).map((id) => join(planned.includes(id) ? group : id, addressType(id))),
    ...preparationActions(context),
    ...cleanupActions(context),
  ]
}

function join(scope: string, type: string): Action {
  return { scope, action: `${type}/join/action` }
}

/** The permissions of this service for the preparation, with `join` on what a body refers to. */
function preparationActions({ preparation, request, snapshot }: PlanningContext): Action[] {
  const { writes } = preparation
  if (writes.length === 0) return []
  const { group } = placementFor(request, snapshot.cluster)
  return writes.flatMap((write) => {
    const type = parseResourceId(write.id)?.type ?? ''
    return [
      { scope: scopeOf(write, type, group), action: `${type}/write` },
      ...joinedTypes(write, type).map((joined) => join(group, joined)),
    ]
  })
}

/** A route is a part of its table, which exists whether the route does or not. */
function scopeOf({ id, body }: ResourceWrite, type: string, group: string): string {
  if (type === RESOURCE_TYPES.route) return routeTableOf(id)
  return body === null ? id : group
}

function joinedTypes({ changes }: ResourceWrite, type: string): string[] {
  if (type === RESOURCE_TYPES.natGateway) return [RESOURCE_TYPES.publicIp]
  if (type !== RESOURCE_TYPES.subnet) return []
  const paths = changes.map(({ path }) => path)
  if (paths.includes('/properties/natGateway')) return [RESOURCE_TYPES.natGateway]
  return paths.includes('/properties/routeTable') ? [RESOURCE_TYPES.routeTable] : []
}

/** The permissions of this service for the cleanup: it updates subnets, and deletes routes and resources of the job. */
function cleanupActions({ cleanUp }: PlanningContext): Action[] {
  return [
    ...cleanUp.detachments.map(({ id, does }) =>
      does.kind === 'alter'
        ? { scope: id, action: `${RESOURCE_TYPES.subnet}/write` }
        : { scope: routeTableOf(id), action: `${RESOURCE_TYPES.route}/delete` },
    ),
    ...cleanUp.delete.flatMap((id) => {
      const type = parseResourceId(id)?.type
      return type === undefined ? [] : [{ scope: id, action: `${type}/delete` }]
    }),
  ]
}

function identityActions({ snapshot, target }: PlanningContext): Omit<RequiredAction, 'who'>[] {
  const { cluster, subnets } = snapshot
  const isEssential = isKubenet(cluster)
  const readAndJoin = (id: string, type: string) => [{ scope: id, action: `${type}/read` }, join(id, type)]
  const tableIds = distinct(subnets.flatMap(({ routeTableId }) => routeTableId ?? []))
  // kubenet writes its pod routes into the table; other plugins are only documented to need the permission.
  const tableActions = ['routes/read', 'routes/write', ...(isEssential ? ['read', 'write'] : [])]
  const essential = (action: Action) => ({ ...action, isEssential: true })
  return [
    ...subnetIdsOf(cluster).flatMap((id) => readAndJoin(id, RESOURCE_TYPES.subnet).map(essential)),
    ...tableIds.flatMap((scope) =>
      tableActions.map((action) => ({
        scope,
        action: `${RESOURCE_TYPES.routeTable}/${action}`,
        isEssential,
      })),
    ),
    ...customerAddressIds(target).flatMap((id) => readAndJoin(id, addressType(id)).map(essential)),
  ].filter(({ scope }) => !isInResourceGroup(scope, cluster.subscriptionId, cluster.nodeResourceGroup))
}

function customerAddressIds(target: Target): string[] {
  const profile =
    target.outboundType === 'loadBalancer'
      ? target.loadBalancer
      : target.outboundType === 'managedNATGateway'
        ? target.natGateway
        : null
  return profile === null ? [] : distinct([...profile.outboundIpIds, ...profile.outboundIpPrefixIds])
}

function distinct(ids: string[]): string[] {
  return [...new Map(ids.map((id) => [idKey(id), id])).values()]
}
