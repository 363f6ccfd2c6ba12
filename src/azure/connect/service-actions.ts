import { ALLOW_LIST_TYPE_NAMES } from '../../contract/allow-lists.ts'
import { COMPUTE_TYPES, RESOURCE_TYPES } from '../../core/arm/resource-id.ts'
import { ALLOW_LIST_TYPES } from '../allow-lists/list-readers.ts'
import { NETWORK_KINDS } from '../arm.ts'
import { AUTHORIZATION_MAPPERS, POLICY_MAPPERS } from '../reads/read-authorization.ts'

/*
 * The actions of Azure role-based access control that the requests of this service need, from the tables that define
 * the requests. The custom roles in deploy/azure/roles are generated from these lists.
 */

const {
  cluster,
  identity,
  natGateway,
  networkSecurityGroup,
  publicIp,
  publicIpPrefix,
  route,
  routeTable,
  subnet,
} = RESOURCE_TYPES

/**
 * Covers `agentPools` and `outboundNetworkDependenciesEndpoints`. Microsoft's list of permissions lacks the action of the
 * latter, and Azure rejects a custom role with an unlisted action (InvalidActionOrNotAction), so the exact action cannot
 * be relied on (inferred).
 */
const CLUSTER_PARTS = `${cluster}/*/read`

/** Resources that steps create or change. */
const WRITTEN_TYPES = [natGateway, publicIp, publicIpPrefix, route, routeTable, subnet]
/** Resources that a cleanup or a rollback deletes: a subnet is only changed. */
const DELETED_TYPES = WRITTEN_TYPES.filter((type) => type !== subnet)
/** Resources that a written body refers to (Azure Resource Manager, linked authorization). */
const JOINED_TYPES = [natGateway, networkSecurityGroup, publicIp, publicIpPrefix, routeTable, subnet]

/** The actions for all reads of planning and of following a job. */
export function plannerActions(): string[] {
  const reads = [
    cluster,
    ...NETWORK_KINDS.map((kind) => `Microsoft.Network/${kind}`),
    subnet,
    route,
    'Microsoft.Network/firewallPolicies',
    'Microsoft.Network/firewallPolicies/ruleCollectionGroups',
    'Microsoft.Network/ipGroups',
    'Microsoft.Network/privateDnsZones/virtualNetworkLinks',
    'Microsoft.Network/locations/usages',
    ...[...Object.keys(AUTHORIZATION_MAPPERS), ...Object.keys(POLICY_MAPPERS)].map(
      (kind) => `Microsoft.Authorization/${kind}`,
    ),
    'Microsoft.Authorization/permissions',
    'Microsoft.Authorization/roleAssignments',
    'Microsoft.Insights/metrics',
    'Microsoft.ResourceGraph/resources',
    'Microsoft.Resources/subscriptions',
    'Microsoft.Resources/subscriptions/resourceGroups',
    ...ALLOW_LIST_TYPE_NAMES.flatMap((type) => [type, ...childTypes(type)]),
    // The states of writes are read at the scope of the subscription, where the executor has no role.
    ...['Microsoft.ContainerService', 'Microsoft.Network'].flatMap((provider) => [
      `${provider}/locations/operations`,
      `${provider}/locations/operationResults`,
    ]),
  ].map((type) => `${type}/read`)
  return sorted([...reads, CLUSTER_PARTS])
}

/** The actions for all writes of a job. A job also needs the actions of the planner. */
export function executorActions(): string[] {
  return sorted([
    `${cluster}/write`,
    `${cluster}/abort/action`,
    `${cluster}/agentPools/upgradeNodeImageVersion/action`,
    // AKS checks this at every write of a cluster with a user-assigned identity (Azure/AKS issue 4980).
    `${identity}/assign/action`,
    ...WRITTEN_TYPES.map((type) => `${type}/write`),
    ...DELETED_TYPES.map((type) => `${type}/delete`),
    ...JOINED_TYPES.map((type) => `${type}/join/action`),
  ])
}

/**
 * The actions for measuring from nodes, on the node resource group. The state of a run-command is read at the scope of
 * the subscription.
 */
export function proberActions(): string[] {
  const { scaleSetInstance, scaleSet, virtualMachine } = COMPUTE_TYPES
  return sorted([
    ...[scaleSet, scaleSetInstance, virtualMachine, 'Microsoft.Compute/locations/operations'].map(
      (type) => `${type}/read`,
    ),
    ...[scaleSetInstance, virtualMachine].map((type) => `${type}/runCommand/action`),
  ])
}

/** The child resources of a type that contain its allow lists. */
function childTypes(type: (typeof ALLOW_LIST_TYPE_NAMES)[number]): string[] {
  const reader = ALLOW_LIST_TYPES[type]
  return 'fromChild' in reader ? [`${type}/${reader.fromChild.path.split('/')[0]}`] : []
}

/** The distinct actions. Azure compares actions ignoring case. */
function sorted(actions: string[]): string[] {
  const distinct = new Map(actions.map((action) => [action.toLowerCase(), action]))
  return [...distinct.values()].sort((a, b) => (a.toLowerCase() < b.toLowerCase() ? -1 : 1))
}
