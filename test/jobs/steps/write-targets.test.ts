import t from 'tap'
import type { Step } from '../../../src/contract/steps.ts'
import { openEmptyDatabase, openMigrated } from '../../support/databases.ts'
import {
  ADDRESS,
  all,
  CHANGE,
  CREATE,
  DELETE,
  GATEWAY,
  has,
  type Phase,
  POOL,
  resource,
  runFrom as runOn,
  type Situation,
  SWITCH,
  stopped,
  TAG,
  UNDO_SWITCH,
  UPGRADE,
  withState,
  withType,
} from '../support/phase-harness.ts'

const database = await openMigrated(openEmptyDatabase(t))
const runFrom = (step: Step, phase: Phase, situation: Situation = {}) =>
  runOn(database, step, phase, situation)

const SENT = { type: 'writeIntended', message: /./ }

t.test('deciding whether to send a write', async (t) => {
  const busy = (name: string, state: string) =>
    new RegExp(`^OperationNotAllowed: ${name} is ${state}; another operation is in progress`)
  const rows: [string, Step, Situation, { type: string; message: RegExp }][] = [
    [
      'a cluster with an operation under way is busy',
      SWITCH,
      { arrange: withState('Updating') },
      { type: 'faulted', message: busy('The cluster', 'Updating') },
    ],
    [
      'a cluster that is Failed is busy',
      SWITCH,
      { arrange: withState('Failed') },
      { type: 'faulted', message: busy('The cluster', 'Failed') },
    ],
    [
      'a cluster that is Failed is written by a rollback',
      UNDO_SWITCH,
      { arrange: withState('Failed') },
      SENT,
    ],
    [
      'a cluster with an operation under way is busy for a rollback too',
      UNDO_SWITCH,
      { arrange: withState('Updating') },
      { type: 'faulted', message: busy('The cluster', 'Updating') },
    ],
    [
      'a cluster that shows the target and is Succeeded is skipped by a rollback',
      UNDO_SWITCH,
      { arrange: withType('managedNATGateway') },
      { type: 'stepSkipped', message: /^Step skipped: the cluster already shows the target values\.$/ },
    ],
    [
      'a cluster that shows the target and is Failed is written by a rollback',
      UNDO_SWITCH,
      { arrange: all(withType('managedNATGateway'), withState('Failed')) },
      SENT,
    ],
    [
      'a changed cluster makes the plan stale before the cutover',
      SWITCH,
      { arrange: withType('none') },
      { type: 'ended', message: /Changed: cluster\.outboundType\./ },
    ],
    [
      'another outbound type makes the plan stale after the cutover',
      TAG,
      { done: [SWITCH] },
      {
        type: 'ended',
        message: /The outbound type is loadBalancer again, so the step "A step" is not executed\./,
      },
    ],
    [
      'a cluster that was stopped makes the plan stale before the cutover',
      SWITCH,
      { arrange: stopped },
      { type: 'ended', message: /Changed: cluster\.powerState\./ },
    ],
    [
      'a cluster that was stopped ends the job after the cutover',
      TAG,
      { done: [SWITCH], arrange: all(withType('managedNATGateway'), stopped) },
      { type: 'ended', message: /The cluster is stopped, so the step "A step" is not executed\./ },
    ],
    [
      'a cluster that was stopped ends a rollback',
      UNDO_SWITCH,
      { arrange: stopped },
      { type: 'ended', message: /The cluster is stopped, so the step "A step" is not executed\./ },
    ],
    [
      'a cluster in a state of its own is busy for a rollback too',
      UNDO_SWITCH,
      { arrange: withState('RotatingClusterCertificates') },
      { type: 'faulted', message: busy('The cluster', 'RotatingClusterCertificates') },
    ],
    [
      'a resource that should not exist yet is adopted',
      CREATE,
      { arrange: has(ADDRESS, resource('Updating')) },
      { type: 'writeAdopted', message: /: address-9 already exists\.$/ },
    ],
    ['a resource that is absent is created', CREATE, {}, SENT],
    [
      'a resource to change that is gone makes the plan stale',
      CHANGE,
      {},
      { type: 'ended', message: /gateway-9 no longer exists\./ },
    ],
    [
      'a resource that shows the new values is adopted, also when it is busy',
      CHANGE,
      { arrange: has(GATEWAY, resource('Updating', { idle: 10 })) },
      { type: 'writeAdopted', message: /: gateway-9 already shows the target values\.$/ },
    ],
    [
      'a resource with an operation under way is busy',
      CHANGE,
      { arrange: has(GATEWAY, resource('UPDATING', { idle: 4 })) },
      { type: 'faulted', message: busy('gateway-9', 'UPDATING') },
    ],
    [
      'a resource that is Failed is written',
      CHANGE,
      { arrange: has(GATEWAY, resource('Failed', { idle: 4 })) },
      SENT,
    ],
    [
      'a resource with other values than planned makes the plan stale',
      CHANGE,
      { arrange: has(GATEWAY, resource('Succeeded', { idle: 7 })) },
      { type: 'ended', message: /gateway-9 has changed since the plan was created\./ },
    ],
    [
      'a resource to delete that is gone is adopted',
      DELETE,
      {},
      { type: 'writeAdopted', message: /: gateway-9 no longer exists\.$/ },
    ],
    [
      'a resource to delete with an operation under way is busy',
      DELETE,
      { arrange: has(GATEWAY, resource('Updating', { idle: 4 })) },
      { type: 'faulted', message: busy('gateway-9', 'Updating') },
    ],
    [
      'a resource to delete that could not be restored as it is makes the plan stale',
      DELETE,
      { arrange: has(GATEWAY, resource('Succeeded', { idle: 7 })) },
      { type: 'ended', message: /gateway-9 has changed since the plan was created\./ },
    ],
    [
      'a resource to delete that could be restored is deleted',
      DELETE,
      { arrange: has(GATEWAY, resource('Succeeded', { idle: 4, other: 1 })) },
      SENT,
    ],
    [
      'an agent pool that is gone makes the plan stale',
      UPGRADE,
      {},
      { type: 'ended', message: /The pool pool9 no longer exists\./ },
    ],
    [
      'an agent pool with an operation under way is busy',
      UPGRADE,
      { arrange: has(POOL, resource('Scaling')) },
      { type: 'faulted', message: busy('pool9', 'Scaling') },
    ],
    [
      'an agent pool whose node image is being upgraded is busy',
      UPGRADE,
      { arrange: has(POOL, resource('UpgradingNodeImageVersion')) },
      { type: 'faulted', message: busy('pool9', 'UpgradingNodeImageVersion') },
    ],
    [
      'an agent pool that was stopped makes the plan stale',
      UPGRADE,
      { arrange: has(POOL, resource('Succeeded', { powerState: { code: 'Stopped' } })) },
      { type: 'ended', message: /The pool pool9 is stopped, so its nodes are not upgraded\./ },
    ],
    ['an agent pool that is Failed is upgraded', UPGRADE, { arrange: has(POOL, resource('Failed')) }, SENT],
  ]
  for (const [name, step, situation, { type, message }] of rows)
    t.test(name, async (t) => {
      const { types, messages } = await runFrom(step, 'none', { ...situation, ticks: 1 })
      t.equal(types[0], type)
      t.match(messages[0], message)
    })

  t.test('fails the job with TARGET_NOT_REACHED before the write when an address is unknown', async (t) => {
    const changes = [{ op: 'unionDiscoveredEgress', path: '/a' }] as const
    const step: Step = { ...SWITCH, does: { kind: 'updateCluster', apiVersion: '', changes: [...changes] } }
    const { job, room } = await runFrom(step, 'none')
    t.match(job.error, {
      code: 'TARGET_NOT_REACHED',
      message: /An address that must be authorized was not found\./,
    })
    t.strictSame(room.arm.puts, [])
  })

  t.test('records changes for later staleness checks only for writes of the cluster', async (t) => {
    const cluster = await runFrom(SWITCH, 'none')
    t.match(cluster.job, { status: 'Succeeded' })
    t.strictSame(cluster.state?.applied, SWITCH.does.kind === 'updateCluster' ? SWITCH.does.changes : null)
    const other = await runFrom(CHANGE, 'none', { arrange: has(GATEWAY, resource('Succeeded', { idle: 4 })) })
    t.match(other.job, { status: 'Succeeded' })
    t.strictSame(other.room.arm.resourceWrites, [`PUT ${GATEWAY}`])
    t.strictSame(other.state?.applied, [])
  })
})
