import { getHeapStatistics } from 'node:v8'
import underPressure from '@fastify/under-pressure'
import type { FastifyInstance } from 'fastify'
import { Problem } from './problems.ts'

/** What counts as exhausted; 0 leaves a measure out. */
export interface PressureLimits {
  /** Mean delay of the event loop over one sample, in milliseconds. */
  eventLoopDelayMs: number
  heapBytes: number
  /** Of the whole process; 0 where the machine sets no limit. */
  residentBytes: number
  /** Between two looks, in milliseconds. */
  sampleMs: number
}

/** Below this share of a limit of memory there is room to answer; above it the process is about to be ended. */
const FULL = 0.95

/**
 * A mean of one second over five is a process that does nothing but wait for itself. A single long turn of
 * the loop, such as a large query of the embedded database, is far from it: three seconds without a turn
 * make a mean of some 25 ms.
 */
export function defaultPressureLimits(): PressureLimits {
  // 0 or more than there can be: no limit.
  const allowed = process.constrainedMemory()
  return {
    eventLoopDelayMs: 1_000,
    heapBytes: FULL * getHeapStatistics().heap_size_limit,
    residentBytes: allowed > 0 && allowed < Number.MAX_SAFE_INTEGER ? FULL * allowed : 0,
    sampleMs: 5_000,
  }
}

/** Refuses requests with a 503 while the process is exhausted. `GET /healthz` still tells that it lives. */
export async function refuseUnderPressure(app: FastifyInstance, limits: PressureLimits): Promise<void> {
  await app.register(underPressure, {
    sampleInterval: limits.sampleMs,
    maxEventLoopDelay: limits.eventLoopDelayMs,
    maxHeapUsedBytes: limits.heapBytes,
    maxRssBytes: limits.residentBytes,
    pressureHandler: async ({ routeOptions }, _reply, type) => {
      if (routeOptions.config.evenUnderPressure === true) return
      throw new Problem('OVERLOADED', { facts: { exhausted: type } })
    },
  })
}
