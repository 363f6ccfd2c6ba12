import t from 'tap'
import { v7 as uuidv7 } from 'uuid'
import type { Origin } from '../../src/core/audit/audit.ts'
import type { Precondition } from '../../src/core/precondition.ts'
import { createAudit } from '../../src/database/audit.ts'
import { closePlan, planStatus } from '../../src/database/plan-store.ts'
import { createJobs } from '../../src/jobs/create-jobs.ts'
import type { Jobs } from '../../src/jobs/jobs.ts'
import { createPlanning } from '../../src/planning/create-planning.ts'
import { ANY_POLICY } from '../support/a-plan.ts'
import { meanwhile } from '../support/meanwhile.ts'
import { engines, migrated } from '../support/postgres.ts'
import { Room } from './support/room.ts'
import { untilHeld } from './support/until-held.ts'

const ORIGIN: Origin = {
  actor: { id: 'ann-id', kind: 'user', name: 'ann', appId: null },
  operation: 'test',
  address: null,
  userAgent: null,
  requestId: 'r-1',
}

/** Lets one version through, and keeps those that it was asked about. */
function only(wanted: string): { precondition: Precondition; asked: string[] } {
  const asked: string[] = []
  const precondition = (version: string) => {
    asked.push(version)
    if (version !== wanted) throw new Error('another version')
  }
  return { precondition, asked }
}

type Ask = (jobs: Jobs, id: string, precondition: Precondition) => Promise<unknown>
const ASKS: Record<'cancel' | 'release', Ask> = {
  cancel: (jobs, id, precondition) => jobs.cancel(id, 'ann', false, ORIGIN, undefined, precondition),
  release: (jobs, id, precondition) => jobs.release(id, 'ann', null, ORIGIN, undefined, precondition),
}

for (const engine of await engines(t))
  t.test(`on ${engine.name}`, async (t) => {
    const database = await migrated(engine.open(t))
    const audit = createAudit({ database, now: () => new Date(), newId: () => uuidv7() })
    const rows = async (of: object) => (await audit.list({ limit: 10, cursor: null, ...of })).items.length

    for (const [name, ask] of Object.entries(ASKS)) {
      t.test(`${name} has no effect on a job that moves on between look and effect`, async (t) => {
        const room = new Room(database)
        const { id } = await room.accept(undefined, { holdBeforeCutOver: true })
        const { version } = await room.jobs.getVersion(id)
        const late = { ...room.deps, database: meanwhile(database, () => room.runOne()) }
        const { precondition, asked } = only(version)
        await t.rejects(ask(createJobs(late), id, precondition), { message: 'another version' })
        const now = await room.jobs.getVersion(id)
        t.not(now.version, version, 'it has moved on')
        t.strictSame(asked, [version, now.version], 'it was as read at the look, and not at the effect')
        const held = await untilHeld(room, id)
        t.match(held, { timestamps: { cancelRequestedAt: null }, hold: { releasedAt: null } })
        t.equal(await rows({ jobId: id }), 0, 'and nothing says that it was done')

        const { version: present } = await room.jobs.getVersion(id)
        await ask(room.jobs, id, only(present).precondition)
        t.equal(await rows({ jobId: id }), 1)
        if (name === 'release') await room.jobs.cancel(id, 'ann')
        await room.run()
      })

      t.test(`${name} is had of a job that was only looked at in between`, async () => {
        const room = new Room(database)
        const { id } = await room.accept(undefined, { holdBeforeCutOver: true })
        const job = await untilHeld(room, id)
        const { version } = await room.jobs.getVersion(id)
        const late = { ...room.deps, database: meanwhile(database, () => room.runOne()) }
        const { precondition, asked } = only(version)
        await ask(createJobs(late), id, precondition)
        t.strictSame(asked, [version, version], 'a worker was faster, and had nothing to write')
        t.not((await room.jobs.get(id)).hold?.status, job.hold?.status)
        await room.run()
      })
    }

    t.test('a plan that changes between look and effect is not executed', async (t) => {
      const room = new Room(database)
      const { id: planId } = await room.plan()
      const late = {
        ...room.deps,
        database: meanwhile(database, () => closePlan(database.kysely, planId, 'discarded')),
      }
      const order = { planId, reason: null, by: 'ann' }
      const { acknowledgementsRequired: acknowledge } = await room.plan()
      const { precondition, asked } = only('applicable')
      const accepted = createJobs(late).accept({ ...order, acknowledge }, ORIGIN, undefined, precondition)
      await t.rejects(accepted, { message: 'another version' })
      t.strictSame(asked, ['applicable', 'discarded'])
      t.equal(await rows({ planId }), 0)
    })

    t.test('a plan that changes just before it is discarded is left as it is', async (t) => {
      const room = new Room(database)
      const { id: planId } = await room.plan()
      const others = () => closePlan(database.kysely, planId, 'stale')
      const { takeSnapshot, azure, now, newId } = room.deps
      const planning = createPlanning({
        database: meanwhile(database, others),
        policy: ANY_POLICY,
        planTtlMinutes: 60,
        ...{ takeSnapshot, azure, now, newId },
      })
      const { precondition, asked } = only('applicable')
      await t.rejects(planning.discardPlan(planId, ORIGIN, precondition), { message: 'another version' })
      t.strictSame(asked, ['stale'], 'asked where the plan is locked, and only there')
      t.equal(await planStatus(database.kysely, planId, now()), 'stale')
      t.equal(await rows({ planId }), 0)
      await planning.discardPlan(planId, ORIGIN, only('stale').precondition)
      t.equal(await rows({ planId }), 1)
    })
  })
