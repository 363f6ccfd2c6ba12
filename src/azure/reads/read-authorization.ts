import { idKey } from '../../core/arm/resource-id.ts'
import type {
  PermissionFacts,
  ResourceGroupFacts,
  RoleAssignmentFacts,
} from '../../core/snapshot/authorization-facts.ts'
import type { AuthorizationFactsByKind, AuthorizationKind, PolicyFactsByKind, PolicyKind } from '../arm.ts'
import { API_VERSIONS } from '../client/api-versions.ts'
import { type ArmRequests, subscriptionPath } from '../client/arm-requests.ts'
import { BodyReader } from '../client/body-reader.ts'
import { invalidResourceId } from '../errors/arm-fault.ts'
import {
  toLockFacts,
  toPermissionFacts,
  toPolicyAssignmentFacts,
  toPolicyDefinitionFacts,
  toPolicyExemptionFacts,
  toPolicySetFacts,
  toResourceGroupFacts,
  toRoleAssignmentFacts,
  toRoleDefinitionFacts,
} from '../mapping/authorization.ts'

const PROVIDER = 'Microsoft.Authorization'
export const AUTHORIZATION_MAPPERS: {
  [K in AuthorizationKind]: (body: BodyReader) => AuthorizationFactsByKind[K]
} = {
  locks: toLockFacts,
  roleDefinitions: toRoleDefinitionFacts,
  policyAssignments: toPolicyAssignmentFacts,
  policyExemptions: toPolicyExemptionFacts,
  policyDefinitions: toPolicyDefinitionFacts,
}

export const POLICY_MAPPERS: { [K in PolicyKind]: (body: BodyReader) => PolicyFactsByKind[K] } = {
  policyDefinitions: toPolicyDefinitionFacts,
  policySetDefinitions: toPolicySetFacts,
}

/** Without a filter, the lists of policies range from management groups to the resources in the subscription. */
export async function listAuthorization<K extends AuthorizationKind>(
  requests: ArmRequests,
  kind: K,
  subscriptionId: string,
): Promise<AuthorizationFactsByKind[K][]> {
  const items = await requests.list(subscriptionPath(subscriptionId, PROVIDER, kind), {
    apiVersion: API_VERSIONS[kind],
    // The SDK's documentation spells it `policyType -eq`; the Az modules send this.
    ...(kind === 'policyDefinitions' ? { filter: "policyType eq 'Custom'" } : {}),
  })
  return items.map(AUTHORIZATION_MAPPERS[kind])
}

export async function getPolicy<K extends PolicyKind>(
  requests: ArmRequests,
  kind: K,
  id: string,
): Promise<PolicyFactsByKind[K]> {
  if (!idKey(id).includes(idKey(`/providers/${PROVIDER}/${kind}/`)))
    throw invalidResourceId(`This is not the id of one of ${PROVIDER}/${kind}: ${id}`)
  const { body } = await requests.get(id, { apiVersion: API_VERSIONS[kind] })
  return POLICY_MAPPERS[kind](new BodyReader(body))
}

export async function listPermissions(requests: ArmRequests, scope: string): Promise<PermissionFacts[]> {
  const query = { apiVersion: API_VERSIONS.permissions }
  return (await requests.list(`${scope}/providers/${PROVIDER}/permissions`, query)).map(toPermissionFacts)
}

export async function getResourceGroup(requests: ArmRequests, id: string): Promise<ResourceGroupFacts> {
  if (!/^\/subscriptions\/[^/]+\/resourceGroups\/[^/]+$/i.test(id))
    throw invalidResourceId(`This is not the id of a resource group: ${id}`)
  const { body } = await requests.get(id, { apiVersion: API_VERSIONS.resourceGroups })
  return toResourceGroupFacts(new BodyReader(body))
}

/** `assignedTo` also finds roles that the principal has through groups. */
export async function listRoleAssignments(
  requests: ArmRequests,
  subscriptionId: string,
  principalId: string,
): Promise<RoleAssignmentFacts[]> {
  const path = subscriptionPath(subscriptionId, PROVIDER, 'roleAssignments')
  const filter = `assignedTo('${principalId.replaceAll("'", "''")}')`
  const query = { apiVersion: API_VERSIONS.roleAssignments, filter }
  return (await requests.list(path, query)).map(toRoleAssignmentFacts)
}
