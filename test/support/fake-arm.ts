import type {
  AllowListSearch,
  Arm,
  ArmError,
  ClusterReading,
  ClusterUpdate,
  MaySend,
  NetworkFactsByKind,
  NetworkKind,
  OperationState,
  PolicyFactsByKind,
  PolicyKind,
  ResourceDelete,
  ResourceReading,
  ResourceUpdate,
  StartedOperation,
  WriteOptions,
} from '../../src/azure/arm.ts'
import { ArmFault, SENT_TOO_LATE } from '../../src/azure/errors/arm-fault.ts'
import { toClusterFacts } from '../../src/azure/mapping/cluster.ts'
import { applyFieldChanges } from '../../src/azure/writes/apply-field-changes.ts'
import type { ClusterRef } from '../../src/contract/cluster.ts'
import type { JsonObject } from '../../src/contract/json.ts'
import type { MaintenanceConfiguration } from '../../src/contract/maintenance.ts'
import type { FieldChange } from '../../src/contract/steps.ts'
import type { InstanceFacts } from '../../src/core/snapshot/agent-pools.ts'
import type { AllowListResource } from '../../src/core/snapshot/allow-list-facts.ts'
import type { ResourceGroupFacts } from '../../src/core/snapshot/authorization-facts.ts'
import type { OutboundDependency } from '../../src/core/snapshot/snapshot.ts'
import type { FakeNetwork } from './fake-cluster.ts'

/**
 * The points where a test can intervene. A PUT has three. `read` is its fresh GET. `send` is after the caller has
 * sent it and before ARM receives it. `answer` is after ARM has accepted it and before the caller knows.
 */
export type Point =
  | 'listMaintenance'
  | 'getCluster'
  | 'getResource'
  | 'read'
  | 'send'
  | 'answer'
  | 'pollOperation'
  | 'listNetwork'
  | 'abort'

/** How the operation of a PUT ends. */
export type Ending =
  | { status: 'succeeded'; error?: ArmError }
  | { status: 'failed' | 'canceled'; error: ArmError }
  /** It says success, and the cluster stays as it was. */
  | { status: 'ignored'; error?: ArmError }
  | { status: 'never' }

export interface SentPut {
  apiVersion: string
  changes: FieldChange[]
  ifMatch: string | null
  /** What the cluster was asked to be. */
  body: JsonObject
}

function refuseLate({ maySend }: { maySend?: MaySend }): void {
  if (maySend?.() === false)
    throw new ArmFault({ kind: 'transient', code: SENT_TOO_LATE, message: 'Too late.' })
}

/** Looks at a cluster until its operation is over, however they come. */
const LOOKS_UNTIL_DONE = 2

/**
 * One cluster in memory behind the door to Azure: it checks `If-Match`, takes one operation at a time, and
 * ends it after a few looks. `calls` is everything that it was asked, `puts` what really reached it.
 */
export class FakeArm implements Arm {
  readonly calls: Point[] = []
  readonly puts: SentPut[] = []
  /** Network resources beside the cluster, by id; their operations end when they are accepted. */
  readonly resources = new Map<string, JsonObject>()
  /** Writes of such resources that reached Azure, as `PUT <id>`. */
  readonly resourceWrites: string[] = []
  /** Endings of the operations to come; without one they succeed. */
  readonly endings: Ending[] = []
  body: JsonObject
  /** An ETag in the body, as API versions differ in showing one. */
  showsEtag = true
  #version = 1
  instances: InstanceFacts[] = []
  #operation: { looks: number; wanted: JsonObject; ending: Ending; id: number } | null = null
  #ended = new Map<number, OperationState>()
  #behaviours: { point: Point; nth: number; act: () => unknown }[] = []
  readonly #network: (body: JsonObject) => FakeNetwork

  constructor(body: JsonObject, network: (body: JsonObject) => FakeNetwork) {
    this.body = body
    this.#network = network
  }

  /** Does something at the nth time, from 1, that a point is passed from now on. What it throws is the answer. */
  at(point: Point, nth: number, act: () => unknown): void {
    const passed = this.calls.filter((call) => call === point).length
    this.#behaviours.push({ point, nth: passed + nth, act })
  }

  /** Whether everything that was to happen did: a fault that never struck has shown nothing. */
  get isSpent(): boolean {
    return this.#behaviours.length === 0
  }

  /** Another client writes the cluster. */
  foreignWrite(change: (body: JsonObject) => void): void {
    change(this.body)
    this.#version++
  }

  async getCluster(): Promise<ClusterReading> {
    await this.#pass('getCluster')
    this.#look()
    return this.#reading()
  }

  async listAgentPools() {
    return toClusterFacts(this.body).agentPools
  }

  async listNetwork<K extends NetworkKind>(kind: K): Promise<NetworkFactsByKind[K][]> {
    await this.#pass('listNetwork')
    return this.#network(this.body)[kind]
  }

  async getNetwork<K extends NetworkKind>(_kind: K, id: string): Promise<NetworkFactsByKind[K]> {
    throw new ArmFault({ kind: 'not-found', status: 404, code: 'ResourceNotFound', message: id })
  }

  async listInstances(): Promise<InstanceFacts[]> {
    return this.instances
  }

  async listOutboundDependencies(): Promise<OutboundDependency[]> {
    return []
  }

  /** The planned maintenance windows, for tests to set. */
  maintenance: MaintenanceConfiguration[] = []

  async listMaintenanceConfigurations(): Promise<MaintenanceConfiguration[]> {
    await this.#pass('listMaintenance')
    return this.maintenance
  }

  async listFirewallPolicies(): Promise<[]> {
    return []
  }

  async getFirewallPolicy(id: string): Promise<never> {
    throw new ArmFault({ kind: 'not-found', status: 404, code: 'ResourceNotFound', message: id })
  }

  async listIpGroups(): Promise<[]> {
    return []
  }

  async getIpGroup(id: string): Promise<never> {
    throw new ArmFault({ kind: 'not-found', status: 404, code: 'ResourceNotFound', message: id })
  }

  async getResource(id: string): Promise<ResourceReading> {
    await this.#pass('getResource')
    const reading = this.#resource(id)
    if (reading === null)
      throw new ArmFault({ kind: 'not-found', status: 404, code: 'ResourceNotFound', message: id })
    return reading
  }

  startResourceWrite(update: ResourceUpdate): Promise<StartedOperation> {
    return this.#writeResource('PUT', update, () => {
      const former = this.resources.get(update.id) ?? {}
      this.resources.set(update.id, update.body ?? applyFieldChanges(former, update.changes, []))
    })
  }

  startResourceDelete(deletion: ResourceDelete): Promise<StartedOperation> {
    return this.#writeResource('DELETE', deletion, () => this.resources.delete(deletion.id))
  }

  startResourceAction(action: ResourceDelete): Promise<StartedOperation> {
    return this.#writeResource('POST', action, () => {})
  }

  #resource(id: string): ResourceReading | null {
    const body = this.resources.get(id)
    return body === undefined ? null : { body: structuredClone(body), etag: null }
  }

  async #writeResource(method: string, write: ResourceDelete, apply: () => void): Promise<StartedOperation> {
    await this.#pass('read')
    await write.beforeSend(this.#resource(write.id))
    await this.#pass('send')
    refuseLate(write)
    this.resourceWrites.push(`${method} ${write.id}`)
    apply()
    const id = -this.resourceWrites.length
    this.#ended.set(id, { status: 'succeeded', error: null, requestId: 'request-3' })
    await this.#pass('answer')
    return { poller: `operation ${id}`, requestId: 'request-3', retryAfterMs: null }
  }

  /** Ends the running operation as canceled; AKS rejects the request if there is none. */
  async abortClusterOperation(
    _ref?: ClusterRef,
    options: WriteOptions = {},
  ): Promise<{ requestId: string | null }> {
    await this.#pass('abort')
    refuseLate(options)
    if (this.#operation === null)
      throw new ArmFault({
        kind: 'refused',
        status: 400,
        code: 'OperationNotAllowed',
        message: 'None under way.',
      })
    this.#operation.ending = { status: 'canceled', error: { code: 'Canceled', message: 'Aborted.' } }
    return { requestId: 'request-2' }
  }

  /** Nothing forbids anything. */
  async listAuthorization() {
    return []
  }

  async getPolicy<K extends PolicyKind>(_kind: K, id: string): Promise<PolicyFactsByKind[K]> {
    throw new ArmFault({ kind: 'not-found', status: 404, code: 'PolicyDefinitionNotFound', message: id })
  }

  async listPermissions() {
    return [{ actions: ['*'], notActions: [] }]
  }

  async getResourceGroup(): Promise<ResourceGroupFacts> {
    return { managedBy: null }
  }

  async listRoleAssignments() {
    return []
  }

  async listPrivateZoneLinks(): Promise<[]> {
    return []
  }

  async readMetrics(): Promise<[]> {
    return []
  }

  async listUsages() {
    return []
  }

  async findAllowLists(): Promise<AllowListSearch> {
    return {
      ids: [String(this.body.id)],
      resources: [],
      childLists: [],
      searched: [],
      unread: [],
      omittedRows: 0,
    }
  }

  async readChildLists(): Promise<AllowListResource | null> {
    return null
  }

  async startClusterUpdate(update: ClusterUpdate): Promise<StartedOperation> {
    await this.#pass('read')
    this.#look()
    const reading = this.#reading()
    await update.beforeSend(reading)
    await this.#pass('send')
    refuseLate(update)
    this.#take(update, reading)
    await this.#pass('answer')
    return { poller: `operation ${this.puts.length}`, requestId: 'request-1', retryAfterMs: null }
  }

  async pollOperation(poller: string): Promise<OperationState> {
    await this.#pass('pollOperation')
    this.#look()
    const state = this.#ended.get(Number(poller.split(' ')[1]))
    return state ?? { status: 'running', poller, retryAfterMs: null }
  }

  #take(update: ClusterUpdate, reading: ClusterReading): void {
    if (this.#operation !== null)
      throw new ArmFault({ kind: 'conflict', status: 409, code: 'OperationNotAllowed', message: 'Busy.' })
    if (reading.facts.etag !== null && reading.facts.etag !== this.#etag())
      throw new ArmFault({
        kind: 'precondition-failed',
        status: 412,
        code: 'EtagMismatch',
        message: 'Moved.',
      })
    const { apiVersion, changes, discoveredEgress } = update
    const wanted = applyFieldChanges(this.body, changes, discoveredEgress)
    this.puts.push({ apiVersion, changes, ifMatch: reading.facts.etag, body: wanted })
    const ending = this.endings.shift() ?? { status: 'succeeded' }
    this.#operation = { looks: 0, wanted, ending, id: this.puts.length }
    this.#provision('Updating')
  }

  #look(): void {
    const operation = this.#operation
    if (operation === null || operation.ending.status === 'never') return
    if (++operation.looks < LOOKS_UNTIL_DONE) return
    this.#operation = null
    const { ending, wanted, id } = operation
    if (ending.status === 'succeeded') this.body = structuredClone(wanted)
    const isBad = ending.status === 'failed' || ending.status === 'canceled'
    this.#provision(isBad ? (ending.status === 'failed' ? 'Failed' : 'Canceled') : 'Succeeded')
    this.#ended.set(
      id,
      isBad
        ? { status: ending.status, error: ending.error, requestId: 'request-1' }
        : { status: 'succeeded', error: ending.error ?? null, requestId: 'request-1' },
    )
  }

  #provision(state: string): void {
    const properties = this.body.properties as JsonObject
    this.body = { ...this.body, properties: { ...properties, provisioningState: state } }
    this.#version++
  }

  #etag(): string | null {
    return this.showsEtag ? `etag-${this.#version}` : null
  }

  #reading(): ClusterReading {
    const etag = this.#etag()
    const body = structuredClone({ ...this.body, ...(etag === null ? {} : { eTag: etag }) })
    return { body, facts: toClusterFacts(body), apiVersion: '2026-06-01' }
  }

  async #pass(point: Point): Promise<void> {
    this.calls.push(point)
    const nth = this.calls.filter((call) => call === point).length
    const index = this.#behaviours.findIndex((each) => each.point === point && each.nth === nth)
    if (index < 0) return
    const [behaviour] = this.#behaviours.splice(index, 1)
    await behaviour?.act()
  }
}
