import { touchedIds } from '../core/preflight/touched-ids.ts'
import { idKey, nameOf } from '../core/resource-id.ts'
import type { Reading, RightsFacts, RoleAssignmentFacts, RoleDefinitionFacts } from '../core/rights-facts.ts'
import type { Around } from './look-around.ts'
import { reading } from './reading.ts'

type Roles = Pick<RightsFacts, 'roleAssignments' | 'roleDefinitions'>

/**
 * The roles of the cluster's own identity, in each subscription that holds something of the user's which the
 * cluster uses. Where there is no such thing nothing is asked: on the node resource group AKS gives the identity
 * its role itself. The definitions are listed and not read one by one, which would be a round trip more.
 */
export async function readIdentityRoles(around: Around): Promise<Roles> {
  const cluster = await around.cluster
  const principals = cluster.identityPrincipalIds
  const subscriptions = new Set(touchedIds(cluster, around.requestedIds).map(subscriptionOf))
  if (principals.length === 0) subscriptions.clear()
  const read = await Promise.all([...subscriptions].map((id) => readSubscription(around, principals, id)))
  return {
    roleAssignments: Object.fromEntries(read.map(({ key, assignments }) => [key, assignments])),
    roleDefinitions: Object.fromEntries(read.map(({ key, definitions }) => [key, definitions])),
  }
}

async function readSubscription({ arm, options }: Around, principals: string[], subscriptionId: string) {
  const of = `of subscription ${subscriptionId}`
  const [assignments, definitions] = await Promise.all([
    reading(`Microsoft.Authorization/roleAssignments ${of}`, async () => {
      const lists = principals.map((each) => arm.listRoleAssignments(subscriptionId, each, options))
      return (await Promise.all(lists)).flat()
    }),
    reading(`Microsoft.Authorization/roleDefinitions ${of}`, () =>
      arm.listAuthorization('roleDefinitions', subscriptionId, options),
    ),
  ])
  return { key: idKey(subscriptionId), assignments, definitions: onlyNamed(definitions, assignments) }
}

/** There are hundreds of built-in roles, and a snapshot is kept as long as its plan is made. */
function onlyNamed(
  definitions: Reading<RoleDefinitionFacts[]>,
  assignments: Reading<RoleAssignmentFacts[]>,
): Reading<RoleDefinitionFacts[]> {
  if ('unread' in definitions) return definitions
  const roles = 'facts' in assignments ? assignments.facts.map((each) => each.roleDefinitionId) : []
  const named = new Set(roles.map((id) => idKey(nameOf(id))))
  return { facts: definitions.facts.filter(({ id }) => named.has(idKey(nameOf(id)))) }
}

function subscriptionOf(id: string): string {
  return id.split('/')[2] ?? ''
}
