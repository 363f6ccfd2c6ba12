import { idKey } from '../../core/arm/resource-id.ts'
import type { PermissionFacts, RoleAssignmentFacts } from '../../core/snapshot/authorization-facts.ts'
import type { AuthorizationFactsByKind, AuthorizationKind, PolicyFactsByKind, PolicyKind } from '../arm.ts'
import { API_VERSIONS } from '../client/api-versions.ts'
import type { ArmCall } from '../client/arm-call.ts'
import type { ArmClients } from '../client/arm-clients.ts'
import { BodyReader } from '../client/body-reader.ts'
import { subscriptionPath } from '../client/resource-path.ts'
import { getResource, listResources } from '../client/resources.ts'
import { invalidResourceId } from '../errors/arm-fault.ts'
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

const PROVIDER = 'Microsoft.Authorization'
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
  const items = await listResources(clients, call, subscriptionPath(subscriptionId, PROVIDER, kind), {
    apiVersion: API_VERSIONS[kind],
    // The SDK's documentation spells it `policyType -eq`; the Az modules send this.
    ...(kind === 'policyDefinitions' ? { filter: "policyType eq 'Custom'" } : {}),
  })
  return items.map(AUTHORIZATION_MAPPERS[kind])
}

export async function getPolicy<K extends PolicyKind>(
  clients: ArmClients,
  call: ArmCall,
  kind: K,
  id: string,
): Promise<PolicyFactsByKind[K]> {
  if (!idKey(id).includes(idKey(`/providers/${PROVIDER}/${kind}/`)))
    throw invalidResourceId(`This is not the id of one of ${PROVIDER}/${kind}: ${id}`)
  const { body } = await getResource(clients, call, id, { apiVersion: API_VERSIONS[kind] })
  return POLICY_MAPPERS[kind](new BodyReader(body))
}

export async function listPermissions(
  clients: ArmClients,
  call: ArmCall,
  scope: string,
): Promise<PermissionFacts[]> {
  const query = { apiVersion: API_VERSIONS.permissions }
  return (await listResources(clients, call, `${scope}/providers/${PROVIDER}/permissions`, query)).map(
    toPermissionFacts,
  )
}

/** `assignedTo` also finds what the principal has through groups. */
export async function listRoleAssignments(
  clients: ArmClients,
  call: ArmCall,
  subscriptionId: string,
  principalId: string,
): Promise<RoleAssignmentFacts[]> {
  const path = subscriptionPath(subscriptionId, PROVIDER, 'roleAssignments')
  const filter = `assignedTo('${principalId.replaceAll("'", "''")}')`
  const query = { apiVersion: API_VERSIONS.roleAssignments, filter }
  return (await listResources(clients, call, path, query)).map(toRoleAssignmentFacts)
}
