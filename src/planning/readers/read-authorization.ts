import type { PolicyFactsByKind, PolicyKind } from '../../azure/arm.ts'
import { clusterId, idKey, lastSegment, nodeGroupId, subscriptionOf } from '../../core/arm/resource-id.ts'
import { appliesTo } from '../../core/preflight/policies.ts'
import { placementFor } from '../../core/preparation/preparation.ts'
import { touchedIds, writtenIds } from '../../core/request/request-references.ts'
import type {
  AuthorizationFacts,
  PermissionFacts,
  PolicyFacts,
  ReadResult,
  RoleAssignmentFacts,
  RoleDefinitionFacts,
} from '../../core/snapshot/authorization-facts.ts'
import { type ReadContext, tryRead } from './read-context.ts'

type Roles = Pick<AuthorizationFacts, 'roleAssignments' | 'roleDefinitions'>

/**
 * The roles of the cluster's own identity, in each subscription that holds something of the user's which the
 * cluster uses. Where there is no such thing nothing is asked: on the node resource group AKS gives the identity
 * its role itself. The definitions are listed and not read one by one, which would be a round trip more.
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
  const of = `of subscription ${subscriptionId}`
  const [assignments, definitions] = await Promise.all([
    tryRead(`Microsoft.Authorization/roleAssignments ${of}`, async () => {
      const lists = principals.map((each) => arm.listRoleAssignments(subscriptionId, each, options))
      return (await Promise.all(lists)).flat()
    }),
    tryRead(`Microsoft.Authorization/roleDefinitions ${of}`, () =>
      arm.listAuthorization('roleDefinitions', subscriptionId, options),
    ),
  ])
  return { key: idKey(subscriptionId), assignments, definitions: onlyAssigned(definitions, assignments) }
}

/** There are hundreds of built-in roles, and a snapshot is kept as long as its plan is made. */
function onlyAssigned(
  definitions: ReadResult<RoleDefinitionFacts[]>,
  assignments: ReadResult<RoleAssignmentFacts[]>,
): ReadResult<RoleDefinitionFacts[]> {
  if ('unread' in definitions) return definitions
  const roles = 'facts' in assignments ? assignments.facts.map((each) => each.roleDefinitionId) : []
  const named = new Set(roles.map((id) => idKey(lastSegment(id))))
  return { facts: definitions.facts.filter(({ id }) => named.has(idKey(lastSegment(id)))) }
}

/**
 * The policies that can touch the node resource group, where AKS makes its addresses. Custom definitions are
 * listed beside the assignments, so that the members of an initiative are at hand without a further round;
 * initiatives and built-in definitions that are assigned are then read one by one.
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
  const ofKind = ids.filter((id) => idKey(id).includes(`/${kind}/`.toLowerCase()))
  const read = await Promise.all(
    ofKind.map(async (id) => [idKey(id), await tryRead(id, () => arm.getPolicy(kind, id, options))] as const),
  )
  return Object.fromEntries(read)
}

function distinctIds(ids: string[]): string[] {
  return [...new Map(ids.map((id) => [idKey(id), id])).values()]
}

/**
 * Rights, locks, policies and quota in two rounds: what hangs on the subscription and on the cluster's own id
 * at once, the rest as soon as the cluster is known. Each read may fail alone.
 */
export async function readAuthorization(context: ReadContext): Promise<AuthorizationFacts> {
  const { arm, options, ref, cluster } = context
  const { subscriptionId } = ref
  const [policies, locks, callerPermissions, roles, usages] = await Promise.all([
    readPolicies(context),
    tryRead(`Microsoft.Authorization/locks of subscription ${subscriptionId}`, () =>
      arm.listAuthorization('locks', subscriptionId, options),
    ),
    readCallerPermissions(context),
    readIdentityRoles(context),
    cluster.then(({ location }) =>
      tryRead(`Microsoft.Network/locations/${location}/usages`, () =>
        arm.listUsages(subscriptionId, location, options),
      ),
    ),
  ])
  return { locks, callerPermissions, ...roles, policies, usages }
}

/** Roles may be given on the cluster alone, so it is asked itself and not its resource group. */
async function readCallerPermissions(context: ReadContext): Promise<AuthorizationFacts['callerPermissions']> {
  const { arm, options, ref, requestedIds } = context
  const ask = async (scope: string): Promise<[string, ReadResult<PermissionFacts[]>]> => [
    idKey(scope),
    await tryRead(`Microsoft.Authorization/permissions of ${scope}`, () =>
      arm.listPermissions(scope, options),
    ),
  ]
  const others = context.cluster.then((cluster) => {
    const { prepare } = context
    const group = prepare === undefined ? [] : [placementFor({ prepare }, cluster).group]
    return Promise.all([...touchedIds(cluster, requestedIds), ...group].map(ask))
  })
  const written = resolveWrittenIds(context).then((ids) => Promise.all(ids.map(ask)))
  const [own, beside, further] = await Promise.all([ask(clusterId(ref)), others, written])
  return Object.fromEntries([own, ...beside, ...further])
}

/** Only what is prepared or cleaned up is waited for: the network may take a round more than the cluster. */
async function resolveWrittenIds({ request, cluster, network }: ReadContext): Promise<string[]> {
  if (request?.prepare === undefined && request?.cleanUp === undefined) return []
  return [...new Set(writtenIds(request, await cluster, await network))]
}
