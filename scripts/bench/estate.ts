import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { setTimeout as pause } from 'node:timers/promises'
import { startPostgresServer } from '../../test/support/postgres-server.ts'
import { type StartedProcess, startService, startSimulatorProcess } from '../../test/support/processes.ts'
import { type Figure, memoryOf, percentile } from './measure.ts'
import { ask } from './world.ts'

/** `ESTATE_CLUSTERS` measures a smaller estate, on a machine that is busy. */
const CLUSTERS = Number(process.env.ESTATE_CLUSTERS ?? 10_000)
const SUBSCRIPTIONS = 20
const LIKE = ['lb-managed', 'nat-managed', 'lb-byo-nat-attached', 'lb-byo-udr-internet', 'lb-managed-ranges']
const ARM_CALL_MS = 50
const READS = 300

interface Refresh {
  id: string
  status: string
  startedAt: string
  endedAt: string
  result: { clusters: number; changed: number }
}

/** A refresh of 10,000 clusters in 20 subscriptions, reads of what it stored, and the memory of the process. */
export async function estate(): Promise<Figure[]> {
  const folder = await mkdtemp(join(tmpdir(), 'egress-estate-'))
  const simulator = await startSimulatorProcess()
  const ends: (() => unknown)[] = []
  try {
    const fleet = { count: CLUSTERS, like: LIKE, subscriptions: SUBSCRIPTIONS }
    await ask(`${simulator.url}/simulator/reset`, { fleet })
    const slowed = { match: { pathPattern: '.*' }, fault: { kind: 'delay', ms: ARM_CALL_MS } }
    await ask(`${simulator.url}/simulator/faults`, [slowed])
    const server = await startPostgresServer({
      comment: (...words: unknown[]) => console.log(...words),
      teardown: (end) => ends.push(end),
    })
    const service = await startService({
      DATA_DIR: folder,
      ARM_ENDPOINT: simulator.url,
      // Azure's own budgets apply: the refresh has to wait for them.
      SIMULATOR_TIME_SCALE: '1',
      INVENTORY_REFRESH_MINUTES: '0',
      ...(server === null ? {} : { DATABASE_URL: server.url }),
    })
    try {
      return await measure(service, simulator)
    } finally {
      await service.stop()
    }
  } finally {
    for (const end of ends.reverse()) await end()
    await simulator.stop()
    await rm(folder, { recursive: true, force: true })
  }
}

async function measure(service: StartedProcess, simulator: StartedProcess): Promise<Figure[]> {
  const first = await refresh(service, simulator)
  const second = await refresh(service, simulator)
  const reads = await readTimes(service)
  const { peakMb } = await memoryOf(service.pid)
  const limit = reads.smallest * 3
  return [
    { name: `the first refresh of ${CLUSTERS} clusters`, value: first.seconds, unit: 's', atMost: 60 },
    { name: 'the next one, without a change', value: second.seconds, unit: 's', atMost: 60 },
    { name: 'calls to Azure of a refresh', value: first.calls, unit: 'calls', atMost: 250 },
    ...Object.entries(reads.routes).map(([name, p99]) => ({
      name: `${name}, p99 against that of the smallest one-row route`,
      value: p99 / reads.smallest,
      unit: 'times',
      atMost: 3,
      note: `${p99.toFixed(1)} against ${reads.smallest.toFixed(1)} ms; limit ${limit.toFixed(1)} ms`,
    })),
    { name: 'peak memory of the process', value: peakMb, unit: 'MB', atMost: 400 },
  ]
}

async function refresh(
  { url }: StartedProcess,
  simulator: StartedProcess,
): Promise<{ seconds: number; calls: number }> {
  const log = () => ask<{ seq: number }[]>(`${simulator.url}/simulator/requests?bodies=false`)
  const before = (await log()).length
  const { id } = await ask<Refresh>(`${url}/v1/inventory/refresh`, {})
  for (;;) {
    await pause(250)
    const latest = await ask<Refresh>(`${url}/v1/inventory/refreshes/latest`)
    if (latest.id !== id || latest.endedAt === null) continue
    if (latest.status !== 'succeeded' || latest.result.clusters !== CLUSTERS)
      throw new Error(`the refresh is ${JSON.stringify(latest)}`)
    const seconds = (Date.parse(latest.endedAt) - Date.parse(latest.startedAt)) / 1_000
    return { seconds, calls: (await log()).length - before }
  }
}

/** The routes in turn, so that a busy moment of the machine meets all of them. */
async function readTimes({ url }: StartedProcess) {
  const routes = {
    smallest: '/v1/inventory/refreshes/latest',
    'a page of the list': '/v1/clusters',
    'the summary': '/v1/clusters/summary',
    'a page of a flag': '/v1/clusters?flag=pathDiffers',
    'a page of a subscription': '/v1/clusters?subscriptionId=00000000-0000-4000-8000-000000000007&sort=-name',
    'the clusters of an address': '/v1/clusters?address=20.0.0.0/24',
  }
  const times: Record<string, number[]> = {}
  for (let round = 0; round < READS; round++)
    for (const [name, path] of Object.entries(routes)) {
      const begun = performance.now()
      await ask(`${url}${path}`)
      times[name] = [...(times[name] ?? []), performance.now() - begun]
    }
  const { smallest = Number.NaN, ...others } = Object.fromEntries(
    Object.entries(times).map(([name, values]) => [name, percentile(values, 99)]),
  )
  return { smallest, routes: others }
}
