import { gatewayError } from '../arm/arm-error.ts'
import { type ArmHandler, assertResourceGroup, assertSubscription } from '../arm/arm-request.ts'
import { inOrder, type JsonObject, lowerCaseAt, textAt } from '../lib/json.ts'
import { TENANT } from '../world/identifiers.ts'
import type { World } from '../world/world.ts'

/** GET of a subscription. */
export const getSubscription: ArmHandler = (world, request) => {
  assertSubscription(world, request.path)
  return { status: 200, body: subscription(request.path.subscription ?? '') }
}

/** List of the subscriptions with resources. */
export const listSubscriptions: ArmHandler = (world) => {
  const ids = world
    .list('microsoft.resources/resourcegroups')
    .map((group) => (textAt(group, 'id') ?? '').split('/')[2] ?? '')
  return {
    status: 200,
    body: { value: [...new Set(ids)].map(subscription), count: { type: 'Total', value: ids.length } },
  }
}

function subscription(id: string): JsonObject {
  return {
    id: `/subscriptions/${id}`,
    subscriptionId: id,
    tenantId: TENANT,
    displayName: 'Simulated subscription',
    state: 'Enabled',
    subscriptionPolicies: { spendingLimit: 'Off' },
  }
}

/** List of the tenants: only the tenant of the demo fleet. */
export const listTenants: ArmHandler = () => {
  const tenant = {
    id: `/tenants/${TENANT}`,
    tenantId: TENANT,
    displayName: 'Simulated tenant',
    tenantCategory: 'Home',
  }
  return { status: 200, body: { value: [tenant] } }
}

/** Regions that clients may look up by their names. */
const REGIONS = {
  eastus: 'East US',
  westus2: 'West US 2',
  westeurope: 'West Europe',
  northeurope: 'North Europe',
}

/** List of the regions of a subscription. */
export const listLocations: ArmHandler = (world, { path }) => {
  assertSubscription(world, path)
  const value = Object.entries(REGIONS).map(([name, displayName]) => ({
    id: `/subscriptions/${path.subscription}/locations/${name}`,
    type: 'Region',
    name,
    displayName,
    regionalDisplayName: displayName,
    metadata: { regionType: 'Physical' },
  }))
  return { status: 200, body: { value } }
}

/** Providers that clients look up before they write, with the types that this simulator can write. */
const PROVIDERS: Record<string, string[]> = {
  'Microsoft.ContainerService': [
    'managedClusters',
    'managedClusters/agentPools',
    'locations',
    'locations/operations',
  ],
  'Microsoft.Network': [
    'virtualNetworks',
    'virtualNetworks/subnets',
    'natGateways',
    'publicIPAddresses',
    'publicIPPrefixes',
    'routeTables',
    'loadBalancers',
    'azureFirewalls',
    'networkSecurityGroups',
    'firewallPolicies',
  ],
  'Microsoft.Authorization': ['roleAssignments', 'roleDefinitions', 'locks', 'policyAssignments'],
  'Microsoft.ResourceGraph': ['resources'],
  'Microsoft.Resources': ['subscriptions', 'resourceGroups', 'tenants'],
}

/** GET, or registration, of a provider: every one is registered. */
export const getProvider: ArmHandler = (world, { path }) => {
  if (path.subscription !== undefined) assertSubscription(world, path)
  const namespace = Object.keys(PROVIDERS).find((name) => name.toLowerCase() === path.provider?.toLowerCase())
  if (namespace !== undefined) return { status: 200, body: provider(namespace, path.subscription) }
  throw gatewayError(404, 'InvalidResourceNamespace', `The resource namespace '${path.provider}' is invalid.`)
}

/** List of the providers. */
export const listProviders: ArmHandler = (world, { path }) => {
  if (path.subscription !== undefined) assertSubscription(world, path)
  return {
    status: 200,
    body: { value: Object.keys(PROVIDERS).map((name) => provider(name, path.subscription)) },
  }
}

function provider(namespace: string, subscriptionId: string | undefined): JsonObject {
  const place = subscriptionId === undefined ? '' : `/subscriptions/${subscriptionId}`
  return {
    id: `${place}/providers/${namespace}`,
    namespace,
    registrationState: 'Registered',
    registrationPolicy: 'RegistrationRequired',
    resourceTypes: (PROVIDERS[namespace] ?? []).map((resourceType) => ({
      resourceType,
      locations: Object.values(REGIONS),
      apiVersions: ['2026-06-01', '2025-07-01', '2024-05-01', '2024-01-01'],
      capabilities: 'SupportsTags, SupportsLocation',
    })),
  }
}

/** Only `$filter=resourceType eq 'a'` is supported. */
const BY_TYPE = /^\s*resourceType\s+eq\s+'([^']+)'\s*$/i
const LISTED = ['id', 'name', 'type', 'kind', 'sku', 'identity', 'location', 'tags', 'zones']

/**
 * GET …/resources of a subscription or a resource group: top-level members only, without properties.
 * @throws ArmError 400 for another filter, because no other filter is simulated
 */
export const listAllResources: ArmHandler = (world, { path, query }) => {
  assertSubscription(world, path)
  if (path.resourceGroup !== undefined) assertResourceGroup(world, path)
  const filter = query.get('$filter')
  const type = filter === null ? undefined : BY_TYPE.exec(filter)?.[1]?.toLowerCase()
  if (filter !== null && type === undefined)
    throw gatewayError(
      400,
      'InvalidFilterInQueryString',
      `Invalid $filter '${filter.slice(0, 200)}' specified in the query string.`,
    )
  const value = resourcesUnder(world, path)
    .filter((body) => type === undefined || lowerCaseAt(body, 'type') === type)
    .map((body) => inOrder(Object.fromEntries(LISTED.map((member) => [member, body[member]])), LISTED))
  return { status: 200, body: { value } }
}

function resourcesUnder(
  world: World,
  {
    subscription: id,
    resourceGroup,
  }: { subscription: string | undefined; resourceGroup: string | undefined },
): JsonObject[] {
  const group = resourceGroup === undefined ? '' : `${resourceGroup}/`
  const prefix = `/subscriptions/${id}/resourcegroups/${group}`.toLowerCase()
  return world
    .all()
    .filter((body) => body.location !== undefined && /\/providers\//i.test(String(body.id)))
    .filter((body) => lowerCaseAt(body, 'id').startsWith(prefix))
}
