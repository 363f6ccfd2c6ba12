import t from 'tap'
import type { EgressIpChange } from '../../../src/contract/egress.ts'
import type { JobResult } from '../../../src/contract/job.ts'
import type { Plan } from '../../../src/contract/plan.ts'
import { actualAddresses } from '../../../src/core/job/actual-addresses.ts'
import type { JobEvent } from '../../../src/core/job/events.ts'
import { foldEvents } from '../../../src/core/job/fold-events.ts'
import { jobError } from '../../../src/core/job/job-error.ts'
import { buildRollbackSteps } from '../../../src/core/job/rollback-steps.ts'
import { aByoSnapshot, aSnapshot } from '../../support/a-cluster.ts'
import { planFor } from '../../support/a-plan.ts'

const at = '2026-09-01T00:00:00.000Z'
const SWITCH = 'change-outbound-type'
const ACCEPTED: JobEvent = { type: 'accepted', at, by: 'tester', reason: null, acknowledge: [] }
const END: JobEvent = { type: 'ended', at, status: 'Failed', error: null }

const MANAGED = planFor(aSnapshot(), 'managedNATGateway')
const GATEWAY = planFor(aByoSnapshot(), 'userAssignedNATGateway', { prepare: { natGateway: {} } })
const OLD = oldAddress(MANAGED)
const PREPARED_ID = GATEWAY.egressIps.find(({ knownAt }) => knownAt === 'prepare')?.resourceId ?? ''

function oldAddress({ egressIps }: Plan): string {
  return egressIps.find(({ change }) => change === 'lost')?.address ?? 'none'
}

const ip = (address: string, resourceId: string | null = null) =>
  ({ address, family: 'IPv4', resourceId }) as const
const sent = (step: string): JobEvent[] =>
  [
    { type: 'stepStarted', at, step },
    { type: 'writeIntended', at, step, etag: null, changes: [] },
  ] as JobEvent[]
const done = (step: string, observed: object | null = null): JobEvent[] => [
  ...sent(step),
  { type: 'stepSucceeded', at, step, observed } as JobEvent,
]
const found = (step: string, ...egressIps: JobResult['egressIps']): JobEvent[] =>
  [
    { type: 'stepStarted', at, step },
    { type: 'stepSucceeded', at, step, observed: { egressIps } },
  ] as JobEvent[]
const rejected = (step: string): JobEvent => {
  const fault = { kind: 'refused', code: 'No', message: 'No.', requestId: null }
  return { type: 'writeRefused', at, step, fault, retryAt: null } as JobEvent
}

/** Stage and rows after these events, each row as `change address`. */
function after(plan: Plan, ...events: JobEvent[]) {
  const { stage, egressIps } = actualAddresses(plan, foldEvents(plan, [ACCEPTED, ...events]))
  return { stage, egressIps, rows: egressIps.map(rowText) }
}
const rowText = ({ change, address }: EgressIpChange) => `${change} ${address ?? '?'}`

const prepareSteps = GATEWAY.steps.flatMap(({ key }) => (key.startsWith('prepare-') ? [key] : []))
/** The preparation up to the hold, without the step that moves traffic. */
const PREPARED = prepareSteps
  .slice(0, -1)
  .flatMap((key, index) =>
    done(key, index === 0 ? { prepared: [{ resourceId: PREPARED_ID, address: '20.9.9.9' }] } : null),
  )
const CUTOVER = prepareSteps.at(-1) ?? ''

t.test('shows the addresses as planned until the job has created one', (t) => {
  t.match(after(MANAGED), { stage: 'planned', rows: [`lost ${OLD}`, 'added ?'] })
  t.strictSame(after(MANAGED).egressIps, MANAGED.egressIps)
  t.end()
})

t.test('shows a created address before the cutover', (t) => {
  const { stage, rows } = after(GATEWAY, ...PREPARED)
  t.equal(stage, 'prepared')
  t.ok(rows.includes('added 20.9.9.9'))
  t.notOk(rows.includes('added ?'))
  t.end()
})

t.test('never claims a removal between the cutover and the next read', (t) => {
  for (const end of [[], [END]]) {
    const { stage, rows } = after(GATEWAY, ...PREPARED, ...sent(CUTOVER), ...end)
    t.equal(stage, 'unconfirmed')
    t.ok(rows.includes('added 20.9.9.9'), 'a firewall must allow the address: traffic may use it')
    t.notOk(
      rows.some((row) => row.startsWith('lost')),
      rows.join(),
    )
  }
  t.end()
})

t.test('shows no address of the new egress after a job that moved nothing', (t) => {
  const future = { ...MANAGED.egressIps[1], address: null, change: 'unknown', usedBefore: [] }
  const present = { ...future, usedBefore: [{ subnetId: null, family: 'IPv4', destination: 'internet' }] }
  const plan = { ...MANAGED, egressIps: [future, present] as EgressIpChange[] }
  t.strictSame(after(plan, END).rows, ['kept ?'], 'only the address that the cluster used')
  t.end()
})

t.test('shows the addresses that the cluster uses after the change', (t) => {
  const result = after(
    MANAGED,
    ...done(SWITCH),
    ...found('discover-egress-ips', ip('20.7.7.7', '/subscriptions/s/x')),
  )
  t.match(result, { stage: 'confirmed', rows: [`lost ${OLD}`, 'added 20.7.7.7'] })
  const [, added] = result.egressIps
  t.match(added, { resourceId: '/subscriptions/s/x', knownAt: 'apply' })
  t.strictSame(added?.usedAfter, MANAGED.egressIps[1]?.usedAfter)
  t.end()
})

t.test('shows more and fewer addresses than the plan expected', (t) => {
  const rows = (...ips: JobResult['egressIps']) =>
    after(MANAGED, ...done(SWITCH), ...found('discover-egress-ips', ...ips)).rows
  t.strictSame(rows(ip('20.7.7.7'), ip('20.7.7.8')), [`lost ${OLD}`, 'added 20.7.7.7', 'added 20.7.7.8'])
  t.strictSame(rows(), [`lost ${OLD}`])
  t.strictSame(rows(ip(OLD)), [`kept ${OLD}`], 'still in use: nobody may remove it')
  t.end()
})

t.test('finds an address of a prefix in use', (t) => {
  const resourceId = '/subscriptions/s/resourceGroups/g/providers/Microsoft.Network/publicIPPrefixes/p'
  const egressIps = GATEWAY.egressIps.map((row) => (row.knownAt === 'prepare' ? { ...row, resourceId } : row))
  const prepared = { prepared: [{ resourceId, address: '20.9.9.8/30' }] }
  const events = [...done(prepareSteps[0] ?? '', prepared), ...done(SWITCH)]
  const { rows } = after(
    { ...GATEWAY, egressIps },
    ...events,
    ...found('discover-egress-ips', ip('20.9.9.8/30')),
  )
  t.ok(rows.includes('added 20.9.9.8/30'))
  t.equal(rows.filter((row) => row.startsWith('added')).length, 1)
  t.end()
})

t.test(
  'keeps all addresses of a job that ended before the cutover, and shows new ones as not in use',
  (t) => {
    for (const events of [PREPARED, [...PREPARED, ...sent(CUTOVER), rejected(CUTOVER)]]) {
      const { stage, egressIps } = after(GATEWAY, ...events, END)
      t.equal(stage, 'confirmed')
      const old = egressIps.find(({ address }) => address === oldAddress(GATEWAY))
      t.match(old, { change: 'kept' })
      t.strictSame(old?.usedAfter, old?.usedBefore)
      t.match(
        egressIps.find(({ address }) => address === '20.9.9.9'),
        { change: 'lost', recoverable: true, usedBefore: [], usedAfter: [] },
      )
    }
    t.match(after(MANAGED, END).rows, [`kept ${OLD}`])
    t.equal(after(MANAGED, END).rows.length, 1, 'an address that never existed is not shown')
    t.end()
  },
)

t.test('shows the addresses after a rollback, and not those that it read before', (t) => {
  const old = oldAddress(GATEWAY)
  const begun = [
    ...PREPARED,
    ...done(CUTOVER),
    ...done(SWITCH),
    ...found('discover-egress-ips', ip('20.9.9.9')),
  ]
  t.match(after(GATEWAY, ...begun).rows, [`lost ${old}`, 'added 20.9.9.9'])
  const steps = buildRollbackSteps(GATEWAY, foldEvents(GATEWAY, [ACCEPTED, ...begun]))
  const back: JobEvent = { type: 'rollbackStarted', at, error: jobError('ARM_REFUSED', SWITCH), steps }
  t.equal(after(GATEWAY, ...begun, back).stage, 'unconfirmed')
  const undone = steps.flatMap(({ key }) => (key === 'undo-discover-egress-ips' ? [] : done(key)))
  t.equal(after(GATEWAY, ...begun, back, ...undone, END).stage, 'unconfirmed', 'the rollback failed')
  const read = found('undo-discover-egress-ips', ip(old))
  t.match(after(GATEWAY, ...begun, back, ...undone, ...read, END), {
    stage: 'confirmed',
    rows: [`kept ${old}`, 'lost 20.9.9.9'],
  })
  const other = found('undo-discover-egress-ips', ip('20.8.8.8'))
  t.ok(after(GATEWAY, ...begun, back, ...undone, ...other, END).rows.includes('added 20.8.8.8'))
  t.end()
})
