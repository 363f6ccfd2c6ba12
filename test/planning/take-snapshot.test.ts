import t from 'tap'
import { NETWORK_KINDS } from '../../src/azure/arm.ts'
import { readVnet } from '../../src/core/vnet-kind.ts'
import { codesOf, planFor } from '../support/a-plan.ts'
import { DEMO_CLUSTERS, startDemo } from '../support/demo.ts'

t.test('reads every demo cluster completely, with GETs alone', async (t) => {
  const demo = await startDemo(t)
  for (const name of DEMO_CLUSTERS) {
    const snapshot = await demo.takeSnapshot(demo.ref(name))
    t.equal(snapshot.cluster.name, name)
    t.strictSame(snapshot.unread, [], `${name} is read completely`)
    t.ok(snapshot.subnets.length > 0, `the subnets of ${name} are seen`)
    t.equal(readVnet(snapshot.cluster).inconsistency, null)
  }
  const methods = new Set((await demo.requests()).map((each) => each.method))
  t.strictSame([...methods], ['GET'])
})

t.test('makes all reads of a cluster in one subscription at once', async (t) => {
  const demo = await startDemo(t)
  const arm = demo.arm
  let underWay = 0
  let most = 0
  const counted = new Proxy(arm, {
    get(target, name) {
      const method = Reflect.get(target, name) as (...args: unknown[]) => Promise<unknown>
      return async (...args: unknown[]) => {
        underWay++
        most = Math.max(most, underWay)
        try {
          return await method.apply(target, args)
        } finally {
          underWay--
        }
      }
    },
  })
  const { createTakeSnapshot } = await import('../../src/planning/take-snapshot.ts')
  await createTakeSnapshot(counted, () => new Date(0))(demo.ref('lb-byo-nat-attached'))
  t.equal(most, NETWORK_KINDS.length + 2, 'cluster, agent pools and every network list together')
  t.equal((await demo.requests()).length, NETWORK_KINDS.length + 2, 'and nothing after them')
})

for (const kind of ['agentPools', ...NETWORK_KINDS]) {
  t.test(`still plans when ${kind} may not be listed, and says what it did not see`, async (t) => {
    const demo = await startDemo(t)
    const fault = { kind: 'status', status: 403, code: 'AuthorizationFailed', message: 'no rights' }
    const whole = kind === 'agentPools' ? '/agentPools' : `/providers/Microsoft\\.Network/${kind}(\\?|$)`
    await demo.control('faults', [{ match: { method: 'GET', pathPattern: whole }, fault }])
    const snapshot = await demo.takeSnapshot(demo.ref('lb-byo-udr-ready'))
    const struck = (await demo.control('faults')) as { strikes?: number; struck?: number }[]
    t.ok(JSON.stringify(struck).match(/[1-9]/), 'the fault was met')
    const made = planFor(snapshot, 'userDefinedRouting')
    const mustBeNamed = kind === 'agentPools' || kind === 'azureFirewalls'
    t.equal(
      codesOf(made).includes('READ_INCOMPLETE'),
      mustBeNamed,
      'named only where single reads cannot stand in',
    )
    if (mustBeNamed) t.match(JSON.stringify(snapshot.unread), new RegExp(kind))
    t.equal(snapshot.subnets.length > 0, true, 'the subnets are found one by one')
  })
}

t.test('names everything when nothing but the cluster may be read', async (t) => {
  const demo = await startDemo(t)
  const fault = { kind: 'status', status: 403, code: 'AuthorizationFailed', message: 'no rights' }
  await demo.control('faults', [{ match: { pathPattern: 'Microsoft\\.Network' }, fault }])
  for (const name of DEMO_CLUSTERS) {
    const snapshot = await demo.takeSnapshot(demo.ref(name))
    t.ok(snapshot.unread.length > 0, `${name}: ${snapshot.unread.map((each) => each.what).join(', ')}`)
    for (const { reason } of snapshot.unread) t.equal(reason, 'denied')
    const made = planFor(snapshot, 'userAssignedNATGateway')
    t.equal(made.status === 'applicable', false, 'nothing is promised of a network that was not seen')
    t.doesNotThrow(() => planFor(snapshot, 'managedNATGateway'))
  }
})

t.test('rejects when the cluster itself cannot be read', async (t) => {
  const demo = await startDemo(t)
  const fault = await demo.takeSnapshot(demo.ref('no-such-cluster')).catch((error: unknown) => error)
  t.match(fault, { name: 'ArmFault', kind: 'not-found', code: 'ResourceNotFound' })
})
