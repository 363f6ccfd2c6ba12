import { nodeImageSteps } from '../node-image-steps.ts'
import type { Principal } from '../plan-preflight.ts'
import type { PlanningContext } from '../planning-context.ts'
import { placeFor } from '../preparation/place.ts'
import { TYPES } from '../resource-changes/change.ts'
import { idKey, liesIn } from '../resource-id.ts'
import type { Target } from '../target.ts'
import { subnetIdsOf } from '../vnet-kind.ts'
import { cleanUpActions } from './clean-up-actions.ts'
import { preparationActions } from './preparation-actions.ts'

export interface RequiredAction {
  who: Principal
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
  const { group } = placeFor(request, cluster)
  const isPlanned = (id: string) =>
    [...preparation.publicIpIds, ...preparation.publicIpPrefixIds].includes(id)
  const needs = (scope: string, action: string) => required('caller', scope, action)
  return [
    needs(cluster.id, `${TYPES.cluster}/read`),
    needs(cluster.id, `${TYPES.cluster}/agentPools/read`),
    needs(cluster.id, `${TYPES.cluster}/write`),
    // The last steps of a job: without it they would fail when the egress has moved already.
    ...(nodeImageSteps(context).length > 0
      ? [needs(cluster.id, `${TYPES.cluster}/agentPools/upgradeNodeImageVersion/action`)]
      : []),
    // ARM checks every resource that the written body refers to, also those that it already had.
    ...subnetIdsOf(cluster).map((id) => needs(id, `${TYPES.subnet}/join/action`)),
    // What does not exist yet is asked about on its resource group.
    ...ownAddresses(target).map(({ id, type }) => needs(isPlanned(id) ? group : id, `${type}/join/action`)),
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
      needs(id, `${TYPES.subnet}/read`),
      needs(id, `${TYPES.subnet}/join/action`),
    ]),
    ...routeTables(context),
    ...ownAddresses(target).flatMap(({ id, type }) => [
      needs(id, `${type}/read`),
      needs(id, `${type}/join/action`),
    ]),
  ]
  return all.filter(({ scope }) => !liesIn(scope, cluster.subscriptionId, cluster.nodeResourceGroup))
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
      action: `${TYPES.routeTable}/${action}`,
      isEssential: isKubenet,
    })),
  )
}

function required(who: Principal, scope: string, action: string): RequiredAction {
  return { who, scope, action, isEssential: true }
}

function ownAddresses(target: Target): { id: string; type: string }[] {
  const profile =
    target.outboundType === 'loadBalancer'
      ? target.loadBalancer
      : target.outboundType === 'managedNATGateway'
        ? target.natGateway
        : null
  if (profile === null) return []
  return [
    ...distinct(profile.outboundIpIds).map((id) => ({ id, type: TYPES.publicIp })),
    ...distinct(profile.outboundIpPrefixIds).map((id) => ({ id, type: TYPES.publicIpPrefix })),
  ]
}

function distinct(ids: string[]): string[] {
  return [...new Map(ids.map((id) => [idKey(id), id])).values()]
}
