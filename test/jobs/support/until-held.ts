import type { Job } from '../../../src/core/job/job.ts'
import type { Room } from './room.ts'

/** Runs ticks until the job waits for a release. */
export async function untilHeld(room: Room, id: string): Promise<Job> {
  for (let ticks = 0; ticks < 50; ticks++) {
    const job = await room.jobs.get(id)
    if (job.hold?.status === 'Held') return job
    await room.runOne()
  }
  throw new Error('the job was never held')
}
