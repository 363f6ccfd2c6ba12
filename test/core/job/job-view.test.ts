import t from 'tap'
import type { Plan } from '../../../src/contract/plan.ts'
import type { JobEvent } from '../../../src/core/job/events.ts'
import { foldEvents } from '../../../src/core/job/fold-events.ts'
import { jobError } from '../../../src/core/job/job-error.ts'
import { toJob } from '../../../src/core/job/job-view.ts'
import { buildRollbackSteps } from '../../../src/core/job/rollback-steps.ts'
import type { ProbeRun } from '../../../src/core/probe/probe-run.ts'
import { aByoSnapshot, aSnapshot } from '../../support/a-cluster.ts'
import { planFor } from '../../support/a-plan.ts'
import { onGateway, onTable } from '../../support/own-network.ts'

const SWITCH = 'change-outbound-type'
const at = '2026-09-01T00:00:00.000Z'
const ACCEPTED: JobEvent = { type: 'accepted', at, by: 'tester', reason: null, acknowledge: [] }

const written = (step: string): JobEvent[] =>
  [
    { type: 'stepStarted', at, step },
    { type: 'writeIntended', at, step, etag: null, changes: [] },
    { type: 'writeAccepted', at, step, poller: 'p', requestId: null, pollAt: at },
  ] as JobEvent[]
const done = (step: string) => [
  ...written(step),
  { type: 'stepSucceeded', at, step, observed: null } as JobEvent,
]
const refused = (step: string): JobEvent[] =>
  [
    ...written(step).slice(0, 2),
    {
      type: 'writeRefused',
      at,
      step,
      fault: { kind: 'refused', code: 'Refused', message: 'No.', requestId: null },
      retryAt: null,
    },
  ] as JobEvent[]

/** What a job says that has come to where these events leave it, and ended there. */
function warnings(
  plan: Plan,
  events: JobEvent[],
  status: 'Failed' | 'Canceled' | 'Succeeded' = 'Canceled',
): string[] {
  const end: JobEvent = { type: 'ended', at, status, error: null }
  return toJob('a-job', plan, foldEvents(plan, [ACCEPTED, ...events, end])).warnings
}

const GATEWAY = planFor(aByoSnapshot(), 'userAssignedNATGateway', { prepare: { natGateway: {} } })
const prepared = GATEWAY.steps.flatMap(({ key }) => (key.startsWith('prepare-') ? done(key) : []))
const told = (list: string[]) => list.filter((each) => each.startsWith('Traffic '))

t.test('reports a cutover without its outbound type change, with both remedies', async (t) => {
  for (const [status, events] of [
    ['Canceled', prepared],
    ['Failed', [...prepared, ...refused(SWITCH)]],
  ] as const) {
    const [warning = '', ...others] = told(warnings(GATEWAY, [...events], status))
    t.match(
      warning,
      /^Traffic has moved to .*\(“Attach NAT gateway .* to subnet nodes”\), although the declared outbound type is still `loadBalancer`/,
    )
    t.match(warning, /To complete the change, create a new plan for `userAssignedNATGateway`/)
    t.match(
      warning,
      /`az network vnet subnet update --ids \/sub\S+\/subnets\/nodes --remove natGateway`\. Traffic then moves immediately\.$/,
    )
    t.strictSame(others, [])
  }
})

t.test('a gateway that was attached under a default route has moved nothing', async (t) => {
  const shadowed = planFor(aByoSnapshot(...onTable('VirtualAppliance')), 'userAssignedNATGateway', {
    prepare: { natGateway: {} },
  })
  t.ok(shadowed.steps.some(({ key }) => key === 'prepare-subnet-1'))
  t.strictSame(told(warnings(shadowed, [...prepared, ...refused(SWITCH)], 'Failed')), [])
})

t.test('a gateway that waits under a default route for a later cutover has moved nothing', async (t) => {
  const shadowed = planFor(aByoSnapshot(...onTable('VirtualAppliance')), 'userAssignedNATGateway', {
    prepare: { natGateway: {} },
  })
  const plan: Plan = { ...shadowed, cutOver: { step: SWITCH, because: 'AKS moves the traffic.' } }
  t.strictSame(told(warnings(plan, prepared)), [])
})

t.test('an attachment with an unknown outcome may have moved traffic', async (t) => {
  const events = [...prepared.slice(0, -4), ...written('prepare-subnet-1')]
  t.match(told(warnings(GATEWAY, events, 'Failed')), [/^Traffic may have moved to /])
})

t.test(
  'gives no warning if no traffic moved, the type may have changed, or everything was reverted',
  async (t) => {
    t.strictSame(told(warnings(GATEWAY, prepared.slice(0, -4))), [])
    t.strictSame(
      told(warnings(GATEWAY, [...prepared.slice(0, -4), ...refused('prepare-subnet-1')], 'Failed')),
      [],
    )
    t.strictSame(told(warnings(GATEWAY, [...prepared, ...written(SWITCH)], 'Failed')), [])
    const events = [ACCEPTED, ...prepared, ...refused(SWITCH)]
    const steps = buildRollbackSteps(GATEWAY, foldEvents(GATEWAY, events))
    const back: JobEvent = { type: 'rollbackStarted', at, error: jobError('ARM_REFUSED', SWITCH), steps }
    const undone = steps.flatMap(({ key }) => done(key))
    t.strictSame(told(warnings(GATEWAY, [...events.slice(1), back, ...undone], 'Failed')), [])
  },
)

t.test('deletes a new route or restores the former next hop', async (t) => {
  const hop = { nextHopType: 'VirtualAppliance', nextHopIpAddress: '10.9.0.4' } as const
  const order = (snapshot: Parameters<typeof planFor>[0]) => {
    const plan = planFor(snapshot, 'userDefinedRouting', { prepare: { defaultRoute: hop } })
    return told(warnings(plan, done('prepare-default-route-1')))[0] ?? ''
  }
  const there = aByoSnapshot(...onTable('Internet'))
  t.match(
    order(there),
    /`az network route-table route update --ids \S+ --next-hop-type Internet .*`\. Traffic then moves/,
  )
  const tables = Object.entries(there.routeTables).map(([id, table]) => [id, { ...table, routes: [] }])
  const empty = { ...there, routeTables: Object.fromEntries(tables) }
  t.match(
    order(empty),
    /`az network route-table route delete --ids \S+\/routes\/default-egress`\. Traffic then moves/,
  )
})

t.test('warns about unauthorized addresses if the switch may have created them', async (t) => {
  const plan = planFor(
    aSnapshot({ cluster: { authorizedIPRanges: ['203.0.113.0/24'] } }),
    'managedNATGateway',
  )
  const locked = (events: JobEvent[], status: 'Failed' | 'Canceled' | 'Succeeded' = 'Canceled') =>
    warnings(plan, events, status).filter((each) => each.includes('locked out'))
  t.match(locked(written(SWITCH)), [
    /not added to the authorized IP ranges.*`az aks update -g \S+ -n \S+ --api-server-authorized-ip-ranges/,
  ])
  t.equal(locked(written(SWITCH), 'Failed').length, 1)
  t.strictSame(locked(refused(SWITCH), 'Failed'), [], 'nothing new has come')
  t.strictSame(locked([...done(SWITCH), ...done('authorize-discovered-ips')], 'Failed'), [], 'it is done')
  const open = planFor(aSnapshot(), 'managedNATGateway')
  t.strictSame(warnings(open, written(SWITCH)), [], 'there are no ranges')
})

t.test(
  'the remedy of an error names the step that added authorized IP ranges, if it succeeded',
  async (t) => {
    const ranged = planFor(
      aSnapshot({ cluster: { authorizedIPRanges: ['203.0.113.0/24'] } }),
      'managedNATGateway',
    )
    const error = jobError('ARM_OPERATION_FAILED', SWITCH)
    const remedyOf = (events: JobEvent[]) => {
      const ended: JobEvent = { type: 'ended', at, status: 'Failed', error }
      return toJob('job', ranged, foldEvents(ranged, [ACCEPTED, ...events, ended])).error?.remedy ?? ''
    }
    t.notMatch(remedyOf(written(SWITCH)), /entries that the job added/)
    t.match(
      remedyOf([...done(SWITCH), ...done('authorize-discovered-ips')]),
      /entries that the job added in the step “Add the new egress addresses to the authorized IP ranges/,
    )
  },
)

/** A measurement of one node, which returned its output or was skipped. */
function measured(step: string, isReadable: boolean): JobEvent[] {
  const output = { isReadable, isComplete: true, dnsServer: null, sourceAddress: null, readings: [] }
  const place = { pool: 'system', subnetId: null, reason: 'Stopped.', attempts: 1, notBefore: null }
  const node = isReadable
    ? { ...place, instanceId: 'i', phase: 'ended', output }
    : { ...place, instanceId: null, phase: 'waiting' }
  const run = { id: step, startedAt: at, targets: [], notes: [], sourceAddressUrl: null, nodes: [node] }
  return [{ type: 'probeStarted', at, step, run: run as unknown as ProbeRun } as JobEvent]
}

for (const { what, isReadable, outcome } of [
  { what: 'measures again after a rollback', isReadable: true, outcome: 'unknown' },
  { what: 'measures nothing after a rollback if it measured nothing before', isReadable: false },
])
  t.test(`${what}, and an end by an operator leaves the rollback as it is`, async (t) => {
    const hop = { nextHopType: 'VirtualAppliance', nextHopIpAddress: '10.9.0.4' } as const
    const wish = { prepare: { defaultRoute: hop }, verifyFromNodes: {} }
    const plan = planFor(aByoSnapshot(...onTable('Internet')), 'userDefinedRouting', wish)
    const events = [ACCEPTED, ...measured('probe-nodes-before', isReadable), ...done(SWITCH)]
    const steps = buildRollbackSteps(plan, foldEvents(plan, events))
    const probe = steps.find(({ key }) => key === 'undo-probe-nodes')
    t.equal(probe !== undefined, isReadable)
    const error = jobError('NODES_LOST_ENDPOINTS', 'probe-nodes-after')
    const undone = steps.filter((step) => step !== probe).flatMap(({ key }) => done(key))
    const again = probe === undefined ? [] : measured(probe.key, true)
    const end: JobEvent = { type: 'ended', at, status: 'Failed', error }
    const job = toJob(
      'job',
      plan,
      foldEvents(plan, [...events, { type: 'rollbackStarted', at, error, steps }, ...undone, ...again, end]),
    )
    t.match(job, { status: 'Failed', rollback: { status: 'Succeeded' } })
    t.equal(job.nodeVerification?.afterRollback?.outcome, outcome)
  })

t.test(
  'the job of a rollback plan shows whether nodes reach again what they reached before the reverted job',
  async (t) => {
    const wish = { verifyFromNodes: {}, baselineJobId: 'reverted' }
    const plan = planFor(aSnapshot(), 'managedNATGateway', wish)
    const step = 'probe-nodes-after'
    const [started] = measured(step, true) as [Extract<JobEvent, { type: 'probeStarted' }>]
    const probing = { ...started, baseline: { ...started.run, id: 'baseline' } }
    const compared: JobEvent = { type: 'probeCompared', at, step, lost: [], unmeasured: [] }
    const view = (...events: JobEvent[]) =>
      toJob('job', plan, foldEvents(plan, [ACCEPTED, ...events])).nodeVerification
    t.match(view(probing), {
      before: [{ pool: 'system' }],
      after: null,
      afterRollback: { outcome: 'measuring' },
    })
    t.match(view(probing, compared), {
      lost: [],
      afterRollback: { outcome: 'restored', nodes: [{ pool: 'system' }] },
    })
    const unmeasured = ['The measurement no longer exists.']
    t.match(view({ ...compared, unmeasured }), {
      before: null,
      afterRollback: { outcome: 'unknown', unmeasured },
    })
  },
)

t.test(
  'offers a rollback plan for a replaced NAT gateway once the job may have attached the new one',
  async (t) => {
    const [subnet, network] = onGateway
    const cluster = { outboundType: 'userAssignedNATGateway', loadBalancerProfile: null }
    const plan = planFor(aByoSnapshot(subnet, { ...network, cluster }), 'userAssignedNATGateway', {
      prepare: { natGateway: { name: 'new' } },
    })
    const keys = plan.steps.map(({ key }) => key).filter((key) => key.startsWith('prepare-'))
    const offered = (events: JobEvent[]) => {
      const end: JobEvent = { type: 'ended', at, status: 'Failed', error: null }
      return toJob('a-job', plan, foldEvents(plan, [ACCEPTED, ...events, end])).actions.rollbackPlan
    }
    t.equal(keys.at(-1), 'prepare-subnet-1')
    t.equal(offered(keys.slice(0, -1).flatMap(done)), false)
    t.equal(offered([...keys.slice(0, -1).flatMap(done), ...refused('prepare-subnet-1')]), false)
    t.equal(offered(keys.flatMap(done)), true)
  },
)
