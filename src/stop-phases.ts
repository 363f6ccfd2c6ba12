import type { Logger } from './core/lib/logger.ts'
import { withTimeout } from './lib/with-timeout.ts'

/**
 * The phases of a stop, in order: work that is under way ends and no new one begins; then what it was ordered by; then
 * what it was kept in; then what stands in for Azure; then what operators see of it; last, other processes may have the
 * folder. A phase that takes longer than its limit, in milliseconds, is left behind: together they take less than the
 * 30 s that orchestrators give.
 */
const PHASES = {
  work: 15_000,
  queue: 3_000,
  database: 2_000,
  azure: 1_000,
  telemetry: 2_000,
  folder: 1_000,
} as const
export type StopPhase = keyof typeof PHASES

type StopLogger = Pick<Logger, 'info' | 'error'>

interface Part {
  phase: StopPhase
  name: string
  stop: () => Promise<unknown>
}

/** Stops a process in phases; the parts of one phase stop at the same time. */
export class StopPhases {
  readonly #parts: Part[] = []
  #running: Promise<void> | null = null

  add(phase: StopPhase, name: string, stop: () => Promise<unknown>): void {
    this.#parts.push({ phase, name, stop })
  }

  /** Never rejects; a part that fails, or takes too long, keeps no other from stopping. Once, however often it is called. */
  run(logger: StopLogger): Promise<void> {
    this.#running ??= this.#runAll(logger)
    return this.#running
  }

  async #runAll(logger: StopLogger): Promise<void> {
    for (const [phase, limitMs] of Object.entries(PHASES)) {
      const parts = this.#parts.filter((part) => part.phase === phase)
      const start = performance.now()
      await Promise.all(parts.map((part) => stopPart(part, limitMs, logger)))
      if (parts.length > 0) logger.info({ phase, ms: Math.round(performance.now() - start) }, 'stopped')
    }
  }
}

async function stopPart({ phase, name, stop }: Part, limitMs: number, logger: StopLogger): Promise<void> {
  try {
    await withTimeout(stop(), limitMs, () => new Error(`not within ${limitMs} ms`))
  } catch (error) {
    logger.error({ err: error, phase, part: name }, 'did not stop cleanly')
  }
}
