import type { PermissionFacts, RoleAssignmentFacts } from '../../core/snapshot/authorization-facts.ts'
import type { AuthorizationFactsByKind, AuthorizationKind, PolicyFactsByKind, PolicyKind } from '../arm.ts'
import type { ArmCall } from '../client/arm-call.ts'
import type { ArmClients } from '../client/arm-clients.ts'
import { BodyReader } from '../client/body-reader.ts'
import { getByPath, listByPath, type PathQuery } from '../client/get-by-path.ts'
import { ArmFault } from '../errors/arm-fault.ts'
import {
  toLockFacts,
  toPermissionFacts,
  toPolicyAssignmentFacts,
  toPolicyDefinitionFacts,
  toPolicyExemptionFacts,
  toPolicySetFacts,
  toRoleAssignmentFacts,
  toRoleDefinitionFacts,
} from '../mapping/authorization.ts'

const PROVIDER = 'providers/Microsoft.Authorization'
const RBAC_VERSION = '2022-04-01'
const POLICY_VERSION = '2023-04-01'

/** Newest stable versions of each type; exemptions have had previews only. */
const LIST_QUERIES: { [K in AuthorizationKind]: PathQuery } = {
  locks: { apiVersion: '2020-05-01' },
  roleDefinitions: { apiVersion: RBAC_VERSION },
  policyAssignments: { apiVersion: POLICY_VERSION },
  policyExemptions: { apiVersion: '2022-07-01-preview' },
  // The SDK's documentation spells it `policyType -eq`; the Az modules send this.
  policyDefinitions: { apiVersion: POLICY_VERSION, filter: "policyType eq 'Custom'" },
}

const AUTHORIZATION_MAPPERS: { [K in AuthorizationKind]: (body: BodyReader) => AuthorizationFactsByKind[K] } =
  {
    locks: toLockFacts,
    roleDefinitions: toRoleDefinitionFacts,
    policyAssignments: toPolicyAssignmentFacts,
    policyExemptions: toPolicyExemptionFacts,
    policyDefinitions: toPolicyDefinitionFacts,
  }

const POLICY_MAPPERS: { [K in PolicyKind]: (body: BodyReader) => PolicyFactsByKind[K] } = {
  policyDefinitions: toPolicyDefinitionFacts,
  policySetDefinitions: toPolicySetFacts,
}

/** Unfiltered, the lists of policies reach from the management groups above to the resources inside. */
export async function listAuthorization<K extends AuthorizationKind>(
  clients: ArmClients,
  call: ArmCall,
  kind: K,
  subscriptionId: string,
): Promise<AuthorizationFactsByKind[K][]> {
  const path = `/subscriptions/${subscriptionId}/${PROVIDER}/${kind}`
  return (await listByPath(clients, call, path, LIST_QUERIES[kind])).map(AUTHORIZATION_MAPPERS[kind])
}

export async function getPolicy<K extends PolicyKind>(
  clients: ArmClients,
  call: ArmCall,
  kind: K,
  id: string,
): Promise<PolicyFactsByKind[K]> {
  if (!id.toLowerCase().includes(`/${PROVIDER}/${kind}/`.toLowerCase())) {
    throw new ArmFault({
      kind: 'refused',
      code: 'InvalidResourceId',
      message: `This is not the id of one of Microsoft.Authorization/${kind}: ${id}`,
    })
  }
  const answer = await getByPath(clients, call, id, { apiVersion: POLICY_VERSION })
  return POLICY_MAPPERS[kind](new BodyReader(answer.body))
}

export async function listPermissions(
  clients: ArmClients,
  call: ArmCall,
  scope: string,
): Promise<PermissionFacts[]> {
  const path = `${scope}/${PROVIDER}/permissions`
  return (await listByPath(clients, call, path, { apiVersion: RBAC_VERSION })).map(toPermissionFacts)
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
  return items.map(toRoleAssignmentFacts)
}
