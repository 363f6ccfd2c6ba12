import type { PermissionFacts, RoleAssignmentFacts } from '../core/rights-facts.ts'
import type { AuthorizationFacts, AuthorizationKind, PolicyKind, PolicyKindFacts } from './arm.ts'
import type { ArmCall } from './arm-call.ts'
import type { ArmClients } from './arm-clients.ts'
import { ArmFault } from './arm-fault.ts'
import { BodyReader } from './body-reader.ts'
import { getByPath, listByPath, type PathQuery } from './get-by-path.ts'
import {
  translateLock,
  translatePermission,
  translateRoleAssignment,
  translateRoleDefinition,
} from './translate-authorization.ts'
import {
  translatePolicyAssignment,
  translatePolicyDefinition,
  translatePolicyExemption,
  translatePolicySet,
} from './translate-policy.ts'

const PROVIDER = 'providers/Microsoft.Authorization'
const RBAC_VERSION = '2022-04-01'
const POLICY_VERSION = '2023-04-01'

/** Newest stable versions of each type; exemptions have had previews only. */
const LISTS: { [K in AuthorizationKind]: PathQuery } = {
  locks: { apiVersion: '2020-05-01' },
  roleDefinitions: { apiVersion: RBAC_VERSION },
  policyAssignments: { apiVersion: POLICY_VERSION },
  policyExemptions: { apiVersion: '2022-07-01-preview' },
  // The SDK's documentation spells it `policyType -eq`; the Az modules send this.
  policyDefinitions: { apiVersion: POLICY_VERSION, filter: "policyType eq 'Custom'" },
}

const TRANSLATIONS: { [K in AuthorizationKind]: (body: BodyReader) => AuthorizationFacts[K] } = {
  locks: translateLock,
  roleDefinitions: translateRoleDefinition,
  policyAssignments: translatePolicyAssignment,
  policyExemptions: translatePolicyExemption,
  policyDefinitions: translatePolicyDefinition,
}

const POLICY_TRANSLATIONS: { [K in PolicyKind]: (body: BodyReader) => PolicyKindFacts[K] } = {
  policyDefinitions: translatePolicyDefinition,
  policySetDefinitions: translatePolicySet,
}

/** Unfiltered, the lists of policies reach from the management groups above to the resources inside. */
export async function listAuthorization<K extends AuthorizationKind>(
  clients: ArmClients,
  call: ArmCall,
  kind: K,
  subscriptionId: string,
): Promise<AuthorizationFacts[K][]> {
  const path = `/subscriptions/${subscriptionId}/${PROVIDER}/${kind}`
  return (await listByPath(clients, call, path, LISTS[kind])).map(TRANSLATIONS[kind])
}

export async function getPolicy<K extends PolicyKind>(
  clients: ArmClients,
  call: ArmCall,
  kind: K,
  id: string,
): Promise<PolicyKindFacts[K]> {
  if (!id.toLowerCase().includes(`/${PROVIDER}/${kind}/`.toLowerCase())) {
    throw new ArmFault({
      kind: 'refused',
      code: 'InvalidResourceId',
      message: `This is not the id of one of Microsoft.Authorization/${kind}: ${id}`,
    })
  }
  const answer = await getByPath(clients, call, id, { apiVersion: POLICY_VERSION })
  return POLICY_TRANSLATIONS[kind](new BodyReader(answer.body))
}

export async function listPermissions(
  clients: ArmClients,
  call: ArmCall,
  scope: string,
): Promise<PermissionFacts[]> {
  const path = `${scope}/${PROVIDER}/permissions`
  return (await listByPath(clients, call, path, { apiVersion: RBAC_VERSION })).map(translatePermission)
}

/** `assignedTo` also finds what the principal has through groups. */
export async function listRoleAssignments(
  clients: ArmClients,
  call: ArmCall,
  subscriptionId: string,
  principalId: string,
): Promise<RoleAssignmentFacts[]> {
  const path = `/subscriptions/${subscriptionId}/${PROVIDER}/roleAssignments`
  const filter = `assignedTo('${principalId.replaceAll("'", "''")}')`
  const items = await listByPath(clients, call, path, { apiVersion: RBAC_VERSION, filter })
  return items.map(translateRoleAssignment)
}
