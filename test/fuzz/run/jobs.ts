import { setTimeout as pause } from 'node:timers/promises'
import type { FuzzedService } from './service.ts'

interface Job {
  id: string
  status: string
  schedule: unknown
  hold: { status: string } | null
}

const UNFINISHED = ['NotStarted', 'Running']
const LIMIT_MS = 60_000
const PAUSE_MS = 50

/** Cancels the jobs that wait for a time of their own, which may be days off, and releases those that wait for somebody. */
export async function cancelWaiting(service: FuzzedService, ids: string[]): Promise<void> {
  for (const id of ids) {
    const job = await read(service, id)
    if (job?.status === 'NotStarted' && job.schedule !== null)
      await ask(service, `/v1/jobs/${id}/cancellation`, 'POST')
    else if (job?.hold !== null && job?.hold.status !== 'Released')
      await ask(service, `/v1/jobs/${id}/release`, 'POST')
  }
}

/** Waits until jobs have ended by themselves. */
export async function endOfJobs(service: FuzzedService, ids: Iterable<string>): Promise<void> {
  const end = Date.now() + LIMIT_MS
  for (const id of ids)
    for (
      let job = await read(service, id);
      UNFINISHED.includes(job?.status ?? '');
      job = await read(service, id)
    ) {
      if (Date.now() > end) throw new Error(`the job ${id} has not ended: ${JSON.stringify(job)}`)
      await pause(PAUSE_MS)
    }
}

/** Ids of jobs that have not ended. */
export async function unfinishedJobs(service: FuzzedService): Promise<string[]> {
  const lists = await Promise.all(
    UNFINISHED.map((status) => ask(service, `/v1/jobs?status=${status}&limit=100`)),
  )
  const bodies = await Promise.all(lists.map((each) => each.json() as Promise<{ items: Job[] }>))
  return bodies.flatMap(({ items }) => items.map(({ id }) => id))
}

async function read(service: FuzzedService, id: string): Promise<Job | null> {
  const answer = await ask(service, `/v1/jobs/${id}`)
  return answer.ok ? ((await answer.json()) as Job) : null
}

function ask({ url, tokens }: FuzzedService, path: string, method = 'GET'): Promise<Response> {
  return fetch(url + path, { method, headers: { authorization: tokens.get('maker') ?? '' } })
}
