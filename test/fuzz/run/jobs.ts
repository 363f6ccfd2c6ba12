import { setTimeout as pause } from 'node:timers/promises'
import type { FuzzedService } from './service.ts'

interface Job {
  id: string
  status: string
  schedule: unknown
}

const UNFINISHED = ['NotStarted', 'Running']
const LIMIT_MS = 60_000

/** Cancels what waits for a time of its own, and waits until the others have ended by themselves. */
export async function endJobs(service: FuzzedService, ids: string[]): Promise<void> {
  const end = Date.now() + LIMIT_MS
  for (const id of ids)
    for (
      let job = await read(service, id);
      UNFINISHED.includes(job?.status ?? '');
      job = await read(service, id)
    ) {
      if (job?.status === 'NotStarted' && job.schedule !== null)
        await ask(service, `/v1/jobs/${id}/cancellation`, 'POST')
      if (Date.now() > end) throw new Error(`the job ${id} has not ended: ${JSON.stringify(job)}`)
      await pause(10)
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
