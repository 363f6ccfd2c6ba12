import t, { type Test } from 'tap'
import { NETWORK_KINDS, type NetworkFactsByKind, type NetworkKind } from '../../src/azure/arm.ts'
import type { Estate, EstatePage } from '../../src/azure/estate/estate.ts'
import { AzureHarness } from '../jobs/support/azure-harness.ts'
import { openEmptyDatabase } from '../support/databases.ts'
import { startDemo } from '../support/demo.ts'
import { startInventory } from './support.ts'

/** Jobs and the inventory of one database, on one clock, after the first refresh. */
async function startWorld(t: Test) {
  const demo = await startDemo(t)
  const database = await openEmptyDatabase(t)
  const jobs = new AzureHarness(demo, database)
  const world = await startInventory(t, { demo, database, now: () => new Date(jobs.clock) })
  jobs.deps.announceChange = (trx, key, change) => world.deps.webhooks.clusterChanged(trx, key, change)
  await world.refresh()
  const execute = async (...request: Parameters<AzureHarness['plan']>) => {
    const job = await jobs.accept(await jobs.plan(...request))
    await jobs.run()
    return jobs.jobs.get(job.id)
  }
  const rowOf = async (name: string) => {
    const [row] = (await world.inventory.list({ name, limit: 1, cursor: null })).items
    if (row === undefined) throw new Error(`the inventory has no cluster ${name}`)
    return row
  }
  return { ...world, jobs, execute, rowOf }
}

/** Replays everything that an estate returns now. */
async function recorded(estate: Estate): Promise<Pick<Estate, 'findNetwork' | 'findClusters'>> {
  const clusters = await Array.fromAsync(estate.findClusters())
  const network = new Map<NetworkKind, unknown[]>()
  for (const kind of NETWORK_KINDS) network.set(kind, await Array.fromAsync(estate.findNetwork(kind)))
  return {
    async *findClusters() {
      yield* clusters
    },
    async *findNetwork(kind) {
      yield* (network.get(kind) ?? []) as EstatePage<NetworkFactsByKind[typeof kind]>[]
    },
  }
}

t.test('records each job at its end, and ignores older readings of Azure Resource Graph', async (t) => {
  const { deps, execute, rowOf, changesOf, refresh, replace, sent } = await startWorld(t)
  const before = await recorded(deps.estate)
  const first = await execute('lb-managed', { outboundType: 'managedNATGateway' })
  const between = await recorded(deps.estate)
  const [to] = await changesOf('lb-managed')
  t.match(to, { kind: 'egressChanged', jobId: first.id, before: { effective: 'loadBalancer' } })
  t.match(to, { at: first.timestamps.finishedAt, after: { effective: 'natGateway' } })
  const second = await execute('lb-managed', { outboundType: 'loadBalancer' })
  t.match(await changesOf('lb-managed'), [
    { jobId: second.id, before: to?.after, after: { effective: 'loadBalancer' } },
    { jobId: first.id },
  ])
  const present = await rowOf('lb-managed')
  for (const outdated of [before, between]) {
    replace(outdated)
    t.equal((await refresh()).changed, 0)
    t.strictSame(await rowOf('lb-managed'), present)
  }
  replace({})
  t.equal((await refresh()).changed, 0)
  t.equal((await changesOf('lb-managed')).length, 2)
  t.strictSame(sent, [], 'the messages of the jobs have reported the changes')
})

t.test('reads a cluster again after a job without success, and reports what the job has left', async (t) => {
  const { jobs, execute, rowOf, changesOf, refresh, sent } = await startWorld(t)
  const former = await rowOf('lb-byo')
  const failure = { kind: 'failOperation', code: 'InternalServerError', message: 'failed' }
  await jobs.strike([{ match: { method: 'PUT', pathPattern: '/managedClusters/' }, fault: failure }])
  const target = { outboundType: 'userAssignedNATGateway' } as const
  const job = await execute('lb-byo', target, { prepare: { natGateway: {} } })
  t.equal(job.status, 'Failed')
  const row = await rowOf('lb-byo')
  t.match(row, { provisioningState: 'Failed', effective: 'natGateway' })
  t.ok(row.flags.includes('notSucceeded'))
  t.strictSame(
    row.addresses,
    job.preparedAddresses.map(({ address }) => address),
  )
  t.ok(row.asOf > former.asOf)
  t.match(await changesOf('lb-byo'), [{ kind: 'egressChanged', jobId: null }])
  t.strictSame(sent, [['egressChanged', 'lb-byo']], 'no message of a job has reported it')
  t.equal((await refresh()).changed, 0, 'once')
})
