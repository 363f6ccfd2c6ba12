import { readFile } from 'node:fs/promises'

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

function megabytes(status: string, field: string): number {
  return Number(new RegExp(`${field}:\\s+(\\d+) kB`).exec(status)?.[1] ?? Number.NaN) / 1024
}
