import Fastify, { type FastifyInstance } from 'fastify'
import type { Database } from '../../src/database/engine/database.ts'
import type { Figure } from './measure.ts'
import { finishedJob, rates, ratio } from './reads.ts'
import { ask, startWorld } from './world.ts'

const LIKE = 'lb-managed'
/** As many as the load has connections: no read is shared, unless all poll the first job. */
const JOBS = 10

/**
 * Polls per second that find nothing new, in two comparisons. The first is the smallest Fastify route that reads the
 * version of the same row and answers 304. The second is a route that reads nothing. All take turns in the same
 * process.
 */
export async function polling(): Promise<Figure[]> {
  const world = await startWorld()
  const bare = await bareRoutes(world.database)
  try {
    await ask(`${world.simulatorUrl}/simulator/reset`, { fleet: { count: JOBS, like: LIKE } })
    const names = Array.from({ length: JOBS }, (_, index) => `${LIKE}-${String(index + 1).padStart(4, '0')}`)
    const done = await Promise.all(names.map((name) => finishedJob(world, name)))
    const jobs = await tagged(done.map(({ jobId }) => `${world.url}/v1/jobs/${jobId}`))
    const plans = await tagged(done.map(({ planId }) => `${world.url}/v1/plans/${planId}`))
    const bareJobs = done.map(({ jobId }) => `${bare.url}/jobs/${jobId}#x`)
    const barePlans = done.map(({ planId }) => `${bare.url}/plans/${planId}#x`)
    const [job, bareJob, plan, barePlan, one, nothing] = await rates([
      jobs.join(','),
      bareJobs.join(','),
      plans.join(','),
      barePlans.join(','),
      jobs[0] ?? '',
      `${bare.url}/nothing#x`,
    ])
    const row = 'against a bare route that reads its version'
    return [
      { ...ratio(`304 of GET /v1/jobs/{jobId} ${row}`, job, bareJob), atLeast: 0.7 },
      { ...ratio(`304 of GET /v1/plans/{planId} ${row}`, plan, barePlan), atLeast: 0.7 },
      ratio('304 of one job that ten poll, against the same', one, bareJob),
      ratio('304 of one job that ten poll, against a route without a database', one, nothing),
    ]
  } finally {
    await bare.app.close()
    await world.close()
  }
}

function tagged(urls: string[]): Promise<string[]> {
  return Promise.all(urls.map(async (url) => `${url}#${(await fetch(url)).headers.get('etag')}`))
}

async function bareRoutes({ kysely }: Database): Promise<{ app: FastifyInstance; url: string }> {
  const app = Fastify({ logger: false })
  app.get<{ Params: { id: string } }>('/jobs/:id', async ({ params }, reply) => {
    const query = kysely.selectFrom('jobs').select('log_length').where('id', '=', params.id)
    const row = await query.executeTakeFirst()
    return reply.code(304).header('etag', `"${row?.log_length}"`).send()
  })
  app.get<{ Params: { id: string } }>('/plans/:id', async ({ params }, reply) => {
    const query = kysely.selectFrom('plans').select('state').where('id', '=', params.id)
    const row = await query.executeTakeFirst()
    return reply.code(304).header('etag', `"${row?.state}"`).send()
  })
  app.get('/nothing', async (_request, reply) => reply.code(304).header('etag', '"1"').send())
  return { app, url: await app.listen({ host: '127.0.0.1', port: 0 }) }
}
