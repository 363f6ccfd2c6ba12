import type { Json } from '../../contract/json.ts'
import type { Unread } from '../../contract/preflight.ts'

/** One read of a preflight: its facts, or ARM's reason why there are none. Unread is never the same as absent. */
export type ReadResult<T> = { facts: T } | { unread: Unread }

/** The facts of a read; null if it failed, or if nothing was read. */
export function factsOf<T>(result: ReadResult<T> | undefined): T | null {
  return result !== undefined && 'facts' in result ? result.facts : null
}

/** The reads that failed. */
export function unreadOf(results: (ReadResult<unknown> | undefined)[]): Unread[] {
  return results.flatMap((result) => (result !== undefined && 'unread' in result ? [result.unread] : []))
}

/** The permissions, locks, policies and quota that were read around a cluster. */
export interface AuthorizationFacts {
  /** The locks of the cluster's subscription, at every scope in it. */
  locks: ReadResult<LockFacts[]>
  /** What the calling identity may do, by the scope in lower case; an empty list means nothing at all. */
  callerPermissions: Record<string, ReadResult<PermissionFacts[]>>
  /** The resource group that the request names for new resources; absent if it names none. */
  preparationGroup?: ReadResult<ResourceGroupFacts>
  /** Roles of the cluster's own identity, by the subscription in lower case. */
  roleAssignments: Record<string, ReadResult<RoleAssignmentFacts[]>>
  /** The definitions that these assignments name, by the subscription in lower case. */
  roleDefinitions: Record<string, ReadResult<RoleDefinitionFacts[]>>
  policies: PolicyFacts
  /** Quota of network resources in the cluster's region. */
  usages: ReadResult<UsageFacts[]>
}

export interface ResourceGroupFacts {
  /** The ID of the resource that manages the group; null for none. For a node resource group, it is a cluster. */
  managedBy: string | null
}

export interface LockFacts {
  id: string
  name: string
  /** The id of what is locked: a subscription, a resource group or a resource. */
  scope: string
  /** `ReadOnly`, `CanNotDelete`. */
  level: string
}

/** One role's worth of ARM's `permissions`: allowed is what some entry's actions name and its own notActions do not. */
export interface PermissionFacts {
  actions: string[]
  notActions: string[]
}

export interface RoleAssignmentFacts {
  id: string
  scope: string
  roleDefinitionId: string
  /** RFC 3339; null where ARM does not show it. */
  createdOn: string | null
  /** Attribute-based condition, which this service does not evaluate. */
  condition: string | null
}

export interface RoleDefinitionFacts {
  id: string
  roleName: string
  permissions: PermissionFacts[]
}

export interface PolicyFacts {
  /** All that touch the subscription, from the management groups above it to the resources in it. */
  assignments: ReadResult<PolicyAssignmentFacts[]>
  exemptions: ReadResult<PolicyExemptionFacts[]>
  /** Custom definitions that the subscription can see. */
  customDefinitions: ReadResult<PolicyDefinitionFacts[]>
  /** What assignments name beyond these, by id in lower case. */
  definitions: Record<string, ReadResult<PolicyDefinitionFacts>>
  initiatives: Record<string, ReadResult<PolicySetFacts>>
}

export interface PolicyAssignmentFacts {
  id: string
  displayName: string
  scope: string
  /** Of a definition or of an initiative. */
  definitionId: string
  /** False for `enforcementMode: DoNotEnforce`. */
  isEnforced: boolean
  notScopes: string[]
  parameters: Record<string, Json>
  /** Overrides or resource selectors, which this service does not evaluate. */
  isSelective: boolean
}

export interface PolicyExemptionFacts {
  assignmentId: string
  scope: string
  /** RFC 3339; null for ever. */
  expiresOn: string | null
  /** Members of an initiative; empty for the whole assignment. */
  referenceIds: string[]
}

export interface PolicyDefinitionFacts {
  id: string
  displayName: string
  /** `All`, `Indexed`, or a resource provider's mode. */
  mode: string
  /** The defaults of its parameters. */
  defaults: Record<string, Json>
  /** `policyRule.if`, in the language of Azure Policy. */
  condition: Json
  /** `policyRule.then.effect`: a word, or an expression that gives one. */
  effect: Json
}

export interface PolicySetFacts {
  id: string
  displayName: string
  defaults: Record<string, Json>
  members: { definitionId: string; referenceId: string; parameters: Record<string, Json> }[]
}

export interface UsageFacts {
  /** ARM's `name.value`, such as `PublicIPAddresses`. */
  name: string
  current: number
  limit: number
}
