import t from 'tap'
import { openHarness, verifiedChange } from './support/node-verification.ts'

const harness = await openHarness(t)
/** Longer than a run-command takes. */
const RUN_MS = 58_000

for (const fault of ['hold', 'holdAfter'])
  for (const [nth, step] of [
    [1, 'before'],
    [2, 'after'],
  ] as const)
    t.test(`completes after the worker dies in the step probe-nodes-${step} (${fault})`, async (t) => {
      const match = { method: 'POST', pathPattern: 'runCommand', nth }
      const rules = [{ match, fault: { kind: fault } }]
      const { room, job } = await verifiedChange(harness, { rules, dies: true, wish: { maxNodes: 1 } })
      t.match(job, { status: 'Succeeded', nodeVerification: { lost: [] } })
      const posts = room.asked.filter(({ method, path }) => method === 'POST' && /runCommand/.test(path))
      t.equal(posts.length, 3, 'one is repeated')
      const early = posts.filter(({ at }, index) =>
        posts.slice(0, index).some((other) => at - other.at < RUN_MS),
      )
      t.strictSame(early, [], 'no second run-command while the first could be in progress')
    })
