import type { Test } from 'tap'
import { v7 as uuidv7 } from 'uuid'
import type { Database } from '../../../src/database/engine/database.ts'
import { createPlanning, type PlanningDeps } from '../../../src/planning/create-planning.ts'
import type { Planning } from '../../../src/planning/planning.ts'
import { openEmptyDatabase, openMigrated } from '../../support/databases.ts'
import { type Demo, startDemo } from '../../support/demo.ts'

export interface PlanningFixture {
  planning: Planning
  database: Database
  demo: Demo
  /** The time that the room sees; tests move it. */
  clock: { now: Date }
}

export const START = new Date('2026-09-01T00:00:00Z')
export const TTL_MINUTES = 60

/** A database of its own, for all tests of a file: it takes seconds to make. */
export async function ownDatabase(t: Test): Promise<Database> {
  return openMigrated(openEmptyDatabase(t))
}

/** The room of planning without any plan, on a simulated Azure and a clock that stands still. */
export async function planningFixture(
  t: Test,
  database: Database,
  other: Partial<PlanningDeps> = {},
): Promise<PlanningFixture> {
  const demo = await startDemo(t)
  await database.kysely.deleteFrom('plans').execute()
  const clock = { now: START }
  const planning = createPlanning({
    database,
    takeSnapshot: demo.takeSnapshot,
    policy: { pinnedEdition: null, previewApiVersion: null },
    azure: 'simulated',
    planTtlMinutes: TTL_MINUTES,
    now: () => clock.now,
    newId: () => uuidv7(),
    ...other,
  })
  return { planning, database, demo, clock }
}
