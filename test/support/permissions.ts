import { ALLOW_LIST_TYPE_NAMES } from '../../src/contract/allow-lists.ts'
import { nodeGroupId } from '../../src/core/arm/resource-id.ts'
import type {
  AllowListEntry,
  AllowListFacts,
  AllowListResource,
} from '../../src/core/snapshot/allow-list-facts.ts'
import type {
  AuthorizationFacts,
  LockFacts,
  PermissionFacts,
  PolicyAssignmentFacts,
  PolicyDefinitionFacts,
  PolicyFacts,
  ReadResult,
  RoleAssignmentFacts,
} from '../../src/core/snapshot/authorization-facts.ts'
import type { Surroundings } from '../../src/core/snapshot/snapshot.ts'
import { aCluster, GROUP, SUBNET, SUBSCRIPTION } from './a-cluster.ts'

/** Builders of what lies around a cluster: everything is allowed, and what the test says is different. */

export const CLUSTER_ID = aCluster().id
export const NODE_GROUP_ID = nodeGroupId(aCluster())
export const SUBSCRIPTION_ID = `/subscriptions/${SUBSCRIPTION}`
export const NETWORK_CONTRIBUTOR = `${SUBSCRIPTION_ID}/providers/Microsoft.Authorization/roleDefinitions/network`
const POLICY = 'providers/Microsoft.Authorization/policyDefinitions'

export const EVERYTHING: PermissionFacts = { actions: ['*'], notActions: [] }

/** A denied read. */
export function denied(what: string): ReadResult<never> {
  return { unread: { what, reason: 'denied', code: 'AuthorizationFailed', message: 'no' } }
}

export function aRoleAssignment(given: Partial<RoleAssignmentFacts> = {}): RoleAssignmentFacts {
  return {
    id: `${SUBSCRIPTION_ID}/providers/Microsoft.Authorization/roleAssignments/one`,
    scope: SUBSCRIPTION_ID,
    roleDefinitionId: NETWORK_CONTRIBUTOR,
    createdOn: '2026-01-01T00:00:00Z',
    condition: null,
    ...given,
  }
}

export function aLock(scope: string, level: string, name = 'keep'): LockFacts {
  return { id: `${scope}/providers/Microsoft.Authorization/locks/${name}`, name, scope, level }
}

export function aPolicy(given: Partial<PolicyDefinitionFacts> = {}): PolicyDefinitionFacts {
  return {
    id: `${SUBSCRIPTION_ID}/${POLICY}/no-public-ips`,
    displayName: 'No public IPs',
    mode: 'All',
    defaults: {},
    condition: { field: 'type', equals: 'Microsoft.Network/publicIPAddresses' },
    effect: 'deny',
    ...given,
  }
}

export function anAssignment(given: Partial<PolicyAssignmentFacts> = {}): PolicyAssignmentFacts {
  return {
    id: `${SUBSCRIPTION_ID}/providers/Microsoft.Authorization/policyAssignments/deny-ips`,
    displayName: 'Deny public IPs',
    scope: SUBSCRIPTION_ID,
    definitionId: aPolicy().id,
    isEnforced: true,
    notScopes: [],
    parameters: {},
    isSelective: false,
    ...given,
  }
}

export function aPolicyRoom(given: Partial<PolicyFacts> = {}): PolicyFacts {
  return {
    assignments: { facts: [] },
    exemptions: { facts: [] },
    customDefinitions: { facts: [] },
    definitions: {},
    initiatives: {},
    ...given,
  }
}

/** Every list was looked for, and none was found. */
export const NO_LISTS: AllowListFacts = { resources: [], searched: [], unread: [] }

/** Surroundings in which the caller may do everything, and the cluster's identity is Network Contributor. */
export function withRights(given: Partial<AuthorizationFacts> = {}, scopes: string[] = []): Surroundings {
  const asked = [CLUSTER_ID, SUBNET, ...scopes].map((scope) => [scope.toLowerCase(), { facts: [EVERYTHING] }])
  const role = {
    id: NETWORK_CONTRIBUTOR,
    roleName: 'Network Contributor',
    permissions: [{ actions: ['Microsoft.Network/*'], notActions: [] }],
  }
  return {
    authorization: {
      locks: { facts: [] },
      callerPermissions: Object.fromEntries(asked),
      roleAssignments: { [SUBSCRIPTION]: { facts: [aRoleAssignment()] } },
      roleDefinitions: { [SUBSCRIPTION]: { facts: [role] } },
      policies: aPolicyRoom(),
      usages: { facts: [{ name: 'PublicIPAddresses', current: 10, limit: 1000 }] },
      ...given,
    },
    allowLists: NO_LISTS,
    outboundDependencies: null,
    firewallPolicies: {},
    ipGroups: {},
  }
}

export const STORAGE = `${GROUP}/providers/Microsoft.Storage/storageAccounts/orders`

/** An entry of a storage account's rules, and what the test says is different. */
export function anEntry(text: string, given: Partial<AllowListEntry> = {}): AllowListEntry {
  return {
    place: '/properties/networkAcls/ipRules/0',
    rule: null,
    text,
    block: { cidr: text },
    effect: 'allow',
    inForce: true,
    ...given,
  }
}

/** A storage account in another region than the cluster with these entries, one after the other, and what the test says is different. */
export function aList(
  texts: (string | AllowListEntry)[],
  given: Partial<AllowListResource> = {},
): AllowListResource {
  const entries = texts.map((each, index) =>
    typeof each === 'string' ? anEntry(each, { place: `/properties/networkAcls/ipRules/${index}` }) : each,
  )
  return { id: STORAGE, type: 'Microsoft.Storage/storageAccounts', location: 'westus', entries, ...given }
}

/** Surroundings in which everything was read, with these lists. */
export function listsAround(
  resources: AllowListResource[] = [],
  given: Partial<AllowListFacts> = {},
): Surroundings {
  const searched = ALLOW_LIST_TYPE_NAMES.map((type) => ({
    type,
    resources: resources.filter((each) => each.type === type).length,
  }))
  return { ...withRights(), allowLists: { resources, searched, unread: [], ...given } }
}
