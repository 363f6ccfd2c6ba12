import { startPostgres } from '../../test/support/databases.ts'
import { type Figure, percentile } from './measure.ts'
import { ask, planRequest, startWorld, type World } from './world.ts'

const JOBS = 30
const LIKE = 'lb-managed'
const FINAL = ['Succeeded', 'Failed', 'Canceled']

interface Job {
  id: string
  status: string
}

/** How long after an event the poll that waits for it is answered, its commit included, on each engine that is here. */
export async function wakeUp(): Promise<Figure[]> {
  const embedded = await measured('the embedded engine', null)
  const ends: (() => unknown)[] = []
  const test = { comment: console.log, teardown: (end: () => unknown) => void ends.unshift(end) }
  try {
    const url = process.env.DATABASE_URL ?? (await startPostgres(test))
    return url === null ? embedded : [...embedded, ...(await measured('a server', url))]
  } finally {
    for (const end of ends) await end()
  }
}

async function measured(engine: string, databaseUrl: string | null): Promise<Figure[]> {
  const world = await startWorld(databaseUrl)
  try {
    await ask(`${world.simulatorUrl}/simulator/reset`, { fleet: { count: JOBS, like: LIKE } })
    const waits: number[] = []
    // One after the other: what is measured is the way of the word, not the work of others.
    for (let index = 1; index <= JOBS; index++) waits.push(...(await waitsOf(world, index)))
    const name = `from an event to the answer of the poll that waits, ${engine}`
    return [
      { name: `${name}, p50`, value: percentile(waits, 50), unit: 'ms', note: `${waits.length} answers` },
      { name: `${name}, p99`, value: percentile(waits, 99), unit: 'ms', atMost: 100 },
    ]
  } finally {
    await world.close()
  }
}

async function waitsOf({ url }: World, index: number): Promise<number[]> {
  const cluster = `${LIKE}-${String(index).padStart(4, '0')}`
  const plan = await ask<{ id: string; acknowledgementsRequired: string[] }>(
    `${url}/v1/plans`,
    planRequest(cluster, 'managedNATGateway'),
  )
  const order = { planId: plan.id, acknowledge: plan.acknowledgementsRequired }
  const { id } = await ask<Job>(`${url}/v1/jobs`, order)
  const answeredAt = new Map<number, number>()
  for (let etag = '"1"', status = ''; !FINAL.includes(status); ) {
    const headers = { prefer: 'wait=30', 'if-none-match': etag }
    const answer = await fetch(`${url}/v1/jobs/${id}`, { headers })
    const now = Date.now()
    etag = answer.headers.get('etag') ?? ''
    answeredAt.set(Number(JSON.parse(etag)), now)
    status = ((await answer.json()) as Job).status
  }
  const { items } = await ask<{ items: { sequence: number; at: string }[] }>(
    `${url}/v1/jobs/${id}/events?limit=1000`,
  )
  return items.flatMap(({ sequence, at }) => {
    const answered = answeredAt.get(sequence)
    return answered === undefined ? [] : [answered - Date.parse(at)]
  })
}
