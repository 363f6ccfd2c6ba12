import type { PrincipalKind } from '../../contract/preflight.ts'
import type { Target } from '../../contract/target.ts'
import {
  idKey,
  isInResourceGroup,
  parseResourceId,
  RESOURCE_TYPES,
  routeTableOf,
} from '../arm/resource-id.ts'
import type { PlanningContext } from '../context/planning-context.ts'
import { nodeImageSteps } from '../plan/steps/cluster-steps.ts'
import { placementFor, type ResourceWrite } from '../preparation/preparation.ts'

import { subnetIdsOf } from '../snapshot/vnet-kind.ts'

/** What this service must be allowed to clean up: subnets are written, routes and what a job had made are deleted. */
function cleanUpActions({ cleanUp }: PlanningContext): { scope: string; action: string }[] {
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

/**
 * What this service must be allowed to prepare (rulebook 8: subnets/write plus join on what the body refers to;
 * inferred from ARM's linked access checks). New resources are asked about on their resource group.
 */
function preparationActions({
  preparation,
  request,
  snapshot,
}: PlanningContext): { scope: string; action: string }[] {
  if (preparation.writes.length === 0) return []
  const { group } = placementFor(request, snapshot.cluster)
  return preparation.writes.flatMap((write) => {
    const type = parseResourceId(write.id)?.type ?? ''
    const scope = scopeOf(write, type, group)
    return [
      { scope, action: `${type}/write` },
      ...joins(write, type).map((action) => ({ scope: group, action })),
    ]
  })
}

/** A route counts as a part of its table, which is there whether the route is or not. */
function scopeOf({ id, body }: ResourceWrite, type: string, group: string): string {
  if (type === RESOURCE_TYPES.route) return routeTableOf(id)
  return body === null ? id : group
}

function joins(write: ResourceWrite, type: string): string[] {
  if (type === RESOURCE_TYPES.natGateway) return [`${RESOURCE_TYPES.publicIp}/join/action`]
  if (type !== RESOURCE_TYPES.subnet) return []
  const paths = write.changes.map(({ path }) => path)
  if (paths.includes('/properties/natGateway')) return [`${RESOURCE_TYPES.natGateway}/join/action`]
  return paths.includes('/properties/routeTable') ? [`${RESOURCE_TYPES.routeTable}/join/action`] : []
}

export interface RequiredAction {
  who: PrincipalKind
  scope: string
  action: string
  /** False where it is documented, and changes are known to succeed without it. */
  isEssential: boolean
}

/**
 * Who must be allowed what, for this plan (rulebook 8, table of permissions; PERM: "identity creating and
 * operating the cluster" and "additional cluster identity permissions"). What lies in the node resource group
 * is left out: AKS gives the cluster's identity its rights there.
 */
export function requiredActions(context: PlanningContext): RequiredAction[] {
  const all = [...ofCaller(context), ...ofClusterIdentity(context)]
  return [...new Map(all.map((each) => [`${each.who} ${idKey(each.scope)} ${each.action}`, each])).values()]
}

function ofCaller(context: PlanningContext): RequiredAction[] {
  const {
    snapshot: { cluster },
    target,
    preparation,
    request,
  } = context
  const { group } = placementFor(request, cluster)
  const isPlanned = (id: string) =>
    [...preparation.publicIpIds, ...preparation.publicIpPrefixIds].includes(id)
  const needs = (scope: string, action: string) => required('caller', scope, action)
  return [
    needs(cluster.id, `${RESOURCE_TYPES.cluster}/read`),
    needs(cluster.id, `${RESOURCE_TYPES.cluster}/agentPools/read`),
    needs(cluster.id, `${RESOURCE_TYPES.cluster}/write`),
    // The last steps of a job: without it they would fail when the egress has moved already.
    ...(nodeImageSteps(context).length > 0
      ? [needs(cluster.id, `${RESOURCE_TYPES.cluster}/agentPools/upgradeNodeImageVersion/action`)]
      : []),
    // ARM checks every resource that the written body refers to, also those that it already had.
    ...subnetIdsOf(cluster).map((id) => needs(id, `${RESOURCE_TYPES.subnet}/join/action`)),
    // What does not exist yet is asked about on its resource group.
    ...customerAddressResources(target).map(({ id, type }) =>
      needs(isPlanned(id) ? group : id, `${type}/join/action`),
    ),
    ...[...preparationActions(context), ...cleanUpActions(context)].map(({ scope, action }) =>
      needs(scope, action),
    ),
  ]
}

function ofClusterIdentity(context: PlanningContext): RequiredAction[] {
  const { snapshot, target } = context
  const { cluster } = snapshot
  const needs = (scope: string, action: string) => required('clusterIdentity', scope, action)
  const all = [
    ...subnetIdsOf(cluster).flatMap((id) => [
      needs(id, `${RESOURCE_TYPES.subnet}/read`),
      needs(id, `${RESOURCE_TYPES.subnet}/join/action`),
    ]),
    ...routeTables(context),
    ...customerAddressResources(target).flatMap(({ id, type }) => [
      needs(id, `${type}/read`),
      needs(id, `${type}/join/action`),
    ]),
  ]
  return all.filter(
    ({ scope }) => !isInResourceGroup(scope, cluster.subscriptionId, cluster.nodeResourceGroup),
  )
}

/** kubenet writes its pod routes into the table; other plugins only are documented to need the right. */
function routeTables({ snapshot }: PlanningContext): RequiredAction[] {
  const isKubenet = snapshot.cluster.networkPlugin?.toLowerCase() === 'kubenet'
  const actions = ['routes/read', 'routes/write', ...(isKubenet ? ['read', 'write'] : [])]
  const ids = snapshot.subnets.flatMap(({ routeTableId }) => (routeTableId === null ? [] : [routeTableId]))
  return distinct(ids).flatMap((scope) =>
    actions.map((action) => ({
      who: 'clusterIdentity' as const,
      scope,
      action: `${RESOURCE_TYPES.routeTable}/${action}`,
      isEssential: isKubenet,
    })),
  )
}

function required(who: PrincipalKind, scope: string, action: string): RequiredAction {
  return { who, scope, action, isEssential: true }
}

function customerAddressResources(target: Target): { id: string; type: string }[] {
  const profile =
    target.outboundType === 'loadBalancer'
      ? target.loadBalancer
      : target.outboundType === 'managedNATGateway'
        ? target.natGateway
        : null
  if (profile === null) return []
  return [
    ...distinct(profile.outboundIpIds).map((id) => ({ id, type: RESOURCE_TYPES.publicIp })),
    ...distinct(profile.outboundIpPrefixIds).map((id) => ({ id, type: RESOURCE_TYPES.publicIpPrefix })),
  ]
}

function distinct(ids: string[]): string[] {
  return [...new Map(ids.map((id) => [idKey(id), id])).values()]
}
