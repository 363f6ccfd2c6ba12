import type { AllowListType } from '../contract/allow-lists.ts'
import type { ClusterRef } from '../contract/cluster.ts'
import type { JsonObject } from '../contract/json.ts'
import type { FieldChange } from '../contract/steps.ts'
import type { AllowListFacts, AllowListResource } from '../core/snapshot/allow-list-facts.ts'
import type {
  LockFacts,
  PermissionFacts,
  PolicyAssignmentFacts,
  PolicyDefinitionFacts,
  PolicyExemptionFacts,
  PolicySetFacts,
  RoleAssignmentFacts,
  RoleDefinitionFacts,
  UsageFacts,
} from '../core/snapshot/authorization-facts.ts'
import type { FirewallPolicyFacts, FirewallPolicyRef } from '../core/snapshot/firewall-facts.ts'
import type {
  FirewallFacts,
  LoadBalancerFacts,
  NatGatewayFacts,
  NetworkSecurityGroupFacts,
  PublicIpFacts,
  PublicIpPrefixFacts,
  RouteTableFacts,
  SubnetFacts,
} from '../core/snapshot/network-facts.ts'
import type { AgentPoolFacts, ClusterFacts, OutboundDependency } from '../core/snapshot/snapshot.ts'

/**
 * Azure Resource Manager in our words: the only door to Azure. Every method rejects with an `ArmFault`
 * (arm-fault.ts) and with nothing else. No method waits for a long-running operation, and none retries
 * a write: who calls decides when to try again.
 */
export interface Arm {
  /** GET of the cluster on the newest API version that shows all fields (2026-06-01). */
  getCluster(ref: ClusterRef, options?: CallOptions): Promise<ClusterReading>

  /** The agent pools, whose states can be fresher than those inside the cluster's body. */
  listAgentPools(ref: ClusterRef, options?: CallOptions): Promise<AgentPoolFacts[]>

  /** All network resources of one kind in a subscription; rejects with `denied` when it may not be read. */
  listNetwork<K extends NetworkKind>(
    kind: K,
    subscriptionId: string,
    options?: CallOptions,
  ): Promise<NetworkFactsByKind[K][]>

  /** One network resource by its id, wherever it lies. */
  getNetwork<K extends NetworkKind>(
    kind: K,
    id: string,
    options?: CallOptions,
  ): Promise<NetworkFactsByKind[K]>

  /** What AKS itself says that the cluster's nodes have to reach; not promised to know every add-on (rulebook 10). */
  listOutboundDependencies(ref: ClusterRef, options?: CallOptions): Promise<OutboundDependency[]>

  /** The firewall policies of a subscription, without their rules. */
  listFirewallPolicies(subscriptionId: string, options?: CallOptions): Promise<FirewallPolicyRef[]>

  /** A firewall policy with all its rule collection groups; a base policy is only named. */
  getFirewallPolicy(id: string, options?: CallOptions): Promise<FirewallPolicyFacts>

  /** All that the subscription has of one kind of `Microsoft.Authorization`, at every scope in it. */
  listAuthorization<K extends AuthorizationKind>(
    kind: K,
    subscriptionId: string,
    options?: CallOptions,
  ): Promise<AuthorizationFactsByKind[K][]>

  /** One policy or initiative by its id: built-in, of a management group or of a subscription. */
  getPolicy<K extends PolicyKind>(kind: K, id: string, options?: CallOptions): Promise<PolicyFactsByKind[K]>

  /**
   * What the calling identity may do on a resource or resource group. Empty when it has no role there; rejects
   * with `denied` when it may not even ask, which says nothing of its other rights.
   */
  listPermissions(scope: string, options?: CallOptions): Promise<PermissionFacts[]>

  /** The roles of one principal, through groups too, at every scope in a subscription and above it. */
  listRoleAssignments(
    subscriptionId: string,
    principalId: string,
    options?: CallOptions,
  ): Promise<RoleAssignmentFacts[]>

  /** Quota of network resources in a region. */
  listUsages(subscriptionId: string, location: string, options?: CallOptions): Promise<UsageFacts[]>

  /**
   * One query of Resource Graph, over every subscription that the caller may read, for all resources that can
   * hold an allow-list. What one may not read it leaves out without a word.
   */
  findAllowLists(options?: CallOptions): Promise<AllowListSearch>

  /** The lists that ARM keeps below a resource, which Resource Graph does not show; null where there are none. */
  readListsBelow(at: ChildListsRef, options?: CallOptions): Promise<AllowListResource | null>

  /**
   * Starts a PUT of the cluster: a fresh GET on the update's API version, the changes applied, read-only
   * fields dropped, nothing else touched; with `If-Match` when the GET showed an ETag. Resolves when ARM
   * has accepted the PUT, not when it is done.
   */
  startClusterUpdate(update: ClusterUpdate, options?: CallOptions): Promise<StartedOperation>

  /**
   * Asks AKS to abort the operation that it is carrying out on a cluster; resolves when it has agreed to. What was
   * done by then stays (AKS: manage-abort-operations).
   */
  abortClusterOperation(ref: ClusterRef, options?: WriteOptions): Promise<{ requestId: string | null }>

  /** One resource of any kind as it is; `not-found` rejects like every other fault. */
  getResource(id: string, apiVersion: string, options?: CallOptions): Promise<ResourceReading>

  /** Starts a PUT of a network resource; as `startClusterUpdate`, with `null` for one that does not exist. */
  startResourceWrite(update: ResourceUpdate, options?: CallOptions): Promise<StartedOperation>

  /** Starts a DELETE of a network resource. */
  startResourceDelete(deletion: ResourceDelete, options?: CallOptions): Promise<StartedOperation>

  /** Starts an action of a resource, a POST such as `upgradeNodeImageVersion` of an agent pool. */
  startResourceAction(action: ResourceAction, options?: CallOptions): Promise<StartedOperation>

  /** Asks once how an operation stands; never waits. */
  pollOperation(poller: string, options?: CallOptions): Promise<OperationState>
}

export interface CallOptions {
  signal?: AbortSignal
}

/** For a write that nothing is read for. */
export interface WriteOptions extends CallOptions {
  mayLeave?: MayLeave
}

/** What Resource Graph showed: the lists themselves, and the resources whose lists lie below them. */
export interface AllowListSearch extends AllowListFacts {
  /** The ids of all resources found. */
  ids: string[]
  below: ChildListsRef[]
  /** How many resources match the query beyond those fetched. */
  beyond: number
}

export interface ChildListsRef {
  id: string
  type: AllowListType
  /** The resource takes nothing from public addresses, so its lists are not in force. */
  isOff: boolean
}

export interface ClusterReading {
  /** The body exactly as ARM sent it. */
  body: JsonObject
  facts: ClusterFacts
  /** The API version that it was read with. */
  apiVersion: string
}

export interface ClusterUpdate {
  ref: ClusterRef
  apiVersion: string
  changes: FieldChange[]
  /** Addresses for `unionDiscoveredEgress`. */
  discoveredEgress: string[]
  /**
   * Gets the fresh reading that the PUT is built from, right before the PUT is sent; when it rejects,
   * nothing is sent. The caller checks freshness and records its intent here.
   */
  beforeSend(reading: ClusterReading): Promise<void>
  mayLeave?: MayLeave
}

/**
 * Asked when there is nothing left to wait for, a token and the budget included: when it says no, nothing is sent, and
 * the call rejects with the code `SENT_TOO_LATE`.
 */
export type MayLeave = () => boolean

export interface ResourceReading {
  /** The body exactly as ARM sent it. */
  body: JsonObject
  etag: string | null
}

export interface ResourceDelete {
  id: string
  apiVersion: string
  /** Gets the fresh reading, null when there is no such resource; when it rejects, nothing is sent. */
  beforeSend(reading: ResourceReading | null): Promise<void>
  mayLeave?: MayLeave
}

export interface ResourceAction extends ResourceDelete {
  /** The last segment of the action's path. */
  action: string
}

export interface ResourceUpdate extends ResourceDelete {
  /** The whole body of a new resource; null to change the one that was read. */
  body: JsonObject | null
  changes: FieldChange[]
}

export interface StartedOperation {
  /** Opaque text that `pollOperation` understands, also in another process. */
  poller: string
  /** `x-ms-request-id` or `x-ms-correlation-request-id`, where ARM sent one. */
  requestId: string | null
  /** ARM's `Retry-After` in milliseconds, where it sent one. */
  retryAfterMs: number | null
}

export type OperationState =
  | { status: 'running'; poller: string; retryAfterMs: number | null }
  /** `error` beside a success (recordings: `NotLatestOperation`) only warns; the read-back decides. */
  | { status: 'succeeded'; error: ArmError | null; requestId: string | null }
  | { status: 'failed'; error: ArmError; requestId: string | null }
  | { status: 'canceled'; error: ArmError | null; requestId: string | null }

export interface ArmError {
  code: string
  message: string
}

/** The kinds of network resources that a plan reads. Subnets come with their virtual networks. */
export interface NetworkFactsByKind {
  virtualNetworks: { id: string; subnets: SubnetFacts[] }
  natGateways: NatGatewayFacts
  publicIPAddresses: PublicIpFacts
  publicIPPrefixes: PublicIpPrefixFacts
  routeTables: RouteTableFacts
  loadBalancers: LoadBalancerFacts
  azureFirewalls: FirewallFacts
  networkSecurityGroups: NetworkSecurityGroupFacts
}
export type NetworkKind = keyof NetworkFactsByKind

/** What is listed for a whole subscription. Of policy definitions only custom ones: the built-in ones are thousands. */
export interface AuthorizationFactsByKind {
  locks: LockFacts
  roleDefinitions: RoleDefinitionFacts
  policyAssignments: PolicyAssignmentFacts
  policyExemptions: PolicyExemptionFacts
  policyDefinitions: PolicyDefinitionFacts
}
export type AuthorizationKind = keyof AuthorizationFactsByKind

export interface PolicyFactsByKind {
  policyDefinitions: PolicyDefinitionFacts
  policySetDefinitions: PolicySetFacts
}
export type PolicyKind = keyof PolicyFactsByKind

/** `SubnetFacts.pools` is empty when it comes from `Arm`: which pools use a subnet is for the core to join. */
export const NETWORK_KINDS: readonly NetworkKind[] = [
  'virtualNetworks',
  'natGateways',
  'publicIPAddresses',
  'publicIPPrefixes',
  'routeTables',
  'loadBalancers',
  'azureFirewalls',
  'networkSecurityGroups',
]
