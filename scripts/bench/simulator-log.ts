import { ask } from './world.ts'

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
