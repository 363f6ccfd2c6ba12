import { CLUSTER_TYPE } from '../arm/managed-cluster.ts'
import { equalsText, type JsonObject, textAt } from '../lib/json.ts'
import { typeOfKey } from '../world/identifiers.ts'
import type { Operation } from '../world/operation.ts'
import type { World } from '../world/world.ts'
import { AddressUse, brokenGatewaySubnets, decidesAboutGateways } from './address-use.ts'
import { authorizedRangesOf, type ClusterView, viewCluster } from './cluster-view.ts'
import {
  type Cause,
  type CausingRequest,
  type Incident,
  lostAccess,
  lostGateways,
  separatedFrontends,
} from './incidents.ts'
import { keysOfChange, RecordingReader } from './world-reader.ts'

/** An incident as GET /simulator/watcher shows it. */
export interface RecordedIncident extends Incident {
  sequence: number
  /** Simulated time. */
  time: string
  cause: Cause
}

/** Incidents that are kept; a long run drops the oldest. */
const MAX_INCIDENTS = 10_000

interface Watched {
  view: ClusterView
  /** Keys of everything that the view depends on. */
  keys: Set<string>
}

/**
 * Computes the actual source addresses of packets, which clients of Resource Manager cannot see. After each change, it
 * walks the packets of the affected clusters, compares the result with the last walk, and records what users would
 * notice. It does not check whether a plan announced an incident.
 */
export class Watcher {
  private readonly world: World
  private watched = new Map<string, Watched>()
  /** Clusters by the keys that their views depend on. */
  private dependents = new Map<string, Set<string>>()
  private addresses = new AddressUse()
  private incidents: RecordedIncident[] = []
  private count = 0
  /** The requests that began the operations in progress. */
  private starters = new Map<string, CausingRequest>()
  private isPrepared = false
  /** Subnets whose application gateway has no way to the internet. */
  private brokenGateways = new Set<string>()

  constructor(world: World) {
    this.world = world
  }

  /** Clears all state, because the resources were replaced. */
  reset(): void {
    this.watched.clear()
    this.dependents.clear()
    this.addresses = new AddressUse()
    this.incidents = []
    this.count = 0
    this.starters.clear()
    this.isPrepared = false
  }

  /**
   * Records the current resources as the starting point, once. Call it before anything changes. A simulator that only
   * handles reads does not need it.
   */
  prepare(): void {
    if (this.isPrepared) return
    this.isPrepared = true
    this.world.takeChanges()
    this.brokenGateways = brokenGatewaySubnets(this.world)
    for (const cluster of this.world.list(CLUSTER_TYPE)) this.watch(clusterKey(cluster), cluster)
  }

  /** All incidents since the last reset, oldest first. */
  list(): RecordedIncident[] {
    return this.incidents
  }

  /** Examines all changes of a request since the last call. */
  afterRequest(request: CausingRequest): void {
    this.examine({ request, operation: null })
  }

  /** Examines the changes at the end of an operation. */
  afterOperation({ id, kind, resourceId }: Operation): void {
    const request = this.starters.get(id) ?? null
    this.starters.delete(id)
    this.examine({ request, operation: { id, kind, resourceId } })
  }

  /** Accepts all changes since the last call without incidents: a control endpoint made them. */
  accept(): void {
    this.examine(null)
  }

  private examine(cause: Cause | null): void {
    const { before, started } = this.world.takeChanges()
    if (cause?.request) for (const { id } of started) this.starters.set(id, cause.request)
    if (before.size === 0 || !this.isPrepared) return
    const found = [...this.concerned(before.keys())].flatMap((key) => this.compare(key))
    for (const [key, body] of before) found.push(...this.ofResource(key, body))
    if ([...before.keys()].some((key) => decidesAboutGateways(typeOfKey(key))))
      found.push(...this.ofGateways())
    if (cause === null) return
    const time = new Date(this.world.clock.now()).toISOString()
    for (const incident of found) {
      this.count += 1
      this.incidents.push({ sequence: this.count, time, ...incident, cause })
    }
    if (this.incidents.length > MAX_INCIDENTS) this.incidents = this.incidents.slice(-MAX_INCIDENTS)
  }

  /** The clusters whose packet paths a change of these resources may affect. */
  private concerned(changed: Iterable<string>): Set<string> {
    const clusters = new Set<string>()
    for (const key of changed) {
      if (typeOfKey(key) === CLUSTER_TYPE) clusters.add(key)
      for (const each of keysOfChange(key))
        for (const cluster of this.dependents.get(each) ?? []) clusters.add(cluster)
    }
    return clusters
  }

  private compare(key: string): Incident[] {
    const former = this.watched.get(key)
    const cluster = this.world.get(key)
    if (cluster === undefined) {
      this.unwatch(key)
      if (former !== undefined) this.addresses.forgetCluster(former.view.clusterId)
      return []
    }
    const { view } = this.watch(key, cluster)
    if (former === undefined) return []
    return [...lostAccess(former.view, view), ...this.addresses.compare(this.world, former.view, view)]
  }

  private ofResource(key: string, before: JsonObject | undefined): Incident[] {
    const after = this.world.get(key)
    if (typeOfKey(key) === 'microsoft.network/loadbalancers') return separatedFrontends(before, after)
    return after === undefined ? this.addresses.removed(key) : []
  }

  private ofGateways(): Incident[] {
    const former = this.brokenGateways
    this.brokenGateways = brokenGatewaySubnets(this.world)
    return lostGateways(former, this.brokenGateways)
  }

  private watch(key: string, cluster: JsonObject): Watched {
    const reader = new RecordingReader(this.world)
    const view = viewCluster(reader, cluster, this.formerRanges(cluster))
    this.unwatch(key)
    const watched = { view, keys: reader.keys }
    this.watched.set(key, watched)
    for (const each of watched.keys) {
      const clusters = this.dependents.get(each) ?? new Set()
      this.dependents.set(each, clusters.add(key))
    }
    return watched
  }

  private unwatch(key: string): void {
    for (const each of this.watched.get(key)?.keys ?? []) {
      const clusters = this.dependents.get(each)
      clusters?.delete(key)
      if (clusters?.size === 0) this.dependents.delete(each)
    }
    this.watched.delete(key)
  }

  /** The authorized IP ranges before an update in progress. */
  private formerRanges(cluster: JsonObject): string[] | undefined {
    if (!equalsText(textAt(cluster, 'properties', 'provisioningState'), 'Updating')) return undefined
    const effect = this.world.operationOn(clusterKey(cluster))?.effect
    return effect?.kind === 'update-cluster' ? authorizedRangesOf(effect.change.accessBefore) : undefined
  }
}

function clusterKey(cluster: JsonObject): string {
  return (textAt(cluster, 'id') ?? '').toLowerCase()
}
