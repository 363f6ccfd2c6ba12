import { type Arm, type CallOptions, NETWORK_KINDS, type NetworkKind } from '../../azure/arm.ts'
import type { ArmFault, ArmFaultKind } from '../../azure/errors/arm-fault.ts'
import type { ClusterRef } from '../../contract/cluster.ts'
import type { Unread } from '../../contract/preflight.ts'
import type { RequestedPreparation } from '../../contract/preparation.ts'
import { idKey, subscriptionOf } from '../../core/arm/resource-id.ts'
import { isAppliance } from '../../core/egress/routes.ts'
import { assembleSnapshot, emptyCollection, type NetworkCollection } from '../../core/snapshot/assemble.ts'
import type { ReadResult } from '../../core/snapshot/authorization-facts.ts'
import {
  hubSubscriptions,
  missingReads,
  otherSubscriptions,
  type RequiredRead,
  requiredReads,
} from '../../core/snapshot/required-reads.ts'
import type { AgentPoolFacts, ClusterFacts, Snapshot, Surroundings } from '../../core/snapshot/snapshot.ts'
import { subnetIdsOf } from '../../core/snapshot/vnet-kind.ts'
import { readAllowLists } from '../readers/read-allow-lists.ts'
import { readAuthorization } from '../readers/read-authorization.ts'
import { type ReadContext, tryRead } from '../readers/read-context.ts'
import { readDemand } from '../readers/read-demand.ts'
import {
  readFirewallRules,
  readOutboundDependencies,
  readPrivateZoneLinks,
} from '../readers/read-firewall-path.ts'
import { SnapshotLimit } from './snapshot-limit.ts'

export type TakeSnapshot = (
  ref: ClusterRef,
  requestedIds?: string[],
  options?: SnapshotOptions,
) => Promise<Snapshot>

export interface SnapshotOptions extends CallOptions {
  /**
   * Rejects if a part of the snapshot cannot be read for a transient reason. Treated as missing, that part would make
   * a plan look stale, or hide an address that is in use.
   */
  requireComplete?: boolean
  /** Also reads the surroundings of the cluster: plans need them, freshness checks do not. */
  surroundings?: boolean
  /** Asked when the snapshot begins, which may be later: whether its caller still waits. Default: it does. */
  isWanted?: () => boolean
  /** Also reads the planned maintenance windows of the cluster. */
  maintenance?: boolean
  /** The resources that the request prepares. */
  prepare?: RequestedPreparation
  /** The change that the surroundings are read for; by default any. */
  request?: ReadContext['request']
}

/**
 * Further rounds of single reads for what the lists did not show: a virtual network, then what is attached to its
 * subnets, then the addresses of that. Needed only where a subscription's lists may not be read.
 */
const MAX_SINGLE_ROUNDS = 3

/** A firewall of a hub, and what its public addresses depend on. */
const HUB_KINDS: readonly NetworkKind[] = [
  'azureFirewalls',
  'publicIPAddresses',
  'natGateways',
  'virtualNetworks',
]

/**
 * Returns the function that reads a snapshot: one round of parallel reads (the cluster and the network lists of its
 * subscription). A second round follows only where part of the network is in another subscription. One more lists the
 * subscription of a hub, if the firewall behind a route is not found. Unread parts are named in `unread`. Rejects with an
 * `ArmFault` in three cases: the cluster cannot be read; Azure throttled a read, because a plan without it would soon
 * be stale; everything is required.
 */
export function createTakeSnapshot(arm: Arm, now: () => Date): TakeSnapshot {
  const limit = new SnapshotLimit()
  return (ref, requestedIds = [], options = {}) =>
    limit.run(ref.subscriptionId, options.isWanted, () => takeOnce(arm, now, ref, requestedIds, options))
}

async function takeOnce(
  arm: Arm,
  now: () => Date,
  ref: ClusterRef,
  requestedIds: string[],
  options: SnapshotOptions,
): Promise<Snapshot> {
  const reads = new SnapshotReads(arm, options)
  // Beside everything else: nothing of a plan depends on it.
  const maintenance = options.maintenance === true ? readMaintenance(arm, ref, options) : null
  maintenance?.catch(() => undefined)
  const cluster = readCluster(arm, ref, reads, options)
  // The surroundings are asked for first, because further reads depend on some of them.
  const hop = options.prepare?.defaultRoute?.nextHopIpAddress ?? null
  const ownLists = Promise.resolve().then(() => reads.list(ref.subscriptionId))
  const network = readNetwork(reads, cluster, ownLists, requestedIds, hop)
  const surroundingsRead =
    options.surroundings === true
      ? readSurroundings(
          {
            arm,
            options,
            ref,
            requestedIds,
            cluster,
            network,
            ownNetwork: ownLists.then(() => reads.collection),
            request: options.request ?? null,
            ...(options.prepare === undefined ? {} : { prepare: options.prepare }),
          },
          now(),
        )
      : null
  // Awaited at the end: until then their rejection, which is that of the cluster, must not count as unhandled.
  surroundingsRead?.catch(() => undefined)
  network.catch(() => undefined)
  const facts = await cluster
  await network
  const surroundings = await surroundingsRead
  const unread = reads.unread(facts, requiredReads(facts, reads.collection, requestedIds, hop))
  if (options.requireComplete === true) reads.assertNoTransientFault(unread)
  else reads.assertNotThrottled(unread)
  const snapshot = assembleSnapshot(now().toISOString(), facts, reads.collection, unread, surroundings)
  return maintenance === null ? snapshot : { ...snapshot, maintenance: await maintenance }
}

function readMaintenance(arm: Arm, ref: ClusterRef, options: CallOptions) {
  return tryRead('Microsoft.ContainerService/managedClusters/maintenanceConfigurations', () =>
    arm.listMaintenanceConfigurations(ref, options),
  )
}

/** The lists, and then one by one what they did not show. */
async function readNetwork(
  reads: SnapshotReads,
  clusterRead: Promise<ClusterFacts>,
  ownLists: Promise<void>,
  requestedIds: string[],
  requestedHop: string | null,
): Promise<NetworkCollection> {
  const readOthers = async (cluster: ClusterFacts) => {
    await Promise.all(otherSubscriptions(cluster, requestedIds).map((id) => reads.list(id)))
    return cluster
  }
  const [cluster] = await Promise.all([clusterRead.then(readOthers), ownLists])
  const hubs = hubSubscriptions(cluster, reads.collection, requestedHop)
  await Promise.all(hubs.map((id) => reads.list(id, HUB_KINDS)))
  for (let round = 0; round < MAX_SINGLE_ROUNDS; round++) {
    const references = requiredReads(cluster, reads.collection, requestedIds, requestedHop)
    const missing = reads.stillReadable(missingReads(references, reads.collection))
    if (missing.length === 0) break
    await Promise.all(missing.map((reference) => reads.single(reference)))
  }
  return reads.collection
}

async function readCluster(
  arm: Arm,
  ref: ClusterRef,
  reads: SnapshotReads,
  options: CallOptions,
): Promise<ClusterFacts> {
  const [cluster, agentPools] = await Promise.all([arm.getCluster(ref, options), reads.agentPools(ref)])
  return { ...cluster.facts, agentPools: agentPools ?? cluster.facts.agentPools }
}

/** Faults after which the same read may succeed. */
const TRANSIENT_FAULTS: ArmFaultKind[] = ['transient', 'throttled', 'unauthenticated', 'unknown']

/** What one snapshot has read so far, and what it could not. */
class SnapshotReads {
  readonly collection: NetworkCollection = emptyCollection()
  readonly #arm: Arm
  readonly #options: CallOptions
  readonly #failedLists = new Map<string, { kind: NetworkKind; unread: Unread }>()
  readonly #listed = new Set<string>()
  readonly #failedSingles = new Map<string, Unread>()
  readonly #otherFailures: Unread[] = []
  readonly #transientFaults = new Map<Unread, ArmFault>()

  constructor(arm: Arm, options: CallOptions) {
    this.#arm = arm
    this.#options = options
  }

  async list(subscriptionId: string, kinds: readonly NetworkKind[] = NETWORK_KINDS): Promise<void> {
    await Promise.all(kinds.map((kind) => this.#listKind(kind, subscriptionId)))
  }

  async #listKind(kind: NetworkKind, subscriptionId: string): Promise<void> {
    const key = listKey(kind, subscriptionId)
    const read = await this.#tryRead(`Microsoft.Network/${kind} of subscription ${subscriptionId}`, () =>
      this.#arm.listNetwork(kind, subscriptionId, this.#options),
    )
    if ('unread' in read) this.#failedLists.set(key, { kind, unread: read.unread })
    else {
      Object.assign(this.collection[kind], keyedById(read.facts))
      this.#listed.add(key)
    }
  }

  async single({ kind, id }: RequiredRead): Promise<void> {
    const read = await this.#tryRead(id, () => this.#arm.getNetwork(kind, id, this.#options))
    if ('unread' in read) this.#failedSingles.set(idKey(id), read.unread)
    else Object.assign(this.collection[kind], keyedById([read.facts]))
  }

  async agentPools(ref: ClusterRef): Promise<AgentPoolFacts[] | null> {
    const read = await this.#tryRead('Microsoft.ContainerService/managedClusters/agentPools', () =>
      this.#arm.listAgentPools(ref, this.#options),
    )
    if ('facts' in read) return read.facts
    this.#otherFailures.push(read.unread)
    return null
  }

  #tryRead<T>(what: string, read: () => Promise<T>): Promise<ReadResult<T>> {
    return tryRead(what, read, (unread, fault) => {
      if (TRANSIENT_FAULTS.includes(fault.kind)) this.#transientFaults.set(unread, fault)
    })
  }

  /** What no list has shown to be absent and no single read has failed on. */
  stillReadable(references: RequiredRead[]): RequiredRead[] {
    return references.filter(
      ({ kind, id }) =>
        !this.#listed.has(listKey(kind, subscriptionOf(id))) && !this.#failedSingles.has(idKey(id)),
    )
  }

  /**
   * What the plan lacks. A list that failed counts only where single reads could not replace it: firewalls are searched
   * by address, and a managed VNet can only be found by listing.
   */
  unread(cluster: ClusterFacts, references: RequiredRead[]): Unread[] {
    const missing = missingReads(references, this.collection)
    const singles = missing.flatMap(({ id }) => this.#failedSingles.get(idKey(id)) ?? [])
    const usesAppliance = Object.values(this.collection.routeTables).some((table) =>
      table.routes.some(isAppliance),
    )
    const hasNamedSubnets = subnetIdsOf(cluster).length > 0
    const lists = [...this.#failedLists.values()].filter(
      ({ kind }) =>
        (kind === 'azureFirewalls' && usesAppliance) || (kind === 'virtualNetworks' && !hasNamedSubnets),
    )
    const isReal = ({ reason, what }: Unread) =>
      !(reason === 'not-found' && /\/loadBalancers\/kubernetes$/i.test(what))
    return [...this.#otherFailures, ...lists.map(({ unread }) => unread), ...singles.filter(isReal)]
  }

  /**
   * Throws the fault of the first of these that may be readable later. A throttled read counts even if other reads
   * have replaced it: its `Retry-After` applies to every later request.
   */
  assertNoTransientFault(unread: Unread[]): void {
    for (const fault of this.#transientFaults.values()) if (fault.kind === 'throttled') throw fault
    for (const fault of this.#faultsOf(unread)) throw fault
  }

  /** Throws the fault of the first of these that Azure throttled: it says itself when to retry. */
  assertNotThrottled(unread: Unread[]): void {
    for (const fault of this.#faultsOf(unread)) if (fault.kind === 'throttled') throw fault
  }

  #faultsOf(unread: Unread[]): ArmFault[] {
    return unread.flatMap((failed) => this.#transientFaults.get(failed) ?? [])
  }
}

const KEYED_LISTS = new WeakMap<{ id: string }[], Record<string, { id: string }>>()

/** By id in lower case, made once for a list: many snapshots share one, and it may hold thousands. */
function keyedById(items: { id: string }[]): Record<string, { id: string }> {
  const keyed = KEYED_LISTS.get(items) ?? Object.fromEntries(items.map((item) => [idKey(item.id), item]))
  KEYED_LISTS.set(items, keyed)
  return keyed
}

function listKey(kind: NetworkKind, subscriptionId: string): string {
  return `${kind} ${subscriptionId.toLowerCase()}`
}

/** Reads everything around the cluster at the same time; what may not be read is reported in its own part. */
export async function readSurroundings(context: ReadContext, now: Date): Promise<Surroundings> {
  const [allowLists, authorization, outboundDependencies, rules, demand, privateZoneLinks] =
    await Promise.all([
      readAllowLists(context),
      readAuthorization(context),
      readOutboundDependencies(context),
      readFirewallRules(context),
      readDemand(context, now),
      readPrivateZoneLinks(context),
    ])
  return { authorization, allowLists, outboundDependencies, ...rules, demand, privateZoneLinks }
}
