import type { Logger } from './core/lib/logger.ts'
import { withTimeout } from './lib/promises.ts'

/**
 * The phases of a stop, in order, each with its limit in milliseconds. Running work ends and no new work starts. Then
 * the queue, the database, the simulator and telemetry stop. Last, the folder is released. A phase that exceeds its
 * limit is abandoned. All phases together take less than the 30 s that orchestrators allow.
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

  /** Never rejects; a part that fails or takes too long does not prevent other parts from stopping. Idempotent. */
  run(logger: StopLogger): Promise<void> {
    this.#running ??= this.#runAll(logger)
    return this.#running
  }

  async #runAll(logger: StopLogger): Promise<void> {
    for (const [phase, limitMs] of Object.entries(PHASES)) {
      const parts = this.#parts.filter((part) => part.phase === phase)
      const start = performance.now()
      await Promise.all(parts.map((part) => stopPart(part, limitMs, logger)))
      if (parts.length > 0) logger.info({ phase, ms: Math.round(performance.now() - start) }, 'phase stopped')
    }
  }
}

async function stopPart({ phase, name, stop }: Part, limitMs: number, logger: StopLogger): Promise<void> {
  try {
    await withTimeout(stop(), limitMs, () => new Error(`stop takes longer than ${limitMs} ms`))
  } catch (error) {
    logger.error({ err: error, phase, part: name }, 'part not stopped cleanly')
  }
}
