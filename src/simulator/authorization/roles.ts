import { gatewayError } from '../arm/arm-error.ts'
import { appliesTo, scopeOf } from '../arm/arm-path.ts'
import { type ArmHandler, assertSubscription } from '../arm/arm-request.ts'
import { at, type JsonObject, objectAt, objectsAt, textAt } from '../lib/json.ts'
import type { World } from '../world/world.ts'

const NETWORK_CONTRIBUTOR = '4d97b98b-1d4f-4787-a291-c67834d212e7'

/** Built-in roles for tests, with the names and actions that Azure publishes for them. */
const BUILT_IN_ROLES: Record<string, { roleName: string; actions: string[]; notActions: string[] }> = {
  [NETWORK_CONTRIBUTOR]: {
    roleName: 'Network Contributor',
    actions: [
      'Microsoft.Authorization/*/read',
      'Microsoft.Insights/alertRules/*',
      'Microsoft.Network/*',
      'Microsoft.ResourceHealth/availabilityStatuses/read',
      'Microsoft.Resources/deployments/*',
      'Microsoft.Resources/subscriptions/resourceGroups/read',
      'Microsoft.Support/*',
    ],
    notActions: [],
  },
  'acdd72a7-3385-48ef-bd42-f606fba81ae7': { roleName: 'Reader', actions: ['*/read'], notActions: [] },
  'b24988ac-6180-42a0-ab88-20f7382dd24c': {
    roleName: 'Contributor',
    actions: ['*'],
    notActions: ['Microsoft.Authorization/*/Delete', 'Microsoft.Authorization/*/Write'],
  },
}

/** Built-in roles, and roles that a test has created. */
export const listRoleDefinitions: ArmHandler = (world, { path }) => {
  assertSubscription(world, path)
  const builtIn = Object.entries(BUILT_IN_ROLES).map(
    ([name, { roleName, actions, notActions }]): JsonObject => ({
      id: `/subscriptions/${path.subscription}/providers/Microsoft.Authorization/roleDefinitions/${name}`,
      type: 'Microsoft.Authorization/roleDefinitions',
      name,
      properties: {
        roleName,
        type: 'BuiltInRole',
        assignableScopes: ['/'],
        permissions: [{ actions, notActions, dataActions: [], notDataActions: [] }],
      },
    }),
  )
  return {
    status: 200,
    body: { value: [...builtIn, ...world.list('microsoft.authorization/roledefinitions')] },
  }
}

/**
 * The role assignments of one principal that a test has created. Without any, the principal has the roles of a typical
 * cluster. These are Network Contributor on the resource groups of the cluster and of its subnets.
 * @throws ArmRefusal 400 for any other filter, because no other filter is simulated
 */
export const listRoleAssignments: ArmHandler = (world, { path, query }) => {
  assertSubscription(world, path)
  const principal = /^assignedTo\('([^']+)'\)$/i.exec(query.get('$filter') ?? '')?.[1]?.toLowerCase()
  if (principal === undefined)
    throw gatewayError(400, 'BadRequestFormat', "The filter is not supported; assignedTo('{objectId}') is.")
  const subscription = `/subscriptions/${path.subscription}`
  const given = world
    .list('microsoft.authorization/roleassignments')
    .filter((body) => textAt(body, 'properties', 'principalId')?.toLowerCase() === principal)
    .map(withScope)
  const value = given.length > 0 ? given : defaultAssignments(world, principal)
  const isSeen = (body: JsonObject) => {
    const scope = textAt(body, 'properties', 'scope') ?? ''
    return appliesTo(subscription, scope) || appliesTo(scope, subscription)
  }
  return { status: 200, body: { value: value.filter(isSeen) } }
}

function withScope(body: JsonObject): JsonObject {
  const scope = textAt(body, 'properties', 'scope') ?? scopeOf(textAt(body, 'id') ?? '')
  return { ...body, properties: { ...objectAt(body, 'properties'), scope } }
}

function defaultAssignments(world: World, principal: string): JsonObject[] {
  const clusters = world
    .list('microsoft.containerservice/managedclusters')
    .filter((cluster) => principalsOf(cluster).includes(principal))
  const groups = new Map(
    clusters
      .flatMap((cluster) => [textAt(cluster, 'id') ?? '', ...subnetsOf(cluster)])
      .map((id) => groupOf(id))
      .map((group) => [group.toLowerCase(), group]),
  )
  return [...groups.values()].map((scope, index) => assignment(scope, principal, index))
}

function assignment(scope: string, principalId: string, index: number): JsonObject {
  const name = `${principalId.slice(0, -2)}${String(index).padStart(2, '0')}`
  const provider = 'providers/Microsoft.Authorization'
  const when = '2026-01-05T08:00:00.0000000Z'
  return {
    id: `${scope}/${provider}/roleAssignments/${name}`,
    type: 'Microsoft.Authorization/roleAssignments',
    name,
    properties: {
      roleDefinitionId: `/subscriptions/${scope.split('/')[2]}/${provider}/roleDefinitions/${NETWORK_CONTRIBUTOR}`,
      principalId,
      principalType: 'ServicePrincipal',
      scope,
      condition: null,
      conditionVersion: null,
      createdOn: when,
      updatedOn: when,
    },
  }
}

function principalsOf(cluster: JsonObject): string[] {
  const assigned = Object.values(objectAt(cluster, 'identity', 'userAssignedIdentities') ?? {})
  const ids = [at(cluster, 'identity', 'principalId'), ...assigned.map((each) => at(each, 'principalId'))]
  return ids.flatMap((id) => (typeof id === 'string' ? [id.toLowerCase()] : []))
}

function subnetsOf(cluster: JsonObject): string[] {
  return objectsAt(cluster, 'properties', 'agentPoolProfiles').flatMap(
    (pool) => textAt(pool, 'vnetSubnetID') ?? [],
  )
}

/** With a capital G, which the IDs of clusters do not have. */
function groupOf(id: string): string {
  const [, , subscription, , group] = id.split('/')
  return `/subscriptions/${subscription}/resourceGroups/${group}`
}
