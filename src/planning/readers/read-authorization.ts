import type { PolicyFactsByKind, PolicyKind } from '../../azure/arm.ts'
import {
  clusterId,
  distinctIds,
  idKey,
  lastSegment,
  nodeGroupId,
  subscriptionOf,
} from '../../core/arm/resource-id.ts'
import { appliesTo } from '../../core/preflight/policies.ts'
import { placementFor } from '../../core/preparation/preparation.ts'
import { touchedIds, writtenIds } from '../../core/request/plan-request.ts'
import type {
  AuthorizationFacts,
  PermissionFacts,
  PolicyFacts,
  ReadResult,
  ResourceGroupFacts,
  RoleAssignmentFacts,
  RoleDefinitionFacts,
} from '../../core/snapshot/authorization-facts.ts'
import { type ReadContext, tryRead } from './read-context.ts'

type Roles = Pick<AuthorizationFacts, 'roleAssignments' | 'roleDefinitions'>

/**
 * The roles of the cluster's own identity, in each subscription with customer-provided resources that the cluster uses.
 * Without such resources nothing is read: AKS itself assigns the identity its role on the node resource group. The
 * definitions are listed and not read one by one, which would take another round trip.
 */
async function readIdentityRoles(context: ReadContext): Promise<Roles> {
  const cluster = await context.cluster
  const principals = cluster.identityPrincipalIds
  const subscriptions = new Set(touchedIds(cluster, context.requestedIds).map(subscriptionOf))
  if (principals.length === 0) subscriptions.clear()
  const read = await Promise.all(
    [...subscriptions].map((id) => readSubscriptionRoles(context, principals, id)),
  )
  return {
    roleAssignments: Object.fromEntries(read.map(({ key, assignments }) => [key, assignments])),
    roleDefinitions: Object.fromEntries(read.map(({ key, definitions }) => [key, definitions])),
  }
}

async function readSubscriptionRoles(
  { arm, options }: ReadContext,
  principals: string[],
  subscriptionId: string,
) {
  const suffix = `of subscription ${subscriptionId}`
  const [assignments, definitions] = await Promise.all([
    tryRead(`Microsoft.Authorization/roleAssignments ${suffix}`, async () => {
      const lists = principals.map((id) => arm.listRoleAssignments(subscriptionId, id, options))
      return (await Promise.all(lists)).flat()
    }),
    tryRead(`Microsoft.Authorization/roleDefinitions ${suffix}`, () =>
      arm.listAuthorization('roleDefinitions', subscriptionId, options),
    ),
  ])
  return { key: idKey(subscriptionId), assignments, definitions: onlyAssigned(definitions, assignments) }
}

/** There are hundreds of built-in roles, and a snapshot stays in memory until its plan is built. */
function onlyAssigned(
  definitions: ReadResult<RoleDefinitionFacts[]>,
  assignments: ReadResult<RoleAssignmentFacts[]>,
): ReadResult<RoleDefinitionFacts[]> {
  if ('unread' in definitions) return definitions
  const roles =
    'facts' in assignments ? assignments.facts.map(({ roleDefinitionId }) => roleDefinitionId) : []
  const named = new Set(roles.map((id) => idKey(lastSegment(id))))
  return { facts: definitions.facts.filter(({ id }) => named.has(idKey(lastSegment(id)))) }
}

/**
 * The policies that apply to the node resource group, where AKS creates its addresses. Custom definitions are listed
 * in parallel with the assignments, so that the members of an initiative are known without another round. Initiatives and
 * built-in definitions that are assigned are then read one by one.
 */
async function readPolicies(context: ReadContext): Promise<PolicyFacts> {
  const [assigned, exemptions] = await Promise.all([
    readAssignedPolicies(context),
    listKind(context, 'policyExemptions'),
  ])
  return { ...assigned, exemptions }
}

async function readAssignedPolicies(context: ReadContext): Promise<Omit<PolicyFacts, 'exemptions'>> {
  const [assignments, customDefinitions, cluster] = await Promise.all([
    listKind(context, 'policyAssignments'),
    listKind(context, 'policyDefinitions'),
    context.cluster,
  ])
  const group = nodeGroupId(cluster)
  const custom = 'facts' in customDefinitions ? customDefinitions.facts.map(({ id }) => idKey(id)) : []
  const inForce = 'facts' in assignments ? assignments.facts.filter((policy) => appliesTo(policy, group)) : []
  const assigned = distinctIds(inForce.map(({ definitionId }) => definitionId))
  const ids = assigned.filter((id) => !custom.includes(idKey(id)))
  const [definitions, initiatives] = await Promise.all([
    readEachById(context, 'policyDefinitions', ids),
    readEachById(context, 'policySetDefinitions', ids),
  ])
  return { assignments, customDefinitions, definitions, initiatives }
}

function listKind<K extends 'policyAssignments' | 'policyExemptions' | 'policyDefinitions'>(
  { arm, options, ref: { subscriptionId } }: ReadContext,
  kind: K,
) {
  return tryRead(`Microsoft.Authorization/${kind} of subscription ${subscriptionId}`, () =>
    arm.listAuthorization(kind, subscriptionId, options),
  )
}

async function readEachById<K extends PolicyKind>(
  { arm, options }: ReadContext,
  kind: K,
  ids: string[],
): Promise<Record<string, ReadResult<PolicyFactsByKind[K]>>> {
  const ofKind = ids.filter((id) => idKey(id).includes(idKey(`/${kind}/`)))
  const read = await Promise.all(
    ofKind.map(async (id) => [idKey(id), await tryRead(id, () => arm.getPolicy(kind, id, options))] as const),
  )
  return Object.fromEntries(read)
}

/**
 * Permissions, locks, policies and quota in two rounds: first what depends on the ids of the subscription and of the
 * cluster alone, the rest as soon as the cluster is known. Each read may fail alone.
 */
export async function readAuthorization(context: ReadContext): Promise<AuthorizationFacts> {
  const { arm, options, ref, cluster } = context
  const { subscriptionId } = ref
  const [policies, locks, callerPermissions, preparationGroup, roles, usages] = await Promise.all([
    readPolicies(context),
    tryRead(`Microsoft.Authorization/locks of subscription ${subscriptionId}`, () =>
      arm.listAuthorization('locks', subscriptionId, options),
    ),
    readCallerPermissions(context),
    readPreparationGroup(context),
    readIdentityRoles(context),
    cluster.then(({ location }) =>
      tryRead(`Microsoft.Network/locations/${location}/usages`, () =>
        arm.listUsages(subscriptionId, location, options),
      ),
    ),
  ])
  return {
    locks,
    callerPermissions,
    ...(preparationGroup === null ? {} : { preparationGroup }),
    ...roles,
    policies,
    usages,
  }
}

/** A role may be assigned on the cluster alone, so its own permissions are read, not those of its resource group. */
async function readCallerPermissions(context: ReadContext): Promise<AuthorizationFacts['callerPermissions']> {
  const { arm, options, ref, requestedIds } = context
  const readPermissions = async (scope: string): Promise<[string, ReadResult<PermissionFacts[]>]> => [
    idKey(scope),
    await tryRead(`Microsoft.Authorization/permissions of ${scope}`, () =>
      arm.listPermissions(scope, options),
    ),
  ]
  const others = context.cluster.then((cluster) => {
    const { prepare } = context
    const group = prepare === undefined ? [] : [placementFor({ prepare }, cluster).group]
    const nodes = context.request?.verifyFromNodes === undefined ? [] : [nodeGroupId(cluster)]
    const scopes = [...touchedIds(cluster, requestedIds), ...cluster.identityIds, ...group, ...nodes]
    return Promise.all(scopes.map(readPermissions))
  })
  const written = resolveWrittenIds(context).then((ids) => Promise.all(ids.map(readPermissions)))
  const [own, beside, further] = await Promise.all([readPermissions(clusterId(ref)), others, written])
  return Object.fromEntries([own, ...beside, ...further])
}

/** The resource group that the request names: something else may manage it, and delete it. Null if it names none. */
async function readPreparationGroup({
  arm,
  options,
  prepare,
  cluster,
}: ReadContext): Promise<ReadResult<ResourceGroupFacts> | null> {
  if (prepare?.resourceGroup === undefined) return null
  const { group } = placementFor({ prepare }, await cluster)
  return tryRead(group, () => arm.getResourceGroup(group, options))
}

/** Waits for the network only for a preparation or a cleanup: it may take one round more than the cluster. */
async function resolveWrittenIds({ request, cluster, network }: ReadContext): Promise<string[]> {
  if (request?.prepare === undefined && request?.cleanUp === undefined) return []
  return [...new Set(writtenIds(request, await cluster, await network))]
}
