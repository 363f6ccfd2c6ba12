import type { PrincipalKind } from '../../contract/preflight.ts'
import type { Target } from '../../contract/target.ts'
import {
  addressType,
  COMPUTE_TYPES,
  distinctIds,
  idKey,
  isInResourceGroup,
  nodeGroupId,
  parseResourceId,
  RESOURCE_TYPES,
  routeTableOf,
} from '../arm/resource-id.ts'
import { equalsArm } from '../arm/words.ts'
import type { PlanningContext } from '../context/planning-context.ts'
import { nodeImageSteps } from '../plan/steps/cluster-steps.ts'
import { nodeProbeStep } from '../plan/steps/node-probe-steps.ts'
import { placementFor, type ResourceWrite } from '../preparation/preparation.ts'
import { isKubenet } from '../snapshot/network-profile.ts'
import { subnetIdsOf } from '../snapshot/vnet-kind.ts'

/**
 * What fails without a permission. `change`: the change itself. `subnetWrites`: later writes of AKS to a subnet.
 * `endpointList`: the read of the endpoints that AKS reports. `maintenance`: the read of the planned maintenance windows.
 * `measurement`: the read of the demand from Azure Monitor. `nodeProbe`: the measurement from nodes. `documented`:
 * nothing that is known.
 */
export type Need =
  | 'change'
  | 'documented'
  | 'subnetWrites'
  | 'endpointList'
  | 'maintenance'
  | 'measurement'
  | 'nodeProbe'

export interface RequiredAction {
  who: PrincipalKind
  scope: string
  action: string
  need: Need
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
    ...callerActions(context).map((action) => ({
      who: 'caller' as const,
      need: 'change' as const,
      ...action,
    })),
    ...identityActions(context).map((action) => ({ who: 'clusterIdentity' as const, ...action })),
  ]
  return [...new Map(all.map((row) => [`${row.who} ${idKey(row.scope)} ${row.action}`, row])).values()]
}

function callerActions(context: PlanningContext): (Action & { need?: Need })[] {
  const { snapshot, target, preparation, request } = context
  const { cluster } = snapshot
  const { group } = placementFor(request, cluster)
  const planned = [...preparation.publicIpIds, ...preparation.publicIpPrefixIds]
  const onCluster = (action: string) => ({ scope: cluster.id, action: `${RESOURCE_TYPES.cluster}/${action}` })
  return [
    onCluster('read'),
    onCluster('agentPools/read'),
    onCluster('write'),
    ...(snapshot.maintenance === undefined
      ? []
      : [{ ...onCluster('maintenanceConfigurations/read'), need: 'maintenance' as const }]),
    ...(context.requiredEndpoints === null
      ? []
      : [{ ...onCluster('outboundNetworkDependenciesEndpoints/read'), need: 'endpointList' as const }]),
    // The last steps of a job: without the permission, they would fail after the cutover.
    ...(nodeImageSteps(context).length > 0 ? [onCluster('agentPools/upgradeNodeImageVersion/action')] : []),
    // ARM checks every resource that the body refers to, even for unchanged references.
    ...subnetIdsOf(cluster).map((id) => join(id, RESOURCE_TYPES.subnet)),
    // AKS checks this for every PUT, also if the identity of the cluster stays the same (Azure/AKS issue 4980).
    ...cluster.identityIds.map((scope) => ({ scope, action: `${RESOURCE_TYPES.identity}/assign/action` })),
    // Permissions on a new resource are checked on its resource group.
    ...customerAddressIds(target).map((id) => join(planned.includes(id) ? group : id, addressType(id))),
    ...preparationActions(context),
    ...cleanupActions(context),
    ...nodeProbeActions(context),
  ]
}

/** The scale sets are in the node resource group. A pool of virtual machines needs the action of its own type. */
function nodeProbeActions(context: PlanningContext): (Action & { need: Need })[] {
  if (nodeProbeStep(context, 'before').length === 0) return []
  const { cluster } = context.snapshot
  const { scaleSet, scaleSetInstance, virtualMachine } = COMPUTE_TYPES
  const hasMachines = cluster.agentPools.some(({ type }) => equalsArm(type, 'VirtualMachines'))
  const types = hasMachines ? [scaleSetInstance, virtualMachine] : [scaleSetInstance]
  const actions = [
    `${scaleSet}/read`,
    ...types.flatMap((type) => [`${type}/read`, `${type}/runCommand/action`]),
  ]
  return actions.map((action) => ({ scope: nodeGroupId(cluster), action, need: 'nodeProbe' }))
}

function join(scope: string, type: string): Action {
  return { scope, action: `${type}/join/action` }
}

/** The permissions of this service for the preparation, with `join` on what a body refers to. */
function preparationActions(context: PlanningContext): Action[] {
  const { group } = placementFor(context.request, context.snapshot.cluster)
  return context.preparation.writes.flatMap((write) => {
    const type = parseResourceId(write.id)?.type ?? ''
    return [
      { scope: scopeOf(write, type, group), action: `${type}/write` },
      ...(type === RESOURCE_TYPES.natGateway ? addressJoins(write.id, context) : []),
      ...(type === RESOURCE_TYPES.subnet ? subnetJoins(write.id, context) : []),
    ]
  })
}

/** `join` on the addresses of a new NAT gateway. */
function addressJoins(gatewayId: string, context: PlanningContext): Action[] {
  const gateway = context.prepared.natGateways[idKey(gatewayId)]
  const ids = [...(gateway?.publicIpIds ?? []), ...(gateway?.publicIpPrefixIds ?? [])]
  return ids.map((id) => joinExisting(id, addressType(id), context))
}

/**
 * To write a subnet, a caller needs `join` on every resource that the body refers to, even for unchanged references
 * (Azure Resource Manager, linked authorization).
 */
function subnetJoins(subnetId: string, context: PlanningContext): Action[] {
  const subnet = context.prepared.subnets.find(({ id }) => equalsArm(id, subnetId))
  if (subnet === undefined) return []
  const { natGateway, routeTable, networkSecurityGroup } = RESOURCE_TYPES
  const references = [
    [subnet.natGatewayId, natGateway],
    [subnet.routeTableId, routeTable],
    [subnet.networkSecurityGroupId, networkSecurityGroup],
  ] as const
  return references.flatMap(([id, type]) => (id === null ? [] : [joinExisting(id, type, context)]))
}

/** `join` on a resource, or on the resource group where the plan creates it. */
function joinExisting(id: string, type: string, { preparation, request, snapshot }: PlanningContext): Action {
  const isNew = preparation.writes.some((write) => write.body !== null && equalsArm(write.id, id))
  return join(isNew ? placementFor(request, snapshot.cluster).group : id, type)
}

/** A route is a part of its table, which exists even if the route does not. */
function scopeOf({ id, body }: ResourceWrite, type: string, group: string): string {
  if (type === RESOURCE_TYPES.route) return routeTableOf(id)
  return body === null ? id : group
}

/** The permissions of this service for the cleanup: it updates subnets, and deletes routes and resources of the job. */
function cleanupActions(context: PlanningContext): Action[] {
  const { cleanUp } = context
  return [
    ...cleanUp.detachments.flatMap(({ id, does }) =>
      does.kind === 'alter'
        ? [{ scope: id, action: `${RESOURCE_TYPES.subnet}/write` }, ...subnetJoins(id, context)]
        : [{ scope: routeTableOf(id), action: `${RESOURCE_TYPES.route}/delete` }],
    ),
    ...cleanUp.delete.flatMap((id) => {
      const type = parseResourceId(id)?.type
      return type === undefined ? [] : [{ scope: id, action: `${type}/delete` }]
    }),
  ]
}

function identityActions(context: PlanningContext): Omit<RequiredAction, 'who'>[] {
  const { snapshot, prepared, target } = context
  const { cluster, subnets } = snapshot
  const readAndJoin = (id: string, type: string) => [{ scope: id, action: `${type}/read` }, join(id, type)]
  const tableIds = distinctIds(subnets.flatMap(({ routeTableId }) => routeTableId ?? []))
  // kubenet writes its pod routes into the table; other plugins are only documented to need the permission.
  const tableActions = ['routes/read', 'routes/write', ...(isKubenet(cluster) ? ['read', 'write'] : [])]
  const tableNeed: Need = isKubenet(cluster) ? 'change' : 'documented'
  const essential = (action: Action) => ({ ...action, need: 'change' as const })
  const required: Omit<RequiredAction, 'who'>[] = [
    ...subnetIdsOf(cluster).flatMap((id) => readAndJoin(id, RESOURCE_TYPES.subnet).map(essential)),
    ...tableIds.flatMap((scope) =>
      tableActions.map((action) => ({
        scope,
        action: `${RESOURCE_TYPES.routeTable}/${action}`,
        need: tableNeed,
      })),
    ),
    // AKS writes the subnets when it syncs Services (azure-docs issue 117046).
    ...prepared.subnets.flatMap(({ id }) =>
      subnetJoins(id, context).map((action) => ({ ...action, need: 'subnetWrites' as const })),
    ),
    ...customerAddressIds(target).flatMap((id) => readAndJoin(id, addressType(id)).map(essential)),
  ]
  return required.filter(
    ({ scope }) => !isInResourceGroup(scope, cluster.subscriptionId, cluster.nodeResourceGroup),
  )
}

function customerAddressIds(target: Target): string[] {
  const profile =
    target.outboundType === 'loadBalancer'
      ? target.loadBalancer
      : target.outboundType === 'managedNATGateway'
        ? target.natGateway
        : null
  return profile === null ? [] : distinctIds([...profile.outboundIpIds, ...profile.outboundIpPrefixIds])
}
