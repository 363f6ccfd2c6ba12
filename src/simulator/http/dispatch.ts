import { getPolicy } from '../authorization/get-policy.ts'
import { listAuthorization } from '../authorization/list-authorization.ts'
import { listPermissions } from '../authorization/list-permissions.ts'
import { listRoleAssignments, listRoleDefinitions } from '../authorization/roles.ts'
import { abortCluster } from '../cluster/abort-cluster.ts'
import { deleteCluster } from '../cluster/delete-cluster.ts'
import { listDependencies } from '../cluster/dependencies-endpoints.ts'
import { putCluster } from '../cluster/put-cluster.ts'
import { getCluster, getPool, listClusters, listPools } from '../cluster/read-clusters.ts'
import { upgradeNodeImage } from '../cluster/upgrade-node-image.ts'
import { listUsages } from '../network/list-usages.ts'
import { isNetworkType } from '../network/network-body.ts'
import {
  getResource,
  getRoute,
  getSubnet,
  listBelow,
  listChildren,
  listResources,
} from '../network/read-network.ts'
import { listRuleCollectionGroups, putRuleCollectionGroup } from '../network/rule-collection-groups.ts'
import { deleteNetworkResource, putNetworkResource } from '../network/write-network.ts'
import { deleteRoute, putRoute } from '../network/write-route.ts'
import { deleteSubnet, putSubnetResource } from '../network/write-subnet.ts'
import { getOperation, getOperationResult } from '../other/get-operation.ts'
import { READ_CHILD_TYPES, READ_TYPES } from '../other/read-only-types.ts'
import { queryResourceGraph } from '../other/resource-graph.ts'
import { getResourceGroup, getSubscription, listResourceGroups } from '../other/resource-groups.ts'
import { gatewayError } from './arm-error.ts'
import { type ArmPath, typeOf } from './arm-path.ts'
import type { ArmHandler } from './arm-request.ts'

/** Handlers by method and type, a trailing `/*` standing for a named resource of that type. */
const HANDLERS: Record<string, ArmHandler> = {
  'GET microsoft.containerservice/managedclusters': listClusters,
  'GET microsoft.containerservice/managedclusters/*': getCluster,
  'PUT microsoft.containerservice/managedclusters/*': putCluster,
  'DELETE microsoft.containerservice/managedclusters/*': deleteCluster,
  'POST microsoft.containerservice/managedclusters/abort': abortCluster,
  'GET microsoft.containerservice/managedclusters/outboundnetworkdependenciesendpoints': listDependencies,
  'GET microsoft.containerservice/managedclusters/agentpools': listPools,
  'GET microsoft.containerservice/managedclusters/agentpools/*': getPool,
  'POST microsoft.containerservice/managedclusters/agentpools/upgradenodeimageversion': upgradeNodeImage,
  'GET microsoft.containerservice/locations/operations/*': getOperation,
  'GET microsoft.containerservice/locations/operationresults/*': getOperationResult,
  'GET microsoft.network/locations/operations/*': getOperation,
  'GET microsoft.network/locations/operationresults/*': getOperationResult,
  'GET microsoft.network/locations/usages': listUsages,
  'GET microsoft.network/virtualnetworks/subnets': listChildren,
  'GET microsoft.network/virtualnetworks/subnets/*': getSubnet,
  'PUT microsoft.network/virtualnetworks/subnets/*': putSubnetResource,
  'DELETE microsoft.network/virtualnetworks/subnets/*': deleteSubnet,
  'GET microsoft.network/routetables/routes': listChildren,
  'GET microsoft.network/routetables/routes/*': getRoute,
  'PUT microsoft.network/routetables/routes/*': putRoute,
  'DELETE microsoft.network/routetables/routes/*': deleteRoute,
  'GET microsoft.network/firewallpolicies/rulecollectiongroups': listRuleCollectionGroups,
  'GET microsoft.network/firewallpolicies/rulecollectiongroups/*': getResource,
  'PUT microsoft.network/firewallpolicies/rulecollectiongroups/*': putRuleCollectionGroup,
  'GET microsoft.authorization/locks': listAuthorization,
  'GET microsoft.authorization/permissions': listPermissions,
  'GET microsoft.authorization/policyassignments': listAuthorization,
  'GET microsoft.authorization/policydefinitions': listAuthorization,
  'GET microsoft.authorization/policydefinitions/*': getPolicy,
  'GET microsoft.authorization/policyexemptions': listAuthorization,
  'GET microsoft.authorization/policysetdefinitions/*': getPolicy,
  'GET microsoft.authorization/roleassignments': listRoleAssignments,
  'GET microsoft.authorization/roledefinitions': listRoleDefinitions,
  'POST microsoft.resourcegraph/resources': queryResourceGraph,
}

const NETWORK_HANDLERS: Record<string, ArmHandler> = {
  GET: getResource,
  PUT: putNetworkResource,
  DELETE: deleteNetworkResource,
}

/**
 * The handler for a request.
 * @throws ArmRefusal 501 NotImplemented for everything that this simulator does not do: silence would be taken for truth
 */
export function handlerFor(method: string, path: ArmPath): ArmHandler {
  const handler = path.provider === undefined ? groupHandler(method, path) : resourceHandler(method, path)
  if (handler !== undefined) return handler
  throw gatewayError(
    501,
    'NotImplemented',
    `The simulated Azure Resource Manager does not implement ${method} on ${typeOf(path)}.`,
  )
}

function groupHandler(method: string, path: ArmPath): ArmHandler | undefined {
  if (method !== 'GET' || path.subscription === undefined) return undefined
  if (path.resourceGroup !== undefined) return path.types.length === 0 ? getResourceGroup : undefined
  if (path.types.length === 0) return getSubscription
  return path.types.length === 1 && path.types[0]?.toLowerCase() === 'resourcegroups'
    ? listResourceGroups
    : undefined
}

function resourceHandler(method: string, path: ArmPath): ArmHandler | undefined {
  const type = typeOf(path)
  const isNamed = path.names.length === path.types.length
  const handler = HANDLERS[`${method} ${type}${isNamed ? '/*' : ''}`]
  if (handler !== undefined) return handler
  if (READ_CHILD_TYPES.includes(type)) return method !== 'GET' ? undefined : isNamed ? getResource : listBelow
  const isNetwork =
    type.startsWith('microsoft.network/') && isNetworkType(type.slice('microsoft.network/'.length))
  if (!isNetwork && !READ_TYPES.includes(type)) return undefined
  if (!isNamed) return method === 'GET' ? listResources : undefined
  if (path.resourceGroup === undefined) return undefined
  return isNetwork ? NETWORK_HANDLERS[method] : method === 'GET' ? getResource : undefined
}
