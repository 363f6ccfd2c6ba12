import { readFile } from 'node:fs/promises'
import { ask } from './world.ts'

export interface Memory {
  /** Resident now. */
  residentMb: number
  /** The most that was ever resident. */
  peakMb: number
}

/** Linux's own account of a process. */
export async function memoryOf(pid: number): Promise<Memory> {
  const status = await readFile(`/proc/${pid}/status`, 'utf8')
  return { residentMb: megabytes(status, 'VmRSS'), peakMb: megabytes(status, 'VmHWM') }
}

/** Clock ticks per second, in which Linux counts processor time. */
const TICKS = 100

/** Seconds of processor time that these processes have used so far. */
export async function processorSecondsOf(pids: readonly number[]): Promise<number> {
  const seconds = await Promise.all(
    pids.map(async (pid) => {
      // The name of the program, in parentheses, can contain spaces.
      const fields = (await readFile(`/proc/${pid}/stat`, 'utf8')).replace(/^.*\) /, '').split(' ')
      return (Number(fields[11]) + Number(fields[12])) / TICKS
    }),
  )
  return seconds.reduce((total, count) => total + count, 0)
}

function megabytes(status: string, field: string): number {
  return Number(new RegExp(`${field}:\\s+(\\d+) kB`).exec(status)?.[1] ?? Number.NaN) / 1024
}

/** One figure of the bench: what was asked for, what was measured. */
export interface Figure {
  name: string
  value: number
  unit: string
  /** Least or most that the product promises; neither for a figure that is only shown. */
  atLeast?: number
  atMost?: number
  note?: string
}

/** Prints a figure with its promise; a missed promise is reported, never hidden. */
export function printFigure(figure: Figure): void {
  const bound =
    figure.atLeast !== undefined
      ? `at least ${figure.atLeast}`
      : figure.atMost !== undefined
        ? `at most ${figure.atMost}`
        : ''
  const verdict = bound === '' ? '' : isKept(figure) ? `(${bound}: kept)` : `(${bound}: MISSED)`
  const value = figure.value >= 100 ? Math.round(figure.value).toLocaleString('en') : figure.value.toFixed(2)
  console.log(
    `${figure.name.padEnd(70)} ${value.padStart(9)} ${figure.unit.padEnd(12)} ${verdict} ${figure.note ?? ''}`.trimEnd(),
  )
}

export function isKept(figure: Figure): boolean {
  return (
    figure.value >= (figure.atLeast ?? Number.NEGATIVE_INFINITY) &&
    figure.value <= (figure.atMost ?? Number.POSITIVE_INFINITY)
  )
}

/** The value that this share of the values, in per cent, does not exceed. */
export function percentile(values: number[], percent: number): number {
  const sorted = [...values].sort((a, b) => a - b)
  return sorted[Math.ceil((sorted.length * percent) / 100) - 1] ?? Number.NaN
}

/** The middle of the values; of an even number the lower of the two. */
export function median(values: number[]): number {
  return percentile(values, 50)
}

/** What the bench reads of a request that the simulator has kept. */
export interface LoggedCall {
  at: string
  method: string
  path: string
}

/** The calls on each cluster itself by its name, oldest first; what lies below a cluster is left out. */
export async function callsByCluster(simulatorUrl: string): Promise<Map<string, LoggedCall[]>> {
  const log = await ask<LoggedCall[]>(
    `${simulatorUrl}/simulator/requests?bodies=false&contains=/managedClusters/`,
  )
  const calls = new Map<string, LoggedCall[]>()
  for (const { at, method, path } of log) {
    const name = /\/managedClusters\/([^/?]+)(\?|$)/i.exec(path)?.[1]
    if (name === undefined) continue
    const others = calls.get(name) ?? []
    others.push({ at, method, path })
    calls.set(name, others)
  }
  return calls
}

/**
 * Milliseconds from a job's acceptance to the first call on its cluster after it, by two clocks of this machine; NaN
 * while there is none.
 */
export function firstCallMs(job: { timestamps: { acceptedAt: string } }, calls: LoggedCall[] = []): number {
  const acceptedAt = Date.parse(job.timestamps.acceptedAt)
  const first = calls.map((call) => Date.parse(call.at)).find((at) => at >= acceptedAt)
  return (first ?? Number.NaN) - acceptedAt
}
