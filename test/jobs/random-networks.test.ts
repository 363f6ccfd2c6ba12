import fc from 'fast-check'
import t from 'tap'
import type { Plan } from '../../src/contract/plan.ts'
import { openEmptyDatabase, openMigrated } from '../support/databases.ts'
import { assertAllAnnounced } from '../support/watcher.ts'
import { type AzureHarness, azureHarnesses } from './support/azure-harness.ts'
import { type RandomChange, randomChange } from './support/random-change.ts'

/** `npm run test:deep` sets 300. */
const NETWORKS = Number(process.env.RANDOM_NETWORKS ?? 8)

/** Always the same networks, unless another seed is given. */
const SEED = Number(process.env.RANDOM_SEED ?? 5)

/** The plan of the first wish that can be executed. */
async function firstPlan(room: AzureHarness, { wishes }: RandomChange): Promise<Plan | null> {
  for (const { target, rest } of wishes) {
    const plan = await room.plan('demo', target, rest)
    if (plan.status === 'applicable') return plan
  }
  return null
}

t.test('no job in a random network, and no rollback of it, has an unannounced incident', async (t) => {
  const rooms = await azureHarnesses(t, await openMigrated(openEmptyDatabase(t)))
  const counts = { networks: 0, jobs: 0, rollbacks: 0 }
  const execute = async (room: AzureHarness, plan: Plan): Promise<void> => {
    await room.accept(plan)
    await room.run()
    await assertAllAnnounced(room.demo.url, async () => room.executed)
  }
  await fc.assert(
    fc.asyncProperty(randomChange, async (change) => {
      const room = await rooms()
      await room.demo.control('reset', { resources: change.resources })
      const plan = await firstPlan(room, change)
      counts.networks++
      if (plan === null) return
      await execute(room, plan)
      counts.jobs++
      if (plan.rollback.target === null) return
      const back = await room.plan('demo', plan.rollback.target)
      if (back.status !== 'applicable') return
      await execute(room, back)
      counts.rollbacks++
    }),
    // A smaller example would take a job for each attempt.
    { numRuns: NETWORKS, seed: SEED, endOnFailure: true },
  )
  t.comment(`${counts.networks} networks, ${counts.jobs} jobs, ${counts.rollbacks} rollbacks`)
  t.ok(counts.jobs > counts.networks / 2, 'a job was executed in most networks')
})
