import t from 'tap'
import { ArmFault } from '../../../src/azure/errors/arm-fault.ts'
import type { Step } from '../../../src/contract/steps.ts'
import { openEmptyDatabase, openMigrated } from '../../support/databases.ts'
import { JobHarness } from '../support/job-harness.ts'
import {
  ADDRESS,
  all,
  CHANGE,
  CREATE,
  DELETE,
  type EventBody,
  GATEWAY,
  has,
  type Phase,
  POOL,
  resource,
  runFrom as runOn,
  type Situation,
  SWITCH,
  TAG,
  UNDO_CHANGE,
  UNDO_SWITCH,
  UPGRADE,
  withState,
  withType,
} from '../support/phase-harness.ts'

const database = await openMigrated(openEmptyDatabase(t))
const runFrom = (step: Step, phase: Phase, situation: Situation = {}) =>
  runOn(database, step, phase, situation)

const notFound = () =>
  Promise.reject(new ArmFault({ kind: 'not-found', code: 'ResourceNotFound', message: 'Gone.' }))

t.test('watching an adopted write', async (t) => {
  t.test('watches the cluster until it is Succeeded, Failed or Canceled', async (t) => {
    const { job, reads } = await runFrom(SWITCH, 'adopted', {
      arrange: all(withState('Paused'), (room) => {
        room.arm.at('getCluster', 3, () => all(withState('Succeeded'), withType('managedNATGateway'))(room))
      }),
    })
    t.match(job, { status: 'Succeeded' })
    t.equal(reads('getCluster'), 4, 'three looks and the read-back')
  })

  t.test('watches a resource until it is Succeeded, for any operation name', async (t) => {
    for (const state of ['Updating', 'UPDATING', 'Paused']) {
      const { types, reads } = await runFrom(CHANGE, 'adopted', {
        arrange: all(has(GATEWAY, resource(state, { idle: 10 })), (room) => {
          room.arm.at('getResource', 3, () => has(GATEWAY, resource('Succeeded', { idle: 10 }))(room))
        }),
      })
      t.equal(types[0], 'operationEnded')
      t.ok(reads('getResource') >= 4, `${state}: three looks and the read-back`)
    }
  })

  t.test('ends the operation on a deleted resource', async (t) => {
    const { types, job } = await runFrom(DELETE, 'adopted')
    t.strictSame(types, ['operationEnded', 'stepSucceeded', 'ended'])
    t.match(job, { status: 'Succeeded' })
  })

  t.test(
    'fails the job with ARM_OPERATION_FAILED and the state of a failed or canceled operation',
    async (t) => {
      for (const state of ['Failed', 'Canceled']) {
        const cluster = await runFrom(SWITCH, 'adopted', { arrange: withState(state) })
        t.match(cluster.job.error, {
          code: 'ARM_OPERATION_FAILED',
          arm: { code: state, message: `The cluster's provisioning state is ${state}.`, requestId: null },
        })
        const other = await runFrom(CHANGE, 'adopted', { arrange: has(GATEWAY, resource(state)) })
        t.match(other.job.error, {
          code: 'ARM_OPERATION_FAILED',
          arm: { code: state, message: `The provisioning state of gateway-9 is ${state}.`, requestId: null },
        })
      }
    },
  )

  t.test('ends the job as Canceled after an abort only for operations on the cluster', async (t) => {
    const aborted = (step: Step): EventBody[] => [
      { type: 'abortRequested', step: step.key, requestId: null, refusal: null },
    ]
    const cluster = await runFrom(SWITCH, 'adopted', {
      more: aborted(SWITCH),
      arrange: withState('Canceled'),
    })
    t.match(cluster.job, { status: 'Canceled', error: { code: 'OPERATION_ABORTED' } })
    const other = await runFrom(UNDO_CHANGE, 'adopted', {
      more: aborted(UNDO_CHANGE),
      arrange: has(GATEWAY, resource('Canceled')),
    })
    t.match(other.job, { status: 'Failed', error: { code: 'ARM_OPERATION_FAILED' } })
  })

  t.test(
    'fails the job with OPERATION_TIMED_OUT when the operation does not end within its limit',
    async (t) => {
      const cluster = await runFrom(SWITCH, 'adopted', { arrange: withState('Updating') })
      t.match(cluster.job.error, { code: 'OPERATION_TIMED_OUT' })
      const other = await runFrom(CHANGE, 'adopted', { arrange: has(GATEWAY, resource('Updating')) })
      t.match(other.job.error, { code: 'OPERATION_TIMED_OUT' })
    },
  )
})

const NOT_WRITTEN = { types: ['writeNotSeen', 'writeLost', 'writeIntended'] }

t.test('reconciling a write without a recorded response', async (t) => {
  const adopted = (because: string) => [
    `The response of Azure to the write is unknown, but Azure shows the write: ${because}`,
  ]
  const rows: [string, Step, Situation, { adopted?: string; types?: string[]; code?: string }][] = [
    [
      'a cluster that is Failed was written',
      SWITCH,
      { arrange: withState('Failed') },
      { adopted: 'it is Failed.' },
    ],
    [
      'a cluster in any other state was written',
      SWITCH,
      { arrange: withState('Paused') },
      { adopted: 'it is Paused.' },
    ],
    [
      'a cluster that shows the target was written',
      SWITCH,
      { arrange: withType('managedNATGateway') },
      { adopted: 'it shows the target values of the step.' },
    ],
    [
      'a changed cluster makes the plan stale before the cutover',
      SWITCH,
      { arrange: withType('none') },
      { types: ['ended'], code: 'PLAN_STALE' },
    ],
    [
      'a changed cluster is no stale plan after the cutover',
      TAG,
      { done: [SWITCH], arrange: withType('managedNATGateway') },
      NOT_WRITTEN,
    ],
    [
      'a changed cluster is no stale plan in a rollback',
      UNDO_SWITCH,
      { arrange: withType('none') },
      NOT_WRITTEN,
    ],
    [
      'a cluster that is Failed was not written by a rollback',
      UNDO_SWITCH,
      { arrange: withState('Failed') },
      NOT_WRITTEN,
    ],
    [
      'a provisioning state is compared without case',
      UNDO_SWITCH,
      { arrange: withState('UPDATING') },
      { adopted: 'it is Updating.' },
    ],
    [
      'a cluster that is Updating was written by a rollback',
      UNDO_SWITCH,
      { arrange: withState('Updating') },
      { adopted: 'it is Updating.' },
    ],
    ['an unchanged cluster was not written', SWITCH, {}, NOT_WRITTEN],
    ['a resource that is gone was deleted', DELETE, {}, { adopted: 'it no longer exists.' }],
    [
      'a resource that is Deleting was deleted',
      DELETE,
      { arrange: has(GATEWAY, resource('Deleting')) },
      { adopted: 'it is Deleting.' },
    ],
    [
      'a resource that is there was not deleted',
      DELETE,
      { arrange: has(GATEWAY, resource('Succeeded', { idle: 4 })) },
      NOT_WRITTEN,
    ],
    [
      'a resource that exists was created',
      CREATE,
      { arrange: has(ADDRESS, resource('Failed')) },
      { adopted: 'it exists.' },
    ],
    ['a resource that is absent was not created', CREATE, {}, NOT_WRITTEN],
    [
      'a resource that shows the new values was changed',
      CHANGE,
      { arrange: has(GATEWAY, resource('Succeeded', { idle: 10 })) },
      { adopted: 'it shows the target values of the step.' },
    ],
    [
      'a resource that is Updating was changed',
      CHANGE,
      { arrange: has(GATEWAY, resource('Updating', { idle: 4 })) },
      { adopted: 'it is Updating.' },
    ],
    [
      'a resource that shows the former values was not changed, also when it is Failed',
      CHANGE,
      { arrange: has(GATEWAY, resource('Failed', { idle: 4 })) },
      NOT_WRITTEN,
    ],
    [
      'a resource that is gone was not changed, and the plan is stale only when it is written again',
      CHANGE,
      {},
      { types: ['writeNotSeen', 'writeLost', 'ended'], code: 'PLAN_STALE' },
    ],
    [
      'an agent pool that is Upgrading was upgraded',
      UPGRADE,
      { arrange: has(POOL, resource('Upgrading')) },
      { adopted: 'it is Upgrading.' },
    ],
    [
      'an agent pool at rest was not upgraded',
      UPGRADE,
      { arrange: has(POOL, resource('Succeeded')) },
      NOT_WRITTEN,
    ],
    [
      'an agent pool that is gone was not upgraded',
      UPGRADE,
      {},
      { types: ['writeNotSeen', 'writeLost', 'ended'], code: 'PLAN_STALE' },
    ],
  ]
  for (const [name, step, situation, wanted] of rows)
    t.test(name, async (t) => {
      const { types, messages, job } = await runFrom(step, 'intended', { ...situation, ticks: 3 })
      if (wanted.adopted !== undefined) t.strictSame(messages.slice(0, 1), adopted(wanted.adopted))
      const { types: expected = ['writeAdopted'] } = wanted
      t.strictSame(types.slice(0, expected.length), expected)
      if (wanted.code !== undefined) t.match(job.error, { code: wanted.code })
    })
})

t.test('reading a write back', async (t) => {
  t.test('waits up to 5 min for a cluster or resource with an operation under way', async (t) => {
    for (const [step, busy, rest] of [
      [SWITCH, all(withState('Updating'), withType('managedNATGateway')), withState('Succeeded')],
      [
        CHANGE,
        has(GATEWAY, resource('Updating', { idle: 10 })),
        has(GATEWAY, resource('Succeeded', { idle: 10 })),
      ],
    ] as const) {
      const point = step === SWITCH ? 'getCluster' : 'getResource'
      const passing = await runFrom(step, 'ended', {
        arrange: all(busy, (room) => room.arm.at(point, 3, () => rest(room))),
      })
      t.match(passing.job, { status: 'Succeeded' })
      t.equal(passing.reads(point), 3)
      const lasting = await runFrom(step, 'ended', { arrange: busy })
      t.match(lasting.job.error, {
        code: 'TARGET_NOT_REACHED',
        message: /\/properties\/provisioningState is "Updating", not "Succeeded"\.$/,
      })
      const { startedAt, finishedAt } = lasting.job.timestamps
      const elapsedMs = new Date(finishedAt ?? 0).getTime() - new Date(startedAt ?? 0).getTime()
      t.ok(elapsedMs >= 300_000 && elapsedMs < 330_000, `${elapsedMs} ms`)
    }
  })

  t.test('fails with TARGET_NOT_REACHED and the differences', async (t) => {
    const rows: [Step, Situation, RegExp][] = [
      [
        SWITCH,
        {},
        /\/properties\/networkProfile\/outboundType is "loadBalancer", not "managedNATGateway"\.$/,
      ],
      [DELETE, { arrange: has(GATEWAY, resource('Succeeded')) }, /state\. gateway-9 still exists\.$/],
      [DELETE, { arrange: has(GATEWAY, resource('Deleting')) }, /state\. gateway-9 still exists\.$/],
      [CREATE, {}, /state\. address-9 does not exist\.$/],
      [CHANGE, {}, /state\. gateway-9 does not exist\.$/],
      [
        CREATE,
        { arrange: has(ADDRESS, resource('Failed', { publicIPAllocationMethod: 'Dynamic' })) },
        /provisioningState is "Failed", not "Succeeded"; address-9 differs from what the step wrote\.$/,
      ],
      [
        UPGRADE,
        { arrange: has(POOL, resource('Failed')) },
        /provisioningState is "Failed", not "Succeeded"\.$/,
      ],
    ]
    for (const [step, situation, message] of rows) {
      const { job, types } = await runFrom(step, 'ended', situation)
      t.match(job.error, { code: 'TARGET_NOT_REACHED', message })
      t.strictSame(types, ['ended'])
    }
  })

  t.test('succeeds with the state of the target', async (t) => {
    const cluster = await runFrom(SWITCH, 'ended', { arrange: withType('managedNATGateway') })
    t.match(cluster.job, { status: 'Succeeded', warnings: [] })
    t.match(cluster.state?.observed, { outboundType: 'managedNATGateway', authorizedIPRanges: [] })
    const created = await runFrom(CREATE, 'ended', {
      arrange: has(
        ADDRESS,
        resource('Succeeded', { publicIPAllocationMethod: 'static', ipAddress: '20.0.0.9' }),
      ),
    })
    t.match(created.job, {
      status: 'Succeeded',
      preparedAddresses: [{ resourceId: ADDRESS, address: '20.0.0.9' }],
    })
    const changed = await runFrom(CHANGE, 'ended', {
      arrange: has(GATEWAY, resource('Succeeded', { idle: 10 })),
    })
    t.match(changed.job, { status: 'Succeeded', preparedAddresses: [] })
    t.strictSame(changed.state?.observed, {})
    const upgraded = await runFrom(UPGRADE, 'ended', { arrange: has(POOL, resource('Succeeded')) })
    t.match(upgraded.job, { status: 'Succeeded' })
    const deleted = await runFrom(DELETE, 'ended')
    t.match(deleted.job, { status: 'Succeeded' })
    t.strictSame(deleted.state?.observed, {})
  })

  t.test('warns of settings that Azure ignored in the verification step only', async (t) => {
    const room = new JobHarness(database)
    const { steps } = await room.plan()
    const ignored = all(withType('managedNATGateway'), ({ arm }) =>
      arm.foreignWrite(({ properties }) =>
        Object.assign((properties as { networkProfile: object }).networkProfile, {
          natGatewayProfile: { managedOutboundIPProfile: { count: 1 }, idleTimeoutInMinutes: 99 },
        }),
      ),
    )
    const verify = steps.find(({ key }) => key === 'verify')
    if (verify === undefined) throw new Error('the plan has no verification')
    const verified = await runFrom({ ...verify, expects: [] }, 'none', { arrange: ignored })
    t.match(verified.job, { status: 'Succeeded' })
    t.match(verified.job.warnings[0], /^Azure shows a different value at \S+ than the job wrote\.$/)
    t.strictSame(verified.types, [...verified.job.warnings.map(() => 'warned'), 'stepSucceeded', 'ended'])
    const written = await runFrom(SWITCH, 'ended', { arrange: ignored })
    t.match(written.job, { status: 'Succeeded', warnings: [] })
  })

  t.test('records the start of the verification step once while it waits for the cluster', async (t) => {
    const room = new JobHarness(database)
    const plan = await room.plan()
    const steps = plan.steps.filter(({ key }) => key === 'verify').map((step) => ({ ...step, expects: [] }))
    const { id } = await room.accept(await room.plan({ steps }))
    withState('Updating')(room)
    room.arm.at('getCluster', 3, () => withState('Succeeded')(room))
    await room.run()
    t.match(await room.jobs.get(id), { status: 'Succeeded', steps: [{ attempts: 1 }] })
    const types = (await room.jobs.log(id, 0, 100)).map(({ type }) => type)
    t.strictSame(
      types.filter((type) => type !== 'warned'),
      ['accepted', 'stepStarted', 'stepSucceeded', 'ended'],
    )
  })
})

t.test('fails the job with CLUSTER_GONE in every phase when the cluster does not exist', async (t) => {
  for (const [phase, point] of [
    ['none', 'read'],
    ['intended', 'getCluster'],
    ['adopted', 'getCluster'],
    ['ended', 'getCluster'],
  ] as const) {
    const { job } = await runFrom(SWITCH, phase, { arrange: ({ arm }) => arm.at(point, 1, notFound) })
    t.match(job, { status: 'Failed', error: { code: 'CLUSTER_GONE' } }, phase)
  }
})
