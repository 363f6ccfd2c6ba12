import type { Fault } from '../faults/faults.ts'
import { type Json, type JsonObject, textAt } from '../lib/json.ts'
import {
  type BackReference,
  backReferencesOf,
  isSameBackReference,
  withBackReference,
  withoutBackReference,
} from './back-references.ts'
import type { Clock } from './clock.ts'
import { guidOf, ipv4Of, ipv6Of, prefixOf, typeOfKey } from './identifiers.ts'
import type { Journal } from './journal.ts'
import type { Operation, OperationStart } from './operation.ts'

/** Assumptions of this simulated Azure that a test may change. */
export interface WorldSettings {
  /** `body`: clusters and pools have `eTag`, as in the stable API of 2026. `none`: no ETag, as before April 2024. */
  etags: 'body' | 'none'
  /** The allowed transitions: by either edition of the published matrix, or by only one edition. */
  matrix: 'union' | '2024-04-29' | '2026-08-05'
}

/** Above this number, ended operations are deleted, the oldest first. Azure also deletes old operations. */
const MAX_OPERATIONS = 20_000

/** The scope of a list. */
export interface Scope {
  subscription: string
  resourceGroup?: string | undefined
}

/**
 * All simulated resources and operations. Bodies are stored in the form of responses and never changed in place: `put`
 * replaces a body and updates the back references. Every change is recorded for the journal; `flush` stores all changes
 * of one request together.
 */
export class World {
  readonly clock: Clock
  readonly settings: WorldSettings
  private readonly journal: Journal | undefined
  private byType = new Map<string, Map<string, JsonObject>>()
  private operations = new Map<string, Operation>()
  private pending = new Map<string, Operation>()
  private counter = 0
  private changed = new Map<string, JsonObject | null>()
  private changedOperations = new Map<string, Operation>()
  private before = new Map<string, JsonObject | undefined>()
  private started: Operation[] = []

  constructor(clock: Clock, settings: WorldSettings, journal?: Journal) {
    this.clock = clock
    this.settings = settings
    this.journal = journal
  }

  /** The resource with this ID, ignoring case. */
  get(id: string | undefined): JsonObject | undefined {
    if (id === undefined) return undefined
    const key = id.toLowerCase()
    return this.byType.get(typeOfKey(key))?.get(key)
  }

  /** Stores a resource under its `id` and updates the back references of its targets. */
  put(body: JsonObject): void {
    const id = textAt(body, 'id') ?? ''
    const before = this.get(id)
    this.ensureGroup(id)
    this.store(id.toLowerCase(), body)
    const type = typeOfKey(id.toLowerCase())
    this.mirror(before === undefined ? [] : backReferencesOf(type, before), backReferencesOf(type, body))
  }

  /** Stores a changed resource of Microsoft.Network with a new ETag, which every change gets (test/data/recordings). */
  replace(body: JsonObject): void {
    this.put({ ...body, etag: this.nextEtag() })
  }

  /** Removes a resource and its references. */
  remove(id: string): void {
    const before = this.get(id)
    if (before === undefined) return
    const key = id.toLowerCase()
    this.noteBefore(key, before)
    this.byType.get(typeOfKey(key))?.delete(key)
    this.changed.set(key, null)
    this.mirror(backReferencesOf(typeOfKey(key), before), [])
  }

  /** All resources of a type (lower case) in a scope, oldest first. */
  list(type: string, scope?: Scope): JsonObject[] {
    const all = this.byType.get(type)
    if (all === undefined) return []
    if (scope === undefined) return [...all.values()]
    const group = scope.resourceGroup === undefined ? '' : `resourcegroups/${scope.resourceGroup}/`
    const prefix = `/subscriptions/${scope.subscription}/${group}`.toLowerCase()
    const found: JsonObject[] = []
    for (const [key, body] of all) if (key.startsWith(prefix)) found.push(body)
    return found
  }

  /** All resources. */
  all(): JsonObject[] {
    return [...this.byType.values()].flatMap((bodies) => [...bodies.values()])
  }

  /** True if the subscription has at least one resource group. */
  hasSubscription(subscription: string): boolean {
    return this.list('microsoft.resources/resourcegroups', { subscription }).length > 0
  }

  /** A GUID that this world has not used yet. */
  nextGuid(): string {
    return guidOf(this.count())
  }

  /** An ETag of Microsoft.Network that this world has not used yet. */
  nextEtag(): string {
    return `W/"${this.nextGuid()}"`
  }

  /** A new public address. Released addresses are never used again, as callers must expect. */
  nextAddress(family: string): string {
    if (family === 'IPv6') return ipv6Of(this.count())
    for (;;) {
      const address = ipv4Of(this.count())
      if (address !== undefined) return address
    }
  }

  /** A new public prefix. */
  nextPrefix(length: number, family: string): string {
    return prefixOf(this.count(), length, family)
  }

  /** Starts an operation. `faults` can make it fail, stall, or show an error together with its success. */
  start(begin: OperationStart, faults: readonly Fault[] = []): Operation {
    const { durationSeconds, ...rest } = begin
    const failure = faults.find((fault) => fault.kind === 'failOperation')
    const startMs = this.clock.now()
    const stalls = faults.some((fault) => fault.kind === 'stall')
    const operation: Operation = {
      ...rest,
      id: this.nextGuid(),
      startMs,
      endMs: stalls ? null : startMs + durationSeconds * 1000,
      status: 'InProgress',
      failure: failure === undefined ? null : { code: failure.code, message: failure.message },
      errorInSuccess: faults.some((fault) => fault.kind === 'errorInSuccess'),
    }
    this.saveOperation(operation)
    this.started.push(operation)
    return operation
  }

  /** Replaces the stored state of an operation. */
  saveOperation(operation: Operation): void {
    this.operations.set(operation.id, operation)
    if (this.operations.size > MAX_OPERATIONS) this.forgetOldest()
    if (operation.status === 'InProgress') this.pending.set(operation.id, operation)
    else this.pending.delete(operation.id)
    this.changedOperations.set(operation.id, operation)
  }

  /** The operation with this id. */
  operation(id: string): Operation | undefined {
    return this.operations.get(id.toLowerCase())
  }

  /** The operation in progress on a resource, if any. */
  operationOn(resourceId: string): Operation | undefined {
    const key = resourceId.toLowerCase()
    for (const operation of this.pending.values())
      if (operation.resourceId.toLowerCase() === key) return operation
    return undefined
  }

  /** The operations in progress on resources whose id starts with a prefix. */
  operationsUnder(prefix: string): Operation[] {
    const key = prefix.toLowerCase()
    return [...this.pending.values()].filter((operation) =>
      operation.resourceId.toLowerCase().startsWith(key),
    )
  }

  /** Operations that are due to end, in the order of their ends. */
  due(): Operation[] {
    if (this.pending.size === 0) return []
    const now = this.clock.now()
    return [...this.pending.values()]
      .filter((operation) => operation.endMs !== null && operation.endMs <= now)
      .sort((a, b) => (a.endMs ?? 0) - (b.endMs ?? 0))
  }

  /** All state, in the form of the state endpoint and of the snapshot. */
  describe(): { resources: JsonObject[]; operations: Operation[]; counter: number } {
    return { resources: this.all(), operations: [...this.operations.values()], counter: this.counter }
  }

  /** Restores a stored state unchanged, without updating references or recording changes. */
  restore(state: { resources: JsonObject[]; operations: Operation[]; counter: number }): void {
    this.byType = new Map()
    this.operations = new Map()
    this.pending = new Map()
    this.counter = state.counter
    for (const body of state.resources) this.store((textAt(body, 'id') ?? '').toLowerCase(), body)
    for (const operation of state.operations) this.saveOperation(operation)
    this.discardNotes()
  }

  /**
   * The changes since the last call: each changed resource with its former body (undefined for a new resource), and the
   * started operations.
   */
  takeChanges(): { before: ReadonlyMap<string, JsonObject | undefined>; started: readonly Operation[] } {
    const { before, started } = this
    this.before = new Map()
    this.started = []
    return { before, started }
  }

  /** Stores all changes since the last call, together with `note`, the request that made them. */
  flush(note?: Json): void {
    if (
      this.journal !== undefined &&
      (this.changed.size > 0 || this.changedOperations.size > 0 || note !== undefined)
    )
      this.journal.append({
        resources: [...this.changed],
        operations: [...this.changedOperations.values()],
        counter: this.counter,
        clock: this.clock.describe(),
        note: note ?? null,
      })
    this.discardNotes()
  }

  /** Marks all changes as written; called after all changes were written to the journal. */
  discardNotes(): void {
    this.changed.clear()
    this.changedOperations.clear()
  }

  private forgetOldest(): void {
    for (const [id, operation] of this.operations) {
      if (operation.status === 'InProgress') continue
      this.operations.delete(id)
      return
    }
  }

  private count(): number {
    this.counter += 1
    return this.counter
  }

  private store(key: string, body: JsonObject): void {
    const type = typeOfKey(key)
    const bodies = this.byType.get(type) ?? new Map<string, JsonObject>()
    this.byType.set(type, bodies)
    this.noteBefore(key, bodies.get(key))
    bodies.set(key, body)
    this.changed.set(key, body)
  }

  private noteBefore(key: string, body: JsonObject | undefined): void {
    if (!this.before.has(key)) this.before.set(key, body)
  }

  private ensureGroup(id: string): void {
    const match = /^\/subscriptions\/([^/]+)\/resourcegroups\/([^/]+)\/./i.exec(id)
    if (match === null) return
    const groupId = `/subscriptions/${match[1]}/resourceGroups/${match[2]}`
    if (this.get(groupId) !== undefined) return
    this.store(groupId.toLowerCase(), {
      id: groupId,
      name: match[2],
      type: 'Microsoft.Resources/resourceGroups',
      location: 'eastus',
      properties: { provisioningState: 'Succeeded' },
    })
  }

  private mirror(before: BackReference[], after: BackReference[]): void {
    for (const link of before)
      if (!after.some((other) => isSameBackReference(link, other)))
        this.touch(link.targetId, (body) => withoutBackReference(body, link))
    for (const link of after) this.touch(link.targetId, (body) => withBackReference(body, link))
  }

  /** A changed reference also changes the target, so the target gets a new ETag (inferred). */
  private touch(id: string, change: (body: JsonObject) => JsonObject): void {
    const body = this.get(id)
    if (body === undefined) return
    const next = change(body)
    if (next !== body) this.store(id.toLowerCase(), { ...next, etag: this.nextEtag() })
  }
}
