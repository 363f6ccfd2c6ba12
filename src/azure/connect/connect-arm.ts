import type { TokenCredential } from '@azure/identity'
import { findAllowLists, readChildLists } from '../allow-lists/find-allow-lists.ts'
import type { Arm, CallOptions, WriteOptions } from '../arm.ts'
import { NO_RETRIES, QUICK_RETRIES, type RetryLimits } from '../client/arm-call.ts'
import { type ArmClients, createArmClients } from '../client/arm-clients.ts'
import { type ArmObserver, type BudgetObserver, NO_OBSERVER } from '../client/arm-observer.ts'
import { ArmRequests, requireResourceId } from '../client/arm-requests.ts'
import { type Budget, type BudgetScale, CallBudget, type CallPurpose } from '../client/call-budget.ts'
import { type BudgetLedger, SharedCallBudget } from '../client/shared-call-budget.ts'
import type { Estate } from '../estate/estate.ts'
import { createEstate } from '../estate/read-estate.ts'
import {
  getPolicy,
  getResourceGroup,
  listAuthorization,
  listPermissions,
  listRoleAssignments,
} from '../reads/read-authorization.ts'
import {
  readAgentPools,
  readCluster,
  readMaintenanceConfigurations,
  readOutboundDependencies,
} from '../reads/read-cluster.ts'
import { listInstances } from '../reads/read-compute.ts'
import { readMetrics } from '../reads/read-metrics.ts'
import {
  getNetwork,
  listFirewallPolicies,
  listIpGroups,
  listNetwork,
  listPrivateZoneLinks,
  listUsages,
  readFirewallPolicy,
  readIpGroup,
} from '../reads/read-network.ts'
import { pollOperation } from '../writes/poll-operation.ts'
import {
  abortClusterOperation,
  startClusterUpdate,
  startResourceAction,
  startResourceDelete,
  startResourceWrite,
} from '../writes/start-write.ts'

/**
 * `DefaultAzureCredential`, created for the first token: @azure/identity is large, and a service on a simulated Azure
 * never needs it.
 */
export function defaultCredential(): TokenCredential {
  let credential: Promise<TokenCredential> | undefined
  return {
    async getToken(scopes, options) {
      credential ??= import('@azure/identity').then(
        ({ DefaultAzureCredential }) => new DefaultAzureCredential(),
      )
      return (await credential).getToken(scopes, options)
    },
  }
}

export interface ConnectArmOptions {
  /** The URL of Resource Manager. Default: the public cloud, which is not allowed for a simulated Azure. */
  endpoint?: string
  /** Default: `DefaultAzureCredential`. Not used with a simulated Azure. */
  credential?: TokenCredential
  /** A simulated Azure is called without a token, over http or https. */
  simulated: boolean
  /** The PEM of the certificate authority of the endpoint, if it is not a public authority. */
  caCertificate?: string
  /** The retries of reads. Writes and polls are never retried. */
  retries?: Partial<RetryLimits>
  /** The time limit of each attempt. */
  timeouts?: { readMs?: number; writeMs?: number }
  /** The speed of a simulated Azure relative to real time. Its budgets refill faster by the same factor. */
  timeScale?: number
  /** The part of Azure's limits that may be used. Default: 1. */
  limitPart?: number
  /** The ledger in which all processes count their calls. Without it, this process counts only its own calls. */
  ledger?: BudgetLedger
  /** Called for every request. */
  observe?: ArmObserver
  budgetObserver?: BudgetObserver
}

const PUBLIC_CLOUD = 'https://management.azure.com'
const READ_TIMEOUT_MS = 30_000
/** A plan is complete without metrics, so it waits only a short time for them. */
const METRICS_TIMEOUT_MS = 8_000
/** ARM responds to a PUT of a cluster only after validation. */
const WRITE_TIMEOUT_MS = 60_000

export type Purpose = Exclude<CallPurpose, 'estate'>

/**
 * The `Arm` interface on the clients of the Azure SDK, for one purpose, or for each purpose with a shared budget.
 * Creating it sends no request. Throws a `TypeError` for an invalid endpoint.
 */
export function connectArm(options: ConnectArmOptions): Arm {
  return connectArms(options).jobs
}

export function connectArms(options: ConnectArmOptions): Record<Purpose, Arm> & { estate: Estate } {
  const clients = createClients(options)
  const armFor = (purpose: Purpose) => createArm(clients, options, purpose)
  const ofEstate = () =>
    new ArmRequests(clients, {
      signal: undefined,
      timeoutMs: options.timeouts?.readMs ?? READ_TIMEOUT_MS,
      retries: { ...QUICK_RETRIES, ...options.retries },
      purpose: 'estate',
    })
  return {
    jobs: armFor('jobs'),
    plans: armFor('plans'),
    reports: armFor('reports'),
    campaigns: armFor('campaigns'),
    estate: createEstate(ofEstate),
  }
}

function createClients(options: ConnectArmOptions): ArmClients {
  return createArmClients({
    endpoint: resolveEndpoint(options),
    credential: options.simulated ? NO_CREDENTIAL : (options.credential ?? defaultCredential()),
    simulated: options.simulated,
    caCertificate: options.caCertificate,
    budget: createBudget(options),
    observe: options.observe ?? NO_OBSERVER,
  })
}

function createBudget(options: ConnectArmOptions): Budget | null {
  const { simulated, timeScale, limitPart, ledger, budgetObserver } = options
  // A simulated Azure without a known speed has no budget.
  if (simulated && timeScale === undefined) return null
  const scale: BudgetScale = { timeScale: timeScale ?? 1, part: limitPart ?? 1 }
  const own = new CallBudget(scale)
  return ledger === undefined ? own : new SharedCallBudget(own, ledger, budgetObserver)
}

function createArm(clients: ArmClients, options: ConnectArmOptions, purpose: Purpose): Arm {
  const { readMs = READ_TIMEOUT_MS, writeMs = WRITE_TIMEOUT_MS } = options.timeouts ?? {}
  const requests = (timeoutMs: number, limits: RetryLimits, call?: WriteOptions) =>
    new ArmRequests(clients, {
      signal: call?.signal,
      timeoutMs,
      retries: limits,
      maySend: call?.maySend,
      purpose,
    })
  const read = (call?: CallOptions) => requests(readMs, { ...QUICK_RETRIES, ...options.retries }, call)
  const write = (call?: WriteOptions) => requests(writeMs, NO_RETRIES, call)
  const both = ({ maySend }: WriteOptions, call?: CallOptions) => ({
    read: read(call),
    write: write({ ...call, maySend }),
  })
  return {
    getCluster: (ref, call) => readCluster(read(call), ref),
    listAgentPools: (ref, call) => readAgentPools(read(call), ref),
    listNetwork: (kind, subscriptionId, call) => listNetwork(read(call), kind, subscriptionId),
    getNetwork: (kind, id, call) => getNetwork(read(call), kind, id),
    listOutboundDependencies: (ref, call) => readOutboundDependencies(read(call), ref),
    listMaintenanceConfigurations: (ref, call) => readMaintenanceConfigurations(read(call), ref),
    listInstances: (subscriptionId, resourceGroup, call) =>
      listInstances(read(call), subscriptionId, resourceGroup),
    listFirewallPolicies: (subscriptionId, call) => listFirewallPolicies(read(call), subscriptionId),
    getFirewallPolicy: (id, call) => readFirewallPolicy(read(call), id),
    listIpGroups: (subscriptionId, call) => listIpGroups(read(call), subscriptionId),
    getIpGroup: (id, call) => readIpGroup(read(call), id),
    listAuthorization: (kind, subscriptionId, call) => listAuthorization(read(call), kind, subscriptionId),
    getPolicy: (kind, id, call) => getPolicy(read(call), kind, id),
    getResourceGroup: (id, call) => getResourceGroup(read(call), id),
    listPermissions: (scope, call) => listPermissions(read(call), scope),
    listRoleAssignments: (subscriptionId, principalId, call) =>
      listRoleAssignments(read(call), subscriptionId, principalId),
    listUsages: (subscriptionId, location, call) => listUsages(read(call), subscriptionId, location),
    listPrivateZoneLinks: (zoneId, call) => listPrivateZoneLinks(read(call), zoneId),
    readMetrics: (query, call) =>
      readMetrics(requests(Math.min(readMs, METRICS_TIMEOUT_MS), NO_RETRIES, call), query),
    findAllowLists: (call) => findAllowLists(read(call)),
    readChildLists: (at, call) => readChildLists(read(call), at),
    startClusterUpdate: (update, call) => startClusterUpdate(both(update, call), update),
    abortClusterOperation: (ref, call) => abortClusterOperation(write(call), ref),
    async getResource(id, apiVersion, call) {
      requireResourceId(id)
      return read(call).get(id, { apiVersion })
    },
    startResourceWrite: (update, call) => startResourceWrite(both(update, call), update),
    startResourceDelete: (deletion, call) => startResourceDelete(both(deletion, call), deletion),
    startResourceAction: (action, call) => startResourceAction(both(action, call), action),
    pollOperation: (poller, call) => pollOperation(requests(readMs, NO_RETRIES, call), poller),
  }
}

/** The SDK requires a credential even where its authentication is removed. */
const NO_CREDENTIAL: TokenCredential = { getToken: async () => null }

function resolveEndpoint({ endpoint, simulated }: ConnectArmOptions): string {
  if (endpoint === undefined) {
    if (simulated) throw new TypeError('A simulated Azure needs an endpoint.')
    return PUBLIC_CLOUD
  }
  const { protocol } = new URL(endpoint)
  if (protocol === 'https:' || (protocol === 'http:' && simulated)) return endpoint
  throw new TypeError(`Tokens are sent only over https, but the endpoint is ${endpoint}.`)
}
