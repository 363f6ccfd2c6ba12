import t from 'tap'
import type { EgressIpChange, PathChange } from '../../../src/contract/egress.ts'
import type { Job, JobResult } from '../../../src/contract/job.ts'
import type { JobEvent } from '../../../src/core/job/events.ts'
import { foldEvents } from '../../../src/core/job/fold-events.ts'
import { isConfirming, isOfChange, toJobOutcome } from '../../../src/core/job/job-outcome.ts'
import { aByoSnapshot, aSnapshot } from '../../support/a-cluster.ts'
import { planFor } from '../../support/a-plan.ts'

const at = '2026-09-01T00:00:00.000Z'
const SWITCH = 'change-outbound-type'
const MANAGED = planFor(aSnapshot(), 'managedNATGateway')
const PREPARED = planFor(aByoSnapshot(), 'userAssignedNATGateway', { prepare: { natGateway: {} } })
const OLD = MANAGED.egressIps.find(({ change }) => change === 'lost')?.address ?? ''
const NEW = '20.7.7.7'

const SIDE = { via: null, toCome: 0, isComplete: true, certainty: 'certain' } as const
const USE = { subnetId: '/VNETS/v/subnets/Nodes', family: 'IPv4', destination: 'internet' } as const
/** A plan for a cluster with a visible subnet. */
const PLAN: typeof MANAGED = {
  ...MANAGED,
  paths: [
    {
      subnetId: '/vnets/v/subnets/nodes',
      pools: ['system'],
      before: { ...SIDE, path: 'loadBalancer', addresses: [OLD] },
      after: { ...SIDE, path: 'natGateway', addresses: [], toCome: 1 },
    },
  ],
  egressIps: MANAGED.egressIps.map((row) => ({
    ...row,
    usedBefore: row.change === 'lost' ? [USE] : [],
    usedAfter: row.change === 'lost' ? [] : [USE],
  })),
}

const ACCEPTED = [
  { type: 'accepted', at, by: 'tester', reason: null, acknowledge: [] },
  { type: 'stepStarted', at, step: 'check-freshness' },
] as JobEvent[]
const SENT = [
  { type: 'stepStarted', at, step: SWITCH },
  { type: 'writeIntended', at, step: SWITCH, etag: null, changes: [] },
] as JobEvent[]
const FAILED = { type: 'ended', at, status: 'Failed', error: null } as JobEvent

function foundAddresses(...addresses: string[]): JobEvent[] {
  const egressIps = addresses.map((address) => ({ address, family: 'IPv4', resourceId: null }))
  return [
    { type: 'stepSucceeded', at, step: SWITCH, observed: null },
    { type: 'stepStarted', at, step: 'discover-egress-ips' },
    {
      type: 'stepSucceeded',
      at,
      step: 'discover-egress-ips',
      observed: { egressIps, outboundType: 'managedNATGateway' },
    },
  ] as JobEvent[]
}

function outcomeOf(events: JobEvent[], later: Job | null = null, plan = PLAN) {
  return toJobOutcome('job-1', plan, foldEvents(plan, [...ACCEPTED, ...events]), later)
}

/** A later job of the cluster. */
function laterJob(id: string, change: object = {}): Job {
  const result = resultOf('managedNATGateway', NEW)
  return { id, result, status: 'Succeeded', ...change } as unknown as Job
}

function resultOf(outboundType: string, ...addresses: string[]): JobResult {
  const egressIps = addresses.map((address) => ({ address, family: 'IPv4', resourceId: null }))
  return { outboundType, natGatewaySku: null, egressIps, authorizedIPRanges: [], leftBehind: [] } as JobResult
}

const rows = (egressIps: EgressIpChange[]) => egressIps.map(({ change, address }) => `${change} ${address}`)
const sidesOf = ([row]: PathChange[]) => [row?.before.addresses, row?.after.addresses, row?.after.toCome]

t.test('a later job confirms the addresses of a job that failed before it read them', async (t) => {
  t.match(outcomeOf([...SENT, FAILED]), { stage: 'unconfirmed', hasMoved: true, confirmedBy: null })
  const { stage, hasMoved, confirmedBy, plan } = outcomeOf([...SENT, FAILED], laterJob('job-2'))
  t.strictSame([stage, hasMoved, confirmedBy], ['confirmed', true, { jobId: 'job-2', hasTarget: true }])
  t.strictSame(rows(plan.egressIps), [`lost ${OLD}`, `added ${NEW}`])
  t.strictSame(sidesOf(plan.paths), [[OLD], [NEW], 0])
})

t.test('a later job with the former outbound type keeps its addresses and paths', async (t) => {
  const later = laterJob('job-2', { result: resultOf('loadBalancer', OLD) })
  const { stage, confirmedBy, plan } = outcomeOf([...SENT, FAILED], later)
  t.strictSame([stage, confirmedBy], ['confirmed', { jobId: 'job-2', hasTarget: false }])
  t.strictSame(rows(plan.egressIps), [`kept ${OLD}`])
  t.strictSame(plan.paths[0]?.after, PLAN.paths[0]?.before)
})

t.test('a later job changes nothing about a job that has read its addresses, or moved nothing', async (t) => {
  const later = laterJob('job-2', { result: resultOf('managedNATGateway', '20.8.8.8') })
  for (const events of [[...SENT, ...foundAddresses(NEW), FAILED], [FAILED], SENT])
    t.strictSame(outcomeOf(events, later), outcomeOf(events))
})

t.test('a later job confirms if it succeeded with an outbound type of the change', async (t) => {
  const canceled = laterJob('canceled', { status: 'Canceled', result: null })
  const failed = laterJob('failed', { status: 'Failed' })
  const back = laterJob('back', { result: resultOf('LoadBalancer', OLD) })
  const other = laterJob('other', { result: resultOf('userDefinedRouting') })
  const table: [job: Job, confirms: boolean, isOfChange: boolean][] = [
    [laterJob('same'), true, true],
    [back, true, true],
    [other, true, false],
    [failed, false, true],
    [canceled, false, false],
  ]
  for (const [job, confirms, ofChange] of table)
    t.strictSame([isConfirming(job), isOfChange(job, PLAN)], [confirms, ofChange], job.id)
})

t.test('the paths have the addresses that the job created or discovered', async (t) => {
  t.strictSame(sidesOf(outcomeOf([]).plan.paths), [[OLD], [], 1], 'as planned')
  t.strictSame(sidesOf(outcomeOf([...SENT]).plan.paths), [[OLD], [], 1], 'not read yet')
  t.strictSame(sidesOf(outcomeOf([...SENT, ...foundAddresses(NEW)]).plan.paths), [[OLD], [NEW], 0])
  const id = PREPARED.egressIps.find(({ knownAt }) => knownAt === 'prepare')?.resourceId
  const step = PREPARED.steps.find(({ does }) => 'id' in does && does.id === id)?.key
  const created = [
    { type: 'stepStarted', at, step },
    {
      type: 'stepSucceeded',
      at,
      step,
      observed: { prepared: [{ resourceId: id, address: NEW }] },
    },
  ] as JobEvent[]
  for (const { after } of outcomeOf(created, null, PREPARED).plan.paths)
    t.match(after, { addresses: [NEW], toCome: 0 }, 'before the cutover')
})

t.test('the paths are those from before the change if the job moved no traffic', async (t) => {
  for (const { before, after } of outcomeOf([FAILED]).plan.paths) t.strictSame(after, before)
})

t.test('pools with public IPs of their own do not get the addresses of the other pools', async (t) => {
  const [row] = PLAN.paths
  if (row === undefined) throw new Error('the plan has no path')
  const own: PathChange = {
    ...row,
    after: { ...row.after, path: 'instancePublicIp', toCome: 0, isComplete: false },
  }
  const node: EgressIpChange = {
    ...(PLAN.egressIps[0] as EgressIpChange),
    address: null,
    change: 'unknown',
    usedAfter: PLAN.egressIps[1]?.usedAfter ?? [],
  }
  const plan = { ...PLAN, paths: [own, row], egressIps: [...PLAN.egressIps, node] }
  const { paths } = outcomeOf([...SENT, ...foundAddresses(NEW)], null, plan).plan
  t.match(paths, [
    { after: { addresses: [], isComplete: false } },
    { after: { addresses: [NEW], toCome: 0, isComplete: true } },
  ])
})

t.test('the authorized IP ranges have the addresses that the job created', async (t) => {
  const snapshot = aByoSnapshot({}, { cluster: { authorizedIPRanges: ['20.1.0.1/32'] } })
  const plan = planFor(snapshot, 'userAssignedNATGateway', { prepare: { natGateway: {} } })
  const [id] = plan.authorizedRanges.addPrepared
  if (id === undefined) throw new Error('the plan adds no created address')
  const step = plan.steps.find(({ does }) => 'id' in does && does.id === id)?.key
  const events = [
    { type: 'stepStarted', at, step },
    { type: 'stepSucceeded', at, step, observed: { prepared: [{ resourceId: id, address: NEW }] } },
  ] as JobEvent[]
  t.strictSame(outcomeOf([], null, plan).plan.authorizedRanges, plan.authorizedRanges)
  t.match(outcomeOf(events, null, plan).plan.authorizedRanges, {
    add: [...plan.authorizedRanges.add, `${NEW}/32`],
    addPrepared: [],
  })
})
