import { randomUUID } from 'node:crypto'
import { finishDueOperations } from '../cluster/finish-operations.ts'
import { FaultList } from '../faults/faults.ts'
import { demoFleet } from '../fleet/demo-fleet.ts'
import type { Json } from '../lib/json.ts'
import { Watcher } from '../watcher/watcher.ts'
import { Clock, type ClockMode } from '../world/clock.ts'
import { Journal } from '../world/journal.ts'
import { type LoggedRequest, RequestLog } from '../world/request-log.ts'
import { World, type WorldSettings } from '../world/world.ts'
import { CallLimits } from './call-limits.ts'

/** The options of a simulator. */
export interface SimulatorSettings extends Partial<WorldSettings> {
  /** Simulated seconds per real second; 1 by default. */
  timeScale?: number | undefined
  mode?: ClockMode | undefined
  /** Rejects calls beyond the documented limits of Azure with 429; false by default. */
  callLimits?: boolean | undefined
  /** The folder of the state. Without it, the state is only in memory. */
  stateFile?: string | undefined
}

/** One simulated Azure: its resources, its request log, and its faults. */
export class Simulator {
  readonly world: World
  readonly log = new RequestLog()
  readonly faults = new FaultList()
  readonly watcher: Watcher
  /** Without them, no call is rejected. */
  readonly limits: CallLimits | undefined
  private readonly journal: Journal | undefined
  private readonly requestPrefix = randomUUID().slice(0, 24)
  private requests = 0

  constructor(settings: SimulatorSettings) {
    this.limits = settings.callLimits === true ? new CallLimits(settings.timeScale ?? 1) : undefined
    this.journal = settings.stateFile === undefined ? undefined : new Journal(settings.stateFile)
    const kept = this.journal?.read()
    const clock = new Clock(kept?.clock)
    clock.set({ mode: settings.mode, scale: settings.timeScale })
    this.world = new World(
      clock,
      { etags: settings.etags ?? 'body', matrix: settings.matrix ?? 'union' },
      this.journal,
    )
    if (kept === undefined) demoFleet(this.world)
    else {
      this.world.restore(kept)
      this.log.restore(kept.notes as unknown as LoggedRequest[])
    }
    this.watcher = new Watcher(this.world)
    this.snapshot()
  }

  /** Completes operations that are due, and observes what each of them changes. */
  finishDueOperations(): void {
    if (this.world.due().length > 0) this.watcher.prepare()
    finishDueOperations(this.world, (operation) => this.watcher.afterOperation(operation))
  }

  /** Replaces all resources: `fill` adds the new ones to an empty set. The log and the faults are then empty. */
  reset(fill: (world: World) => void): void {
    this.world.restore({ resources: [], operations: [], counter: 0 })
    this.log.clear()
    this.faults.clear()
    fill(this.world)
    this.watcher.reset()
    this.snapshot()
  }

  /** Stores the changes of one request, together with the request if the log must keep it over a restart. */
  flush(note?: Json): void {
    this.world.flush(note)
    if (this.journal?.isLong() === true) this.snapshot()
  }

  /** A request id in Azure's form; unique in this process, and cheaper than a random one. */
  requestId(): string {
    this.requests += 1
    return `${this.requestPrefix}${this.requests.toString(16).padStart(12, '0')}`
  }

  /** Writes the state and closes the files. */
  close(): void {
    this.snapshot()
    this.journal?.close()
  }

  private snapshot(): void {
    this.world.discardNotes()
    this.journal?.snapshot({
      ...this.world.describe(),
      clock: this.world.clock.describe(),
      notes: this.log.kept() as unknown as Json[],
    })
  }
}
