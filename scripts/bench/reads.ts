import { execFile } from 'node:child_process'
import { fileURLToPath } from 'node:url'
import { promisify } from 'node:util'
import Fastify, { type FastifyInstance } from 'fastify'
import type { Database } from '../../src/database/database.ts'
import { type Figure, median } from './report.ts'
import { ask, endOf, planRequest, startWorld } from './world.ts'

const ROUNDS = 5
const SECONDS = 2

/**
 * Reads of a plan and of a job a second, against the smallest Fastify route that reads one row of the same
 * table by its key, from the same database in the same process. The three take turns.
 */
export async function reads(): Promise<Figure[]> {
  const world = await startWorld()
  const plan = await ask<{ id: string; acknowledgementsRequired: string[] }>(
    `${world.url}/v1/plans`,
    planRequest('lb-managed', 'managedNATGateway'),
  )
  const order = { planId: plan.id, acknowledge: plan.acknowledgementsRequired }
  const job = await ask<{ id: string }>(`${world.url}/v1/jobs`, order)
  await endOf(`${world.url}/v1/jobs/${job.id}`)
  const bare = await bareRoutes(world.database)
  const rates: Record<string, number[]> = { barePlan: [], plan: [], bareJob: [], job: [] }
  for (let round = 0; round < ROUNDS; round++) {
    rates.barePlan?.push(await rate(`${bare.url}/plans/${plan.id}`))
    rates.plan?.push(await rate(`${world.url}/v1/plans/${plan.id}`))
    rates.bareJob?.push(await rate(`${bare.url}/jobs/${job.id}`))
    rates.job?.push(await rate(`${world.url}/v1/jobs/${job.id}`))
  }
  await bare.app.close()
  await world.close()
  return [
    ...ratio('GET /v1/plans/{planId}', rates.plan ?? [], rates.barePlan ?? []),
    ...ratio('GET /v1/jobs/{jobId}', rates.job ?? [], rates.bareJob ?? []),
  ]
}

function ratio(name: string, ours: number[], bare: number[]): Figure[] {
  const ratios = ours.map((value, index) => value / (bare[index] ?? Number.NaN))
  return [
    {
      name: `${name} against a bare route that reads its row`,
      value: median(ratios),
      unit: 'ratio',
      atLeast: 0.7,
    },
    { name: `${name}, for scale`, value: median(ours), unit: 'reads/s' },
  ]
}

/** One row by its key, the text of the document included: what any answer to these reads has to fetch. */
async function bareRoutes(database: Database): Promise<{ app: FastifyInstance; url: string }> {
  const app = Fastify({ logger: false })
  app.get<{ Params: { id: string } }>('/plans/:id', async ({ params }, reply) => {
    const row = await database.kysely
      .selectFrom('plans')
      .select('document')
      .where('id', '=', params.id)
      .executeTakeFirst()
    reply.header('content-type', 'application/json; charset=utf-8')
    return row?.document
  })
  app.get<{ Params: { id: string } }>('/jobs/:id', async ({ params }, reply) => {
    const row = await database.kysely
      .selectFrom('jobs')
      .select('view')
      .where('id', '=', params.id)
      .executeTakeFirst()
    reply.header('content-type', 'application/json; charset=utf-8')
    return row?.view
  })
  return { app, url: await app.listen({ host: '127.0.0.1', port: 0 }) }
}

async function rate(url: string): Promise<number> {
  const program = fileURLToPath(new URL('./load.ts', import.meta.url))
  const { stdout } = await promisify(execFile)(process.execPath, [program, url, String(SECONDS)])
  return Number(stdout)
}
