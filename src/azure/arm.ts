import type { AllowListType } from '../contract/allow-lists.ts'
import type { ClusterRef } from '../contract/cluster.ts'
import type { JsonObject } from '../contract/json.ts'
import type { MaintenanceConfiguration } from '../contract/maintenance.ts'
import type { FieldChange } from '../contract/steps.ts'
import type { InstanceFacts } from '../core/snapshot/agent-pools.ts'
import type { AllowListFacts, AllowListResource } from '../core/snapshot/allow-list-facts.ts'
import type {
  LockFacts,
  PermissionFacts,
  PolicyAssignmentFacts,
  PolicyDefinitionFacts,
  PolicyExemptionFacts,
  PolicySetFacts,
  ResourceGroupFacts,
  RoleAssignmentFacts,
  RoleDefinitionFacts,
  UsageFacts,
} from '../core/snapshot/authorization-facts.ts'
import type { MetricSeries, MetricsQuery } from '../core/snapshot/demand-facts.ts'
import type { FirewallPolicyFacts, FirewallPolicyRef, IpGroupFacts } from '../core/snapshot/firewall-facts.ts'
import type {
  FirewallFacts,
  LoadBalancerFacts,
  NatGatewayFacts,
  NetworkSecurityGroupFacts,
  PublicIpFacts,
  PublicIpPrefixFacts,
  RouteTableFacts,
  VirtualNetworkFacts,
} from '../core/snapshot/network-facts.ts'
import type { AgentPoolFacts, ClusterFacts, OutboundDependency } from '../core/snapshot/snapshot.ts'

/**
 * The interface to Azure Resource Manager, and the only interface to Azure. Every method rejects only with an
 * `ArmFault` (arm-fault.ts). No method waits for a long-running operation or retries a write: the caller decides when
 * to retry.
 */
export interface Arm {
  /** GET of the cluster on the newest API version that shows all fields (2026-06-01). */
  getCluster(ref: ClusterRef, options?: CallOptions): Promise<ClusterReading>

  /** The agent pools as resources. Their states can be newer than the states in the body of the cluster. */
  listAgentPools(ref: ClusterRef, options?: CallOptions): Promise<AgentPoolFacts[]>

  /** All network resources of one kind in a subscription; rejects with `denied` if the identity may not read them. */
  listNetwork<K extends NetworkKind>(
    kind: K,
    subscriptionId: string,
    options?: CallOptions,
  ): Promise<NetworkFactsByKind[K][]>

  /** One network resource by its id, in any subscription. */
  getNetwork<K extends NetworkKind>(
    kind: K,
    id: string,
    options?: CallOptions,
  ): Promise<NetworkFactsByKind[K]>

  /** The endpoints that AKS reports as required by the nodes of the cluster. Endpoints of some add-ons may be missing. */
  listOutboundDependencies(ref: ClusterRef, options?: CallOptions): Promise<OutboundDependency[]>

  /** The maintenance configurations of a cluster: its planned maintenance windows. */
  listMaintenanceConfigurations(ref: ClusterRef, options?: CallOptions): Promise<MaintenanceConfiguration[]>

  /** The virtual machines of node pools in a node resource group: instances of scale sets, and individual machines. */
  listInstances(
    subscriptionId: string,
    resourceGroup: string,
    options?: CallOptions,
  ): Promise<InstanceFacts[]>

  /** The firewall policies of a subscription, without their rules. */
  listFirewallPolicies(subscriptionId: string, options?: CallOptions): Promise<FirewallPolicyRef[]>

  /** A firewall policy with all its rule collection groups, and the id of its base policy. */
  getFirewallPolicy(id: string, options?: CallOptions): Promise<FirewallPolicyFacts>

  /** The IP groups of a subscription. */
  listIpGroups(subscriptionId: string, options?: CallOptions): Promise<IpGroupFacts[]>

  /** One IP group by its id, in any subscription. */
  getIpGroup(id: string, options?: CallOptions): Promise<IpGroupFacts>

  /** All resources of one kind of `Microsoft.Authorization`, at every scope in the subscription. */
  listAuthorization<K extends AuthorizationKind>(
    kind: K,
    subscriptionId: string,
    options?: CallOptions,
  ): Promise<AuthorizationFactsByKind[K][]>

  /** One policy or initiative by its id: built-in, of a management group or of a subscription. */
  getPolicy<K extends PolicyKind>(kind: K, id: string, options?: CallOptions): Promise<PolicyFactsByKind[K]>

  /**
   * The permissions of the calling identity on a resource or resource group. Empty if the identity has no role there.
   * Rejects with `denied` if the identity may not read them, which proves nothing about its other permissions.
   */
  listPermissions(scope: string, options?: CallOptions): Promise<PermissionFacts[]>

  /** A resource group; `not-found` rejects like every other fault. */
  getResourceGroup(id: string, options?: CallOptions): Promise<ResourceGroupFacts>

  /** The roles of one principal, also through groups, at every scope in a subscription and above it. */
  listRoleAssignments(
    subscriptionId: string,
    principalId: string,
    options?: CallOptions,
  ): Promise<RoleAssignmentFacts[]>

  /** Quota of network resources in a region. */
  listUsages(subscriptionId: string, location: string, options?: CallOptions): Promise<UsageFacts[]>

  /** The ids of the virtual networks that a private DNS zone is linked to. */
  listPrivateZoneLinks(zoneId: string, options?: CallOptions): Promise<string[]>
  /** Metrics of one resource from Azure Monitor. Never retried, because a plan does not wait for them. */
  readMetrics(query: MetricsQuery, options?: CallOptions): Promise<MetricSeries[]>

  /**
   * One query of Resource Graph, over every subscription that the caller may read, for all resources that can hold an
   * allow list. It silently omits resources that the caller may not read.
   */
  findAllowLists(options?: CallOptions): Promise<AllowListSearch>

  /** The lists in child resources of a resource, which Resource Graph does not show; null if there are none. */
  readChildLists(at: ChildListsRef, options?: CallOptions): Promise<AllowListResource | null>

  /**
   * Starts a PUT of the cluster: a fresh GET on the update's API version, the changes applied, read-only fields
   * removed, everything else unchanged. It is sent with `If-Match` if the GET returned an ETag. Resolves when ARM has
   * accepted the PUT, before the operation completes.
   */
  startClusterUpdate(update: ClusterUpdate, options?: CallOptions): Promise<StartedOperation>

  /** Asks AKS to abort the operation in progress. Changes already made stay (Learn: manage-abort-operations). */
  abortClusterOperation(ref: ClusterRef, options?: WriteOptions): Promise<{ requestId: string | null }>

  /** One resource of any kind; a missing resource rejects with `not-found`. */
  getResource(id: string, apiVersion: string, options?: CallOptions): Promise<ResourceReading>

  /** Starts a PUT of a network resource; like `startClusterUpdate`, with `null` for a resource that does not exist. */
  startResourceWrite(update: ResourceUpdate, options?: CallOptions): Promise<StartedOperation>

  /** Starts a DELETE of a network resource. */
  startResourceDelete(deletion: ResourceDelete, options?: CallOptions): Promise<StartedOperation>

  /** Starts an action of a resource, a POST such as `upgradeNodeImageVersion` of an agent pool. */
  startResourceAction(action: ResourceAction, options?: CallOptions): Promise<StartedOperation>

  /** Reads the state of an operation once; never waits. */
  pollOperation(poller: string, options?: CallOptions): Promise<OperationState>
}

export interface CallOptions {
  signal?: AbortSignal
}

/** The options of a write that does not read its resource first. */
export interface WriteOptions extends CallOptions {
  maySend?: MaySend
}

/** The result from Resource Graph: the lists, and the resources whose lists are in child resources. */
export interface AllowListSearch extends AllowListFacts {
  /** The ids of all resources found. */
  ids: string[]
  childLists: ChildListsRef[]
  /** The number of matching resources that were not fetched. */
  omittedRows: number
}

export interface ChildListsRef {
  id: string
  type: AllowListType
  location: string | null
  /** The resource accepts no traffic from public addresses, so its lists have no effect. */
  isOff: boolean
}

export interface ClusterReading {
  /** The body exactly as ARM sent it. */
  body: JsonObject
  facts: ClusterFacts
  /** The API version of the read. */
  apiVersion: string
}

export interface ClusterUpdate {
  ref: ClusterRef
  apiVersion: string
  changes: FieldChange[]
  /** Addresses for `unionDiscoveredEgress`. */
  discoveredEgress: string[]
  /**
   * Receives the new reading from which the PUT is built, directly before the PUT is sent. If it rejects, nothing is
   * sent. The caller checks staleness and records its intent here.
   */
  beforeSend(reading: ClusterReading): Promise<void>
  maySend?: MaySend
}

/** Called right before the request is sent. False sends nothing, and the call rejects with the code `SENT_TOO_LATE`. */
export type MaySend = () => boolean

export interface ResourceReading {
  /** The body exactly as ARM sent it. */
  body: JsonObject
  etag: string | null
}

export interface ResourceDelete {
  id: string
  apiVersion: string
  /** Receives the new reading; null if the resource does not exist. If it rejects, nothing is sent. */
  beforeSend(reading: ResourceReading | null): Promise<void>
  maySend?: MaySend
}

export interface ResourceAction extends ResourceDelete {
  /** The last segment of the action's path. */
  action: string
  /** The body of the POST; none by default. */
  body?: JsonObject
}

export interface ResourceUpdate extends ResourceDelete {
  /** The whole body of a new resource; null to change the resource that was read. */
  body: JsonObject | null
  changes: FieldChange[]
}

export interface StartedOperation {
  /** Opaque text for `pollOperation`, also in another process. */
  poller: string
  /** `x-ms-request-id` or `x-ms-correlation-request-id`, where ARM sent one. */
  requestId: string | null
  /** ARM's `Retry-After` in milliseconds, where it sent one. */
  retryAfterMs: number | null
}

export type OperationState =
  | { status: 'running'; poller: string; retryAfterMs: number | null }
  /** An `error` together with a success (`NotLatestOperation` in the recordings) is only a warning. */
  | {
      status: 'succeeded'
      error: ArmError | null
      requestId: string | null
      /** The message of a run-command; absent for other operations. */
      output?: string
    }
  | { status: 'failed'; error: ArmError; requestId: string | null }
  | { status: 'canceled'; error: ArmError | null; requestId: string | null }

export interface ArmError {
  code: string
  message: string
}

/** The kinds of network resources that a plan reads. Subnets come with their virtual networks. */
export interface NetworkFactsByKind {
  virtualNetworks: VirtualNetworkFacts
  natGateways: NatGatewayFacts
  publicIPAddresses: PublicIpFacts
  publicIPPrefixes: PublicIpPrefixFacts
  routeTables: RouteTableFacts
  loadBalancers: LoadBalancerFacts
  azureFirewalls: FirewallFacts
  networkSecurityGroups: NetworkSecurityGroupFacts
}
export type NetworkKind = keyof NetworkFactsByKind

/** The kinds that are listed for a subscription; of policy definitions only custom ones, because thousands are built-in. */
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

/** `SubnetFacts.pools` is empty in results of `Arm`. The core assigns pools to subnets. */
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
