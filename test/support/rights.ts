import type { AllowListFacts } from '../../src/core/allow-lists/facts.ts'
import { nodeGroupId } from '../../src/core/resource-id.ts'
import type {
  LockFacts,
  PermissionFacts,
  PolicyAssignmentFacts,
  PolicyDefinitionFacts,
  PolicyFacts,
  Reading,
  RightsFacts,
  RoleAssignmentFacts,
} from '../../src/core/rights-facts.ts'
import type { Surroundings } from '../../src/core/surroundings.ts'
import { aCluster, SUBNET, SUBSCRIPTION } from './a-cluster.ts'

/** Builders of what lies around a cluster: everything is allowed, and what the test says is different. */

export const CLUSTER_ID = aCluster().id
export const NODE_GROUP_ID = nodeGroupId(aCluster())
export const SUBSCRIPTION_ID = `/subscriptions/${SUBSCRIPTION}`
export const NETWORK_CONTRIBUTOR = `${SUBSCRIPTION_ID}/providers/Microsoft.Authorization/roleDefinitions/network`
const POLICY = 'providers/Microsoft.Authorization/policyDefinitions'

export const EVERYTHING: PermissionFacts = { actions: ['*'], notActions: [] }

/** A read that was refused. */
export function denied(what: string): Reading<never> {
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
export function withRights(given: Partial<RightsFacts> = {}, scopes: string[] = []): Surroundings {
  const asked = [CLUSTER_ID, SUBNET, ...scopes].map((scope) => [scope.toLowerCase(), { facts: [EVERYTHING] }])
  const role = {
    id: NETWORK_CONTRIBUTOR,
    roleName: 'Network Contributor',
    permissions: [{ actions: ['Microsoft.Network/*'], notActions: [] }],
  }
  return {
    rights: {
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
  }
}
