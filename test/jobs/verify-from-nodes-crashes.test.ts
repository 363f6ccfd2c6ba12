import t from 'tap'
import type { AzureHarness } from './support/azure-harness.ts'
import { openHarness, verifiedChange } from './support/node-verification.ts'

const harness = await openHarness(t)
/** Longer than a run-command takes. */
const RUN_MS = 58_000
const SEND = 'runCommand'

const isSend = ({ method, path }: AzureHarness['asked'][number]) => method === 'POST' && path.includes(SEND)

const READ = ['hold']
/** A request can be lost before it arrives, or its answer. */
const BOTH = ['hold', 'holdAfter']

/** Every request of a probe step. */
const POINTS = [
  {
    what: 'reads the endpoints',
    method: 'GET',
    pathPattern: 'outboundNetworkDependenciesEndpoints',
    faults: READ,
  },
  { what: 'reads the instances', method: 'GET', pathPattern: 'virtualMachineScaleSets\\?', faults: READ },
  { what: 'reads the instance', method: 'GET', pathPattern: 'virtualMachines/\\d+\\?', faults: READ },
  { what: 'sends the run-command', method: 'POST', pathPattern: SEND, faults: BOTH },
  { what: 'asks for the outcome', method: 'GET', pathPattern: 'Compute/locations', faults: BOTH },
]

/** How many requests of each kind there are up to the first run-command, and in the job before the second one. */
const calm = await verifiedChange(harness, { wish: { maxNodes: 1 } })
const second = calm.room.asked.filter(isSend)[1]
const countOf = ({ method, pathPattern }: { method: string; pathPattern: string }, until: number) =>
  calm.room.asked.filter(
    ({ method: m, path, seq }) => m === method && new RegExp(pathPattern).test(path) && seq < until,
  ).length

for (const point of POINTS)
  for (const step of ['before', 'after'])
    for (const fault of point.faults)
      t.test(
        `completes after the worker dies in probe-nodes-${step}: ${point.what} (${fault})`,
        async (t) => {
          const { method, pathPattern } = point
          // In the second step, the first request of each kind follows the requests of the first step.
          const isRead = point.what.startsWith('reads')
          const until = second?.seq ?? 0
          const total = countOf(point, Number.MAX_SAFE_INTEGER)
          const nth = step === 'before' ? 1 : isRead ? total : countOf(point, until) + 1
          const { room, job } = await verifiedChange(harness, {
            rules: [{ match: { method, pathPattern, nth }, fault: { kind: fault } }],
            dies: true,
            wish: { maxNodes: 1 },
          })
          t.match(job, { status: 'Succeeded', nodeVerification: { lost: [] } })
          t.equal((await room.strikes()).at(-1), 1, 'the worker has died')
          const posts = room.asked.filter(isSend)
          t.equal(posts.length, point.pathPattern === SEND ? 3 : 2, 'only a lost run-command is repeated')
          const early = posts.filter(({ at }, index) =>
            posts.slice(0, index).some((other) => at - other.at < RUN_MS),
          )
          t.strictSame(early, [], 'no second run-command while the first could be in progress')
        },
      )

t.test('completes after the worker dies while it measures after a rollback', async (t) => {
  // One run-command for each measurement: before, after, confirmed, and after the rollback.
  const { room, job } = await verifiedChange(harness, {
    wish: { endpoints: ['https://partner.example.com/'], maxNodes: 1 },
    onFailure: 'rollBack',
    rules: [{ match: { method: 'POST', pathPattern: SEND, nth: 4 }, fault: { kind: 'holdAfter' } }],
    dies: true,
  })
  t.match(job, { status: 'Failed', rollback: { status: 'Succeeded' } })
  t.match(job.nodeVerification?.afterRollback, { outcome: 'restored' })
  t.equal(room.asked.filter(isSend).length, 5, 'only the run-command with the lost answer is repeated')
})
