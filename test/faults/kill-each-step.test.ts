import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import t, { type Test } from 'tap'
import { type StartedProcess, startService, startSimulatorProcess } from '../support/start-service.ts'

/** Simulated time runs this much faster: an outbound-type change of 172 s takes 1.7 s. */
const TIME_SCALE = '100'
/** Every read of the cluster takes this long, so that a kill meets the step that it is meant for. */
const READ_DELAY_MS = 600
const CLUSTER_READ = 'managedClusters/[^/?]+\\?'
const GROUP = { subscriptionId: '11111111-1111-1111-1111-111111111111', resourceGroup: 'rg-demo' }

interface Case {
  cluster: string
  target: string
  acknowledge: string[]
  /** The steps of the plan, and how many of them write. */
  steps: string[]
  writes: number
}

const WIDENING: Case = {
  cluster: 'lb-byo-ranges',
  target: 'userAssignedNATGateway',
  acknowledge: [],
  steps: [
    'check-freshness',
    'widen-authorized-ranges',
    'await-range-propagation',
    'change-outbound-type',
    'verify',
    'discover-egress-ips',
  ],
  writes: 2,
}

const LATE_AUTHORIZATION: Case = {
  cluster: 'lb-managed-ranges',
  target: 'managedNATGateway',
  acknowledge: ['EGRESS_IP_LOST', 'AUTHORIZED_RANGES_TARGET_UNKNOWABLE'],
  steps: [
    'check-freshness',
    'change-outbound-type',
    'verify',
    'discover-egress-ips',
    'authorize-discovered-ips',
  ],
  writes: 2,
}

interface Job {
  id: string
  status: string
  progress: { done: number }
  steps: { key: string; status: string }[]
  result: { outboundType: string; egressIps: { address: string }[]; authorizedIPRanges: string[] } | null
}

interface Put {
  status: number
  requestBody: {
    properties: {
      networkProfile: { outboundType: string }
      apiServerAccessProfile?: { authorizedIPRanges?: string[] }
    }
  }
}

const dataDir = await mkdtemp(join(tmpdir(), 'egress-kill-'))
const simulator = await startSimulatorProcess({ SIMULATOR_TIME_SCALE: TIME_SCALE })
const start = () =>
  startService({ DATA_DIR: dataDir, ARM_ENDPOINT: simulator.url, SIMULATOR_TIME_SCALE: TIME_SCALE })
let service: StartedProcess = await start()

t.teardown(async () => {
  await service.stop()
  await simulator.stop()
  await rm(dataDir, { recursive: true, force: true })
})

async function ask<T>(url: string, body?: unknown, method = body === undefined ? 'GET' : 'POST'): Promise<T> {
  const headers = { 'content-type': 'application/json' }
  const answer = await fetch(
    url,
    body === undefined ? { method } : { method, headers, body: JSON.stringify(body) },
  )
  const text = await answer.text()
  if (!answer.ok) throw new Error(`${method} ${url}: ${answer.status} ${text}`)
  return (text === '' ? null : JSON.parse(text)) as T
}

/** Asks until the answer is as wanted; gives up, and fails, after a minute. */
async function until<T>(look: () => Promise<T>, isWanted: (found: T) => boolean): Promise<T> {
  const end = Date.now() + 60_000
  for (;;) {
    const found = await look()
    if (isWanted(found)) return found
    if (Date.now() > end) throw new Error(`never came: ${JSON.stringify(found).slice(0, 500)}`)
    await new Promise((resolve) => setTimeout(resolve, 20))
  }
}

const isEnded = (job: Job) => ['Succeeded', 'Failed', 'Canceled'].includes(job.status)
const readJob = (id: string) => ask<Job>(`${service.url}/v1/jobs/${id}`)
const puts = async (given: Case) =>
  (
    await ask<Put[]>(
      `${simulator.url}/simulator/requests?method=PUT&contains=managedClusters/${given.cluster}`,
    )
  ).filter((put) => put.status < 300)

async function beginJob({ cluster, target, acknowledge }: Case): Promise<Job> {
  await ask(`${simulator.url}/simulator/reset`, {})
  const wanted = { cluster: { ...GROUP, name: cluster }, target: { outboundType: target } }
  const plan = await ask<{ id: string; steps: { key: string }[] }>(`${service.url}/v1/plans`, wanted)
  const fault = { kind: 'delay', ms: READ_DELAY_MS }
  await ask(`${simulator.url}/simulator/faults`, [
    { match: { method: 'GET', pathPattern: CLUSTER_READ }, fault },
  ])
  return ask<Job>(`${service.url}/v1/jobs`, { planId: plan.id, acknowledge })
}

/** Ends the process without a word, starts it again on the same data, and lets the job come to its end. */
async function killAndFinish(job: Job): Promise<Job> {
  await service.kill()
  await ask(`${simulator.url}/simulator/faults`, undefined, 'DELETE')
  service = await start()
  return until(() => readJob(job.id), isEnded)
}

async function checkEnd(t: Test, given: Case, job: Job): Promise<void> {
  t.equal(job.status, 'Succeeded', JSON.stringify(job))
  t.strictSame(
    job.steps.map((step) => step.key),
    given.steps,
  )
  t.equal(job.result?.outboundType, given.target)
  const written = await puts(given)
  t.equal(written.length, given.writes, 'each write reached Azure exactly once')
  const switches = written.filter(
    (put) => put.requestBody.properties.networkProfile.outboundType === given.target,
  )
  t.equal(
    switches.length,
    given.target === 'managedNATGateway' ? 2 : 1,
    'one switch, and what is written after it',
  )
  const ranges = written.map(
    (put) => put.requestBody.properties.apiServerAccessProfile?.authorizedIPRanges ?? [],
  )
  for (const [index, list] of ranges.slice(1).entries())
    t.ok(
      (ranges[index] ?? []).every((entry) => list.includes(entry)),
      'no write takes a range away',
    )
  for (const { address } of job.result?.egressIps ?? [])
    t.ok(job.result?.authorizedIPRanges.includes(`${address}/32`), `${address} is authorized in the end`)
  await checkUnlocked(t, given)
}

/** A new job on the cluster is accepted, so nobody holds its lock; it is cancelled at once. */
async function checkUnlocked(t: Test, { cluster, target }: Case): Promise<void> {
  const back =
    target === 'managedNATGateway'
      ? ['TRANSITION_DISPUTED', 'EGRESS_IP_LOST', 'AUTHORIZED_RANGES_TARGET_UNKNOWABLE']
      : []
  const wanted = { cluster: { ...GROUP, name: cluster }, target: { outboundType: 'loadBalancer' } }
  const plan = await ask<{ id: string; acknowledgementsRequired: string[] }>(
    `${service.url}/v1/plans`,
    wanted,
  )
  t.ok(back.every((code) => plan.acknowledgementsRequired.includes(code)))
  const next = await ask<Job>(`${service.url}/v1/jobs`, {
    planId: plan.id,
    acknowledge: plan.acknowledgementsRequired,
  })
  await ask(`${service.url}/v1/jobs/${next.id}/cancellation`, {}).catch(() => {})
  await until(() => readJob(next.id), isEnded)
}

for (const given of [WIDENING, LATE_AUTHORIZATION]) {
  for (const [done, step] of given.steps.entries()) {
    t.test(`${given.cluster}: killed in ${step}, the job ends as it would have`, async (t) => {
      const job = await beginJob(given)
      const seen = await until(
        () => readJob(job.id),
        (found) => found.progress.done >= done,
      )
      t.equal(seen.progress.done, done, 'the kill comes in the step that it is meant for')
      await checkEnd(t, given, await killAndFinish(job))
    })
  }
  for (let count = 1; count <= given.writes; count++) {
    t.test(
      `${given.cluster}: killed when Azure has just had write ${count}, it is not written again`,
      async (t) => {
        const job = await beginJob(given)
        await until(
          () => puts(given),
          (found) => found.length === count,
        )
        t.notOk(isEnded(await readJob(job.id)), 'the kill comes before the end')
        await checkEnd(t, given, await killAndFinish(job))
      },
    )
  }
}

for (const given of [WIDENING, LATE_AUTHORIZATION]) {
  t.test(`${given.cluster}: an answer that is lost with its connection is settled by reading`, async (t) => {
    const job = await beginJob(given)
    const fault = { kind: 'resetAfter' }
    await ask(`${simulator.url}/simulator/faults`, [
      { match: { method: 'PUT', pathPattern: CLUSTER_READ, nth: 1 }, fault },
    ])
    const ended = await until(() => readJob(job.id), isEnded)
    const struck = await ask<{ strikes: number }[]>(`${simulator.url}/simulator/faults`)
    t.equal(struck.reduce((sum, each) => sum + each.strikes, 0) > 0, true, 'the connection was cut')
    await checkEnd(t, given, ended)
  })
}
