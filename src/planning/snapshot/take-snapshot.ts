import pLimit from 'p-limit'
import { type Arm, type CallOptions, NETWORK_KINDS, type NetworkKind } from '../../azure/arm.ts'
import { ArmFault, type ArmFaultKind } from '../../azure/errors/arm-fault.ts'
import type { ClusterRef } from '../../contract/cluster.ts'
import type { Unread } from '../../contract/preflight.ts'
import type { RequestedPreparation } from '../../contract/preparation.ts'
import { idKey } from '../../core/arm/resource-id.ts'
import { assembleSnapshot, emptyCollection, type NetworkCollection } from '../../core/snapshot/assemble.ts'
import {
  missingReads,
  otherSubscriptions,
  type RequiredRead,
  requiredReads,
} from '../../core/snapshot/required-reads.ts'
import type { ClusterFacts, Snapshot, Surroundings } from '../../core/snapshot/snapshot.ts'
import { readAllowLists } from '../readers/read-allow-lists.ts'
import { readAuthorization } from '../readers/read-authorization.ts'
import { type ReadContext, toUnread } from '../readers/read-context.ts'
import { readFirewallPolicies, readOutboundDependencies } from '../readers/read-firewall-path.ts'

export type TakeSnapshot = (
  ref: ClusterRef,
  requestedIds?: string[],
  options?: SnapshotOptions,
) => Promise<Snapshot>

export interface SnapshotOptions extends CallOptions {
  /**
   * What could not be read for a reason that may pass makes it reject, as a cluster does: taken for what is not there, it
   * would make a plan look outdated, or hide an address that is in use.
   */
  mustBeWhole?: boolean
  /** Reads also what lies around the cluster: plans want it, freshness checks do not. */
  surroundings?: boolean
  /** What the request wants to have made. */
  prepare?: RequestedPreparation
  /** What the surroundings are read for; left out: whatever may be asked. */
  request?: ReadContext['request']
}

/**
 * Further rounds of single reads for what the lists did not show: a virtual network, then what hangs on
 * its subnets, then the addresses of that. Needed only where a subscription's lists may not be read.
 */
const MAX_SINGLE_ROUNDS = 3

/**
 * Snapshots that one process takes at the same time. Those of one subscription share their lists, so this bounds
 * what many subscriptions at once would hold in memory.
 */
const MAX_CONCURRENT_SNAPSHOTS = 64

/**
 * Makes the function that looks: one round of parallel reads (the cluster beside the network lists of its
 * subscription), a second only where part of the network lies in another subscription. What may not be
 * read is named in `unread`; only a cluster that cannot be read makes it reject, with an `ArmFault`, unless all must be,
 * and what Azure throttled: seconds later it can be read, and a plan without it would be outdated by then.
 */
export function createTakeSnapshot(arm: Arm, now: () => Date): TakeSnapshot {
  const limit = pLimit(MAX_CONCURRENT_SNAPSHOTS)
  return (ref, requestedIds = [], options = {}) => limit(() => takeOnce(arm, now, ref, requestedIds, options))
}

async function takeOnce(
  arm: Arm,
  now: () => Date,
  ref: ClusterRef,
  requestedIds: string[],
  options: SnapshotOptions,
): Promise<Snapshot> {
  const reading = new SnapshotReads(arm, options)
  const cluster = readCluster(arm, ref, reading, options)
  const network = readNetwork(reading, cluster, ref, requestedIds)
  const around =
    options.surroundings === true
      ? readSurroundings({
          arm,
          options,
          ref,
          requestedIds,
          cluster,
          network,
          request: options.request ?? null,
          ...(options.prepare === undefined ? {} : { prepare: options.prepare }),
        })
      : null
  // Awaited at the end: until then their failure, which is the cluster's own, must not count as unhandled.
  around?.catch(() => undefined)
  network.catch(() => undefined)
  const facts = await cluster
  await network
  const surroundings = await around
  const unread = reading.unread(requiredReads(facts, reading.collection, requestedIds))
  if (options.mustBeWhole === true) reading.refusePassing(unread)
  else reading.refuseThrottled(unread)
  return assembleSnapshot(now().toISOString(), facts, reading.collection, unread, surroundings)
}

/** The lists, and then one by one what they did not show. */
async function readNetwork(
  reading: SnapshotReads,
  clusterRead: Promise<ClusterFacts>,
  ref: ClusterRef,
  requestedIds: string[],
): Promise<NetworkCollection> {
  const [cluster] = await Promise.all([clusterRead, reading.list(ref.subscriptionId)])
  await Promise.all(otherSubscriptions(cluster, requestedIds).map((id) => reading.list(id)))
  for (let round = 0; round < MAX_SINGLE_ROUNDS; round++) {
    const references = requiredReads(cluster, reading.collection, requestedIds)
    const missing = reading.stillReadable(missingReads(references, reading.collection))
    if (missing.length === 0) break
    await Promise.all(missing.map((reference) => reading.single(reference)))
  }
  return reading.collection
}

async function readCluster(
  arm: Arm,
  ref: ClusterRef,
  reading: SnapshotReads,
  options: CallOptions,
): Promise<ClusterFacts> {
  const [cluster, agentPools] = await Promise.all([
    arm.getCluster(ref, options),
    reading.optional('Microsoft.ContainerService/managedClusters/agentPools', () =>
      arm.listAgentPools(ref, options),
    ),
  ])
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
  /** Why each could not be read, where that may pass. */
  readonly #passing = new Map<Unread, ArmFault>()

  constructor(arm: Arm, options: CallOptions) {
    this.#arm = arm
    this.#options = options
  }

  async list(subscriptionId: string): Promise<void> {
    await Promise.all(NETWORK_KINDS.map((kind) => this.#listKind(kind, subscriptionId)))
  }

  async #listKind(kind: NetworkKind, subscriptionId: string): Promise<void> {
    const key = listKey(kind, subscriptionId)
    try {
      const items = await this.#arm.listNetwork(kind, subscriptionId, this.#options)
      Object.assign(this.collection[kind], keyedById(items))
      this.#listed.add(key)
    } catch (error) {
      const what = `Microsoft.Network/${kind} of subscription ${subscriptionId}`
      this.#failedLists.set(key, { kind, unread: this.#failed(what, error) })
    }
  }

  async single({ kind, id }: RequiredRead): Promise<void> {
    try {
      Object.assign(this.collection[kind], keyedById([await this.#arm.getNetwork(kind, id, this.#options)]))
    } catch (error) {
      this.#failedSingles.set(idKey(id), this.#failed(id, error))
    }
  }

  async optional<T>(what: string, read: () => Promise<T>): Promise<T | null> {
    try {
      return await read()
    } catch (error) {
      this.#otherFailures.push(this.#failed(what, error))
      return null
    }
  }

  /** What no list has shown to be absent and no single read has failed on. */
  stillReadable(references: RequiredRead[]): RequiredRead[] {
    return references.filter(({ kind, id }) => {
      const subscriptionId = /^\/subscriptions\/([^/]+)\//i.exec(id)?.[1] ?? ''
      return !this.#listed.has(listKey(kind, subscriptionId)) && !this.#failedSingles.has(idKey(id))
    })
  }

  /**
   * What the plan lacks. A list that failed counts only where single reads could not stand in for it:
   * firewalls are searched by address, and a managed VNet can only be found by listing.
   */
  unread(references: RequiredRead[]): Unread[] {
    const missing = missingReads(references, this.collection)
    const singles = missing.flatMap(({ id }) => this.#failedSingles.get(idKey(id)) ?? [])
    const usesAppliance = Object.values(this.collection.routeTables).some((table) =>
      table.routes.some((route) => route.nextHopType === 'VirtualAppliance'),
    )
    const hasNamedSubnets = references.some(({ kind }) => kind === 'virtualNetworks')
    const lists = [...this.#failedLists.values()].filter(
      ({ kind }) =>
        (kind === 'azureFirewalls' && usesAppliance) || (kind === 'virtualNetworks' && !hasNamedSubnets),
    )
    const isReal = (each: Unread) =>
      !(each.reason === 'not-found' && /\/loadBalancers\/kubernetes$/i.test(each.what))
    return [...this.#otherFailures, ...lists.map(({ unread }) => unread), ...singles.filter(isReal)]
  }

  /**
   * Rejects with the fault of the first of these that may be readable later. One that Azure throttled counts although
   * other reads have stood in for it: its `Retry-After` holds for whoever would ask again.
   */
  refusePassing(unread: Unread[]): void {
    for (const fault of this.#passing.values()) if (fault.kind === 'throttled') throw fault
    for (const each of unread) {
      const fault = this.#passing.get(each)
      if (fault !== undefined) throw fault
    }
  }

  /** Rejects with the fault of the first of these that Azure throttled: it says itself when to ask again. */
  refuseThrottled(unread: Unread[]): void {
    for (const each of unread) {
      const fault = this.#passing.get(each)
      if (fault?.kind === 'throttled') throw fault
    }
  }

  #failed(what: string, error: unknown): Unread {
    const unread = toUnread(what, error)
    if (error instanceof ArmFault && TRANSIENT_FAULTS.includes(error.kind)) this.#passing.set(unread, error)
    return unread
  }
}

const KEYED_LISTS = new WeakMap<{ id: string }[], Record<string, { id: string }>>()

/** By id in lower case, made once for a list: many snapshots share one, and it may hold thousands. */
function keyedById(items: { id: string }[]): Record<string, { id: string }> {
  const known = KEYED_LISTS.get(items)
  if (known !== undefined) return known
  const made = Object.fromEntries(items.map((item) => [idKey(item.id), item]))
  KEYED_LISTS.set(items, made)
  return made
}

function listKey(kind: NetworkKind, subscriptionId: string): string {
  return `${kind} ${subscriptionId.toLowerCase()}`
}

/** Reads everything around the cluster at the same time; what may not be read is said in its own part. */
export async function readSurroundings(around: ReadContext): Promise<Surroundings> {
  const [rights, allowLists, outboundDependencies, firewallPolicies] = await Promise.all([
    readAuthorization(around),
    readAllowLists(around),
    readOutboundDependencies(around),
    readFirewallPolicies(around),
  ])
  return { rights, allowLists, outboundDependencies, firewallPolicies }
}
