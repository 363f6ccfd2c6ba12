import { gatewayError } from '../arm/arm-error.ts'
import { type ArmPath, typeOf } from '../arm/arm-path.ts'
import type { ArmHandler } from '../arm/arm-request.ts'
import { getPolicy, listAuthorization, listPermissions } from '../authorization/locks-and-policies.ts'
import { listRoleAssignments, listRoleDefinitions } from '../authorization/roles.ts'
import { abortCluster, deleteCluster, startCluster, stopCluster } from '../cluster/cluster-operations.ts'
import {
  deleteMaintenanceConfiguration,
  getMaintenanceConfiguration,
  listMaintenanceConfigurations,
  putMaintenanceConfiguration,
} from '../cluster/maintenance-configurations.ts'
import { listOutboundDependencies } from '../cluster/outbound-dependencies.ts'
import { getPool, listPools, putPool, upgradeNodeImage } from '../cluster/pools.ts'
import { putCluster } from '../cluster/put-cluster.ts'
import { getCluster, listClusters } from '../cluster/read-clusters.ts'
import { getInstance, listInstances, listMachines, listScaleSets } from '../compute/instances.ts'
import { getComputeOperation, runCommand } from '../compute/run-command.ts'
import { listMetrics } from '../monitor/metrics.ts'
import { isNetworkType } from '../network/network-body.ts'
import {
  getResource,
  getRoute,
  getSubnet,
  listChildResources,
  listChildren,
  listResources,
} from '../network/read-resources.ts'
import {
  deleteRoute,
  deleteSubnet,
  listRuleCollectionGroups,
  putRoute,
  putRuleCollectionGroup,
  putSubnetResource,
} from '../network/write-children.ts'
import { deleteNetworkResource, putNetworkResource } from '../network/write-resources.ts'
import {
  getProvider,
  getSubscription,
  listAllResources,
  listLocations,
  listProviders,
  listSubscriptions,
  listTenants,
} from '../subscription/directory.ts'
import {
  getOperation,
  getOperationResult,
  getResourceGroup,
  listResourceGroups,
  listUsages,
} from '../subscription/operation-status.ts'
import { queryResourceGraph } from '../subscription/resource-graph.ts'

/** Types of other providers that are only read: GET of one, and lists in a subscription or resource group. */
const READ_TYPES = [
  'microsoft.storage/storageaccounts',
  'microsoft.keyvault/vaults',
  'microsoft.containerregistry/registries',
  'microsoft.cognitiveservices/accounts',
  'microsoft.documentdb/databaseaccounts',
  'microsoft.sql/servers',
  'microsoft.dbforpostgresql/flexibleservers',
  'microsoft.dbformysql/flexibleservers',
  'microsoft.eventhub/namespaces',
  'microsoft.servicebus/namespaces',
  'microsoft.web/sites',
  'microsoft.web/sites/slots',
  'microsoft.apimanagement/service',
  'microsoft.network/firewallpolicies',
  'microsoft.network/privatednszones',
  'microsoft.network/frontdoorwebapplicationfirewallpolicies',
  'microsoft.network/applicationgatewaywebapplicationfirewallpolicies',
]

/** Types of child resources that are stored separately: GET of one, and the list of one parent. */
const READ_CHILD_TYPES = [
  'microsoft.network/privatednszones/virtualnetworklinks',
  'microsoft.sql/servers/firewallrules',
  'microsoft.dbforpostgresql/flexibleservers/firewallrules',
  'microsoft.dbformysql/flexibleservers/firewallrules',
  'microsoft.eventhub/namespaces/networkrulesets',
  'microsoft.servicebus/namespaces/networkrulesets',
  'microsoft.web/sites/config',
  'microsoft.web/sites/slots/config',
  'microsoft.apimanagement/service/policies',
  'microsoft.network/firewallpolicies/rulecollectiongroups',
]

/** Handlers by method and type, a trailing `/*` standing for a named resource of that type. */
const HANDLERS: Record<string, ArmHandler> = {
  'GET microsoft.containerservice/managedclusters': listClusters,
  'GET microsoft.containerservice/managedclusters/*': getCluster,
  'PUT microsoft.containerservice/managedclusters/*': putCluster,
  'DELETE microsoft.containerservice/managedclusters/*': deleteCluster,
  'POST microsoft.containerservice/managedclusters/abort': abortCluster,
  'POST microsoft.containerservice/managedclusters/start': startCluster,
  'POST microsoft.containerservice/managedclusters/stop': stopCluster,
  'GET microsoft.containerservice/managedclusters/outboundnetworkdependenciesendpoints':
    listOutboundDependencies,
  'GET microsoft.containerservice/managedclusters/maintenanceconfigurations': listMaintenanceConfigurations,
  'GET microsoft.containerservice/managedclusters/maintenanceconfigurations/*': getMaintenanceConfiguration,
  'PUT microsoft.containerservice/managedclusters/maintenanceconfigurations/*': putMaintenanceConfiguration,
  'DELETE microsoft.containerservice/managedclusters/maintenanceconfigurations/*':
    deleteMaintenanceConfiguration,
  'GET microsoft.containerservice/managedclusters/agentpools': listPools,
  'GET microsoft.containerservice/managedclusters/agentpools/*': getPool,
  'PUT microsoft.containerservice/managedclusters/agentpools/*': putPool,
  'POST microsoft.containerservice/managedclusters/agentpools/upgradenodeimageversion': upgradeNodeImage,
  'GET microsoft.containerservice/locations/operations/*': getOperation,
  'GET microsoft.containerservice/locations/operationresults/*': getOperationResult,
  'GET microsoft.compute/virtualmachinescalesets': listScaleSets,
  'GET microsoft.compute/virtualmachinescalesets/virtualmachines': listInstances,
  'GET microsoft.compute/virtualmachinescalesets/virtualmachines/*': getInstance,
  'POST microsoft.compute/virtualmachinescalesets/virtualmachines/runcommand': runCommand,
  'GET microsoft.compute/virtualmachines': listMachines,
  'GET microsoft.compute/virtualmachines/*': getInstance,
  'POST microsoft.compute/virtualmachines/runcommand': runCommand,
  'GET microsoft.compute/locations/operations/*': getComputeOperation,
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
  'GET microsoft.insights/metrics': listMetrics,
  'POST microsoft.resourcegraph/resources': queryResourceGraph,
}

/** Registration of a provider, which `az` requests automatically. */
const REGISTER = /^(un)?register$/i

const NETWORK_HANDLERS: Record<string, ArmHandler> = {
  GET: getResource,
  PUT: putNetworkResource,
  DELETE: deleteNetworkResource,
}

/**
 * The handler for a request.
 * @throws ArmRefusal 501 NotImplemented for everything that this simulator does not implement, so that clients do not
 * rely on it
 */
export function resolveHandler(method: string, path: ArmPath): ArmHandler {
  const handler = path.provider === undefined ? groupHandler(method, path) : resourceHandler(method, path)
  if (handler !== undefined) return handler
  throw gatewayError(
    501,
    'NotImplemented',
    `The simulated Azure Resource Manager does not implement ${method} on ${typeOf(path)}.`,
  )
}

/** Resources without a provider, by the parts of their path. */
const GROUP_HANDLERS: Record<string, ArmHandler> = {
  'tenant/subscriptions': listSubscriptions,
  'tenant/tenants': listTenants,
  'tenant/providers': listProviders,
  'subscription/': getSubscription,
  'subscription/resourcegroups': listResourceGroups,
  'subscription/resources': listAllResources,
  'subscription/locations': listLocations,
  'subscription/providers': listProviders,
  'group/': getResourceGroup,
  'group/resources': listAllResources,
}

function groupHandler(method: string, path: ArmPath): ArmHandler | undefined {
  if (method !== 'GET' || path.types.length > 1 || path.names.length > 0) return undefined
  const level =
    path.resourceGroup !== undefined ? 'group' : path.subscription !== undefined ? 'subscription' : 'tenant'
  return GROUP_HANDLERS[`${level}/${path.types[0]?.toLowerCase() ?? ''}`]
}

function resourceHandler(method: string, path: ArmPath): ArmHandler | undefined {
  const isProvider = path.types.length === 0 && path.resourceGroup === undefined
  if (isProvider && method === 'GET') return getProvider
  if (method === 'POST' && REGISTER.test(path.types.join('/'))) return getProvider
  const type = typeOf(path)
  const isNamed = path.names.length === path.types.length
  const handler = HANDLERS[`${method} ${type}${isNamed ? '/*' : ''}`]
  if (handler !== undefined) return handler
  if (READ_CHILD_TYPES.includes(type))
    return method !== 'GET' ? undefined : isNamed ? getResource : listChildResources
  const isNetwork =
    type.startsWith('microsoft.network/') && isNetworkType(type.slice('microsoft.network/'.length))
  if (!isNetwork && !READ_TYPES.includes(type)) return undefined
  if (!isNamed) return method === 'GET' ? listResources : undefined
  if (path.resourceGroup === undefined) return undefined
  return isNetwork ? NETWORK_HANDLERS[method] : method === 'GET' ? getResource : undefined
}
