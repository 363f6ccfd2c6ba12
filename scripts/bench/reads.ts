import { execFile } from 'node:child_process'
import { fileURLToPath } from 'node:url'
import { promisify } from 'node:util'
import Fastify, { type FastifyInstance } from 'fastify'
import type { Database } from '../../src/database/engine/database.ts'
import { type Figure, median } from './measure.ts'
import { ask, endOf, planRequest, startWorld, type World } from './world.ts'

const ROUNDS = 7
const SECONDS = 1
const ROW = 'against a bare route that reads its row'
const ID = 'against a bare route that reads an id'

/**
 * Reads of a plan and of a job a second, against the smallest Fastify route that reads one row of the same
 * table by its key, from the same database in the same process. All take turns. Without the flags of
 * `npm start` the embedded database is faster, which makes the ratios harder to keep.
 */
export async function reads(): Promise<Figure[]> {
  const world = await startWorld()
  const bare = await bareRoutes(world.database)
  try {
    const { planId, jobId } = await finishedJob(world)
    const [plan, barePlan, job, bareJob, bareId] = await rates([
      `${world.url}/v1/plans/${planId}`,
      `${bare.url}/plans/${planId}`,
      `${world.url}/v1/jobs/${jobId}`,
      `${bare.url}/jobs/${jobId}`,
      `${bare.url}/ids/${jobId}`,
    ])
    return [
      { ...ratio(`GET /v1/plans/{planId} ${ROW}`, plan, barePlan), atLeast: 0.7 },
      { ...ratio(`GET /v1/jobs/{jobId} ${ROW}`, job, bareJob), atLeast: 0.7 },
      ratio(`GET /v1/plans/{planId} ${ID}`, plan, bareId),
      ratio(`GET /v1/jobs/{jobId} ${ID}`, job, bareId),
    ]
  } finally {
    await bare.app.close()
    await world.close()
  }
}

export async function finishedJob(
  world: World,
  cluster = 'lb-managed',
): Promise<{ planId: string; jobId: string }> {
  const plan = await ask<{ id: string; acknowledgementsRequired: string[] }>(
    `${world.url}/v1/plans`,
    planRequest(cluster, 'managedNATGateway'),
  )
  const order = { planId: plan.id, acknowledge: plan.acknowledgementsRequired }
  const job = await ask<{ id: string }>(`${world.url}/v1/jobs`, order)
  await endOf(`${world.url}/v1/jobs/${job.id}`)
  return { planId: plan.id, jobId: job.id }
}

/** The middle of the ratios of each round, with the rate itself for scale. */
export function ratio(name: string, ours: number[] = [], bare: number[] = []): Figure {
  const ratios = ours.map((value, index) => value / (bare[index] ?? Number.NaN))
  const note = `${Math.round(median(ours))} against ${Math.round(median(bare))} reads/s`
  return { name, value: median(ratios), unit: 'ratio', note }
}

/** One row by its key: with the text of the document, which any answer to these reads has to fetch, or the id alone. */
async function bareRoutes({ kysely }: Database): Promise<{ app: FastifyInstance; url: string }> {
  const app = Fastify({ logger: false })
  app.get<{ Params: { id: string } }>('/plans/:id', async ({ params }, reply) => {
    const query = kysely.selectFrom('plans').select('document').where('id', '=', params.id)
    const row = await query.executeTakeFirst()
    reply.header('content-type', 'application/json; charset=utf-8')
    return row?.document
  })
  app.get<{ Params: { id: string } }>('/jobs/:id', async ({ params }, reply) => {
    const query = kysely.selectFrom('jobs').select('view').where('id', '=', params.id)
    const row = await query.executeTakeFirst()
    reply.header('content-type', 'application/json; charset=utf-8')
    return row?.view
  })
  app.get<{ Params: { id: string } }>('/ids/:id', ({ params }) =>
    kysely.selectFrom('jobs').select('id').where('id', '=', params.id).executeTakeFirst(),
  )
  return { app, url: await app.listen({ host: '127.0.0.1', port: 0 }) }
}

export async function rates(urls: string[]): Promise<number[][]> {
  const program = fileURLToPath(new URL('./load.ts', import.meta.url))
  const given = [program, String(SECONDS), String(ROUNDS), ...urls]
  const { stdout } = await promisify(execFile)(process.execPath, given)
  return stdout
    .trim()
    .split('\n')
    .map((line) => JSON.parse(line) as number[])
}
