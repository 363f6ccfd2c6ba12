import {
  closeSync,
  existsSync,
  fsyncSync,
  mkdirSync,
  openSync,
  readFileSync,
  renameSync,
  truncateSync,
  writeSync,
} from 'node:fs'
import { dirname } from 'node:path'
import type { Json, JsonObject } from '../lib/json.ts'
import type { ClockAnchor } from './clock.ts'
import type { Operation } from './operation.ts'

/** The changes of one request. Null marks a removed resource. */
export interface JournalEntry {
  resources: [string, JsonObject | null][]
  operations: Operation[]
  counter: number
  clock: ClockAnchor
  /** The log entry of the request that made the changes, if the log keeps that request over restarts. */
  note: Json
}

/** The whole state, as the snapshot file holds it. */
export interface PersistedState {
  resources: JsonObject[]
  operations: Operation[]
  counter: number
  clock: ClockAnchor
  notes: Json[]
}

/** A journal that exceeds this size is replaced by a snapshot. */
const MAX_JOURNAL_BYTES = 32 * 1024 * 1024

/**
 * The version of the files: journal lines with an older epoch than the snapshot are already in the snapshot, or were
 * removed by a reset.
 */
interface WithEpoch {
  epoch: number
}

/**
 * The simulator's memory on disk: a snapshot (`stateFile`) and beside it a journal (`stateFile.journal`), one line
 * per changing request. A line is written before the request is answered, so a `kill -9` loses no acknowledged
 * change. Writing the whole state at every change would cost megabytes per request with a large fleet.
 */
export class Journal {
  private readonly stateFile: string
  private readonly file: number
  private epoch = 0
  private written = 0

  constructor(stateFile: string) {
    mkdirSync(dirname(stateFile), { recursive: true })
    this.stateFile = stateFile
    this.file = openSync(`${stateFile}.journal`, 'a')
  }

  /** Adds one line. When this returns, the operating system has the line, so only a crash of the machine can lose it. */
  append(entry: JournalEntry): void {
    const line: JournalEntry & WithEpoch = { ...entry, epoch: this.epoch }
    this.written += writeSync(this.file, `${JSON.stringify(line)}\n`)
  }

  /** True if the journal is so large that a new snapshot is due. */
  isLong(): boolean {
    return this.written > MAX_JOURNAL_BYTES
  }

  /** The error names an unreadable file and its remedy: the file contains only the simulation. */
  private readState(): PersistedState & WithEpoch {
    try {
      return JSON.parse(readFileSync(this.stateFile, 'utf8')) as PersistedState & WithEpoch
    } catch (cause) {
      const remedy = 'delete the file to start with the demo fleet'
      throw new Error(`The state of the simulator in ${this.stateFile} cannot be read; ${remedy}.`, {
        cause,
      })
    }
  }

  /**
   * Snapshot plus journal; undefined if nothing was stored. An incomplete last line belongs to a request without a
   * response, and is omitted.
   */
  read(): PersistedState | undefined {
    if (!existsSync(this.stateFile)) return undefined
    const state = this.readState()
    this.epoch = state.epoch
    const resources = new Map(state.resources.map((body) => [String(body.id).toLowerCase(), body]))
    const operations = new Map(state.operations.map((operation) => [operation.id, operation]))
    let { counter, clock } = state
    const notes = [...state.notes]
    for (const entry of readEntries(`${this.stateFile}.journal`)) {
      if (entry.epoch !== state.epoch) continue
      for (const [key, body] of entry.resources) {
        if (body === null) resources.delete(key)
        else resources.set(key, body)
      }
      for (const operation of entry.operations) operations.set(operation.id, operation)
      if (entry.note !== null) notes.push(entry.note)
      counter = entry.counter
      clock = entry.clock
    }
    return { resources: [...resources.values()], operations: [...operations.values()], counter, clock, notes }
  }

  /**
   * Writes a new snapshot and empties the journal. The snapshot is renamed into place; after a crash between the two
   * steps, the remaining lines have an older epoch and are skipped.
   */
  snapshot(state: PersistedState): void {
    const draft = `${this.stateFile}.new`
    const file = openSync(draft, 'w')
    this.epoch += 1
    const dated: PersistedState & WithEpoch = { ...state, epoch: this.epoch }
    writeSync(file, JSON.stringify(dated))
    fsyncSync(file)
    closeSync(file)
    renameSync(draft, this.stateFile)
    truncateSync(`${this.stateFile}.journal`, 0)
    this.written = 0
  }

  close(): void {
    closeSync(this.file)
  }
}

function readEntries(path: string): (JournalEntry & WithEpoch)[] {
  if (!existsSync(path)) return []
  return readFileSync(path, 'utf8')
    .split('\n')
    .flatMap((line) => {
      try {
        return line === '' ? [] : [JSON.parse(line) as JournalEntry & WithEpoch]
      } catch {
        return []
      }
    })
}
