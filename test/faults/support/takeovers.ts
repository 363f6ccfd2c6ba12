import type { StartedProcess } from '../../support/start-service.ts'

interface TickLine {
  msg: string
  tick: string
  jobId: string
  time: number
}

/**
 * Reads in the logs of workers (LOG_LEVEL debug) which ticks each has under way, and how long after a worker's death
 * another one takes what it had. The times are those of the log's lines, in milliseconds.
 */
export class Takeovers {
  /** By worker, the ticks that it has taken and not done, with the job of each. */
  readonly #underWay = new Map<StartedProcess, Map<string, string>>()
  /** By tick, when the worker that had it was killed. */
  readonly #orphans = new Map<string, number>()
  readonly #delays: number[] = []
  readonly #lines = new Map<StartedProcess, number>()

  /** Follows a worker from now on. */
  read(worker: StartedProcess): void {
    this.#underWay.set(worker, new Map())
    this.#lines.set(worker, 0)
  }

  /** To be called at the moment at which a worker is killed. */
  killed(worker: StartedProcess): void {
    this.#catchUp()
    const now = Date.now()
    for (const tick of this.#underWay.get(worker)?.keys() ?? []) this.#orphans.set(tick, now)
    this.#underWay.delete(worker)
    this.#lines.delete(worker)
  }

  /** Whether a worker has a tick under way, as far as its log has come. */
  isBusy(worker: StartedProcess): boolean {
    this.#catchUp()
    return (this.#underWay.get(worker)?.size ?? 0) > 0
  }

  figures(): { taken: number; p50: number; max: number } {
    this.#catchUp()
    const sorted = this.#delays.toSorted((a, b) => a - b)
    return {
      taken: sorted.length,
      p50: sorted[Math.floor(sorted.length / 2)] ?? 0,
      max: sorted.at(-1) ?? 0,
    }
  }

  #catchUp(): void {
    for (const [worker, done] of this.#lines) {
      const fresh = worker.lines.slice(done)
      this.#lines.set(worker, done + fresh.length)
      for (const line of fresh) if (line.includes('"tick":')) this.#see(worker, JSON.parse(line) as TickLine)
    }
  }

  #see(worker: StartedProcess, { msg, tick, jobId, time }: TickLine): void {
    const own = this.#underWay.get(worker)
    if (msg !== 'tick taken') {
      own?.delete(tick)
      return
    }
    own?.set(tick, jobId)
    const since = this.#orphans.get(tick)
    if (since === undefined) return
    this.#orphans.delete(tick)
    this.#delays.push(time - since)
  }
}
