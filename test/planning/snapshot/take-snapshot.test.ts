import t from 'tap'
import { type Arm, NETWORK_KINDS } from '../../../src/azure/arm.ts'
import { readVnet } from '../../../src/core/snapshot/vnet-kind.ts'
import { createTakeSnapshot } from '../../../src/planning/snapshot/take-snapshot.ts'
import { codesOf, planFor } from '../../support/a-plan.ts'
import { DEMO_CLUSTERS, DEMO_GROUP, DEMO_SUBSCRIPTION, type Demo, startDemo } from '../../support/demo.ts'

const OTHER = '33333333-3333-3333-3333-333333333333'
const NETWORK = `/subscriptions/${DEMO_SUBSCRIPTION}/resourceGroups/${DEMO_GROUP}/providers/Microsoft.Network`
const OTHER_NETWORK = `/subscriptions/${OTHER}/resourceGroups/rg-network/providers/Microsoft.Network`

/** Counts rounds: a call is in the round after the last call that had ended when it began. */
function counting(arm: Arm): { arm: Arm; rounds: () => number; calls: () => number } {
  let ended = 0
  let rounds = 0
  let calls = 0
  const counted = new Proxy(arm, {
    get(target, name) {
      const method = Reflect.get(target, name) as (...given: unknown[]) => Promise<unknown>
      return async (...given: unknown[]) => {
        const round = ended + 1
        rounds = Math.max(rounds, round)
        calls++
        try {
          return await method.apply(target, given)
        } finally {
          ended = Math.max(ended, round)
        }
      }
    },
  })
  return { arm: counted, rounds: () => rounds, calls: () => calls }
}

/** Holds every answer back until all are there that were asked for: what is asked then is exactly one round later. */
function inLockstep(arm: Arm): { arm: Arm; rounds: () => number } {
  let underWay = 0
  let rounds = 0
  let held: (() => void)[] = []
  const release = () => {
    if (held.length < underWay) return
    const all = held
    held = []
    underWay = 0
    rounds++
    for (const answer of all) answer()
  }
  const kept = new Proxy(arm, {
    get(target, name) {
      const method = Reflect.get(target, name) as (...given: unknown[]) => Promise<unknown>
      return async (...given: unknown[]) => {
        underWay++
        try {
          return await method.apply(target, given)
        } finally {
          await new Promise<void>((answer) => {
            held.push(answer)
            release()
          })
        }
      }
    },
  })
  return { arm: kept, rounds: () => rounds }
}

/** The user's own network of the demo fleet moves to another subscription. */
async function moveNetworks(demo: Demo): Promise<void> {
  const { resources } = (await demo.control('state')) as { resources: unknown[] }
  const moved = JSON.parse(JSON.stringify(resources).replaceAll(NETWORK, OTHER_NETWORK))
  await demo.control('reset', { resources: moved })
}

t.test('reads a cluster in one round when everything is in its subscription', async (t) => {
  const demo = await startDemo(t)
  for (const name of DEMO_CLUSTERS) {
    const { arm, rounds } = counting(demo.arm)
    const snapshot = await createTakeSnapshot(arm, () => new Date(0))(demo.ref(name), [], {
      maintenance: true,
    })
    t.equal(rounds(), 1, name)
    t.ok(snapshot.maintenance && 'facts' in snapshot.maintenance)
  }
})

t.test(
  'reads a cluster in two rounds when its subnets are in another subscription, and as completely',
  async (t) => {
    const demo = await startDemo(t)
    const names = ['lb-byo-nat-attached', 'lb-byo-udr-ready', 'nat-byo', 'udr-byo', 'kubenet-byo'] as const
    const before = new Map<string, string>()
    const verdict = async (name: string, arm: Arm) => {
      const snapshot = await createTakeSnapshot(arm, () => new Date(0))(demo.ref(name))
      t.strictSame(snapshot.unread, [], `${name}: nothing unread`)
      const plans = (['userAssignedNATGateway', 'userDefinedRouting'] as const).map((type) =>
        planFor(snapshot, type),
      )
      return JSON.stringify(plans.map(({ status, from, egressIps }) => ({ status, from, egressIps })))
    }
    for (const name of names) before.set(name, await verdict(name, demo.arm))
    await moveNetworks(demo)
    for (const name of names) {
      const { arm, rounds, calls } = counting(demo.arm)
      const seen = await verdict(name, arm)
      t.equal(seen, before.get(name)?.replaceAll(NETWORK, OTHER_NETWORK), `${name}: the same plans as before`)
      t.equal(rounds(), 2, `${name}: two rounds for ${calls()} calls`)
    }
  },
)

t.test('finds the firewall of a peered hub in another subscription, in one round more', async (t) => {
  const demo = await startDemo(t)
  const name = 'lb-byo-udr-ready'
  const addresses = async (arm: Arm) => {
    const snapshot = await createTakeSnapshot(arm, () => new Date(0))(demo.ref(name))
    t.strictSame(snapshot.unread, [])
    return planFor(snapshot, 'userDefinedRouting').paths[0]?.after.addresses
  }
  const before = await addresses(demo.arm)
  t.ok((before?.length ?? 0) > 0, 'the firewall is known')
  const { resources } = (await demo.control('state')) as { resources: { id: string }[] }
  const hub = resources.map(({ id }) => id).filter((id) => /vnet-hub$|fw-hub/.test(id))
  const moved = JSON.parse(
    hub.reduce(
      (text, id) => text.replaceAll(id, id.replace(NETWORK, OTHER_NETWORK)),
      JSON.stringify(resources),
    ),
  ) as { id: string; properties: object }[]
  const alone = moved.map((item) =>
    item.id.endsWith(`/vnet-${name}`)
      ? { ...item, properties: { ...item.properties, virtualNetworkPeerings: [] } }
      : item,
  )
  // A firewall in a network that is not peered has the same private address.
  const isFirewall = ({ id }: { id: string }) => id.endsWith('/azureFirewalls/fw-hub')
  const decoy = JSON.parse(
    JSON.stringify(moved.find(isFirewall))
      .replaceAll(OTHER_NETWORK, NETWORK)
      .replaceAll('vnet-hub', 'vnet-decoy'),
  )
  await demo.control('reset', { resources: [...alone, decoy] })
  t.strictSame(await addresses(demo.arm), [], 'nothing leads to the other subscription')
  const network = (
    await demo.arm.getNetwork('virtualNetworks', `${NETWORK}/virtualNetworks/vnet-${name}`, {})
  ).id
  const read = (await demo.control('state')) as { resources: { id: string; properties: object }[] }
  const body = read.resources.find(({ id }) => id === network)
  const remoteVirtualNetwork = { id: `${OTHER_NETWORK}/virtualNetworks/vnet-hub` }
  const peering = { name: 'hub', properties: { peeringState: 'Connected', remoteVirtualNetwork } }
  const properties = { ...body?.properties, virtualNetworkPeerings: [peering] }
  await demo.control('resources', { put: [{ ...body, properties }] })
  const { arm, rounds } = counting(demo.arm)
  t.strictSame(await addresses(arm), before)
  t.equal(rounds(), 2)
})

t.test('reads the surroundings, policies, and roles in one round after the cluster', async (t) => {
  const demo = await startDemo(t)
  const policyAssignments = `/subscriptions/${DEMO_SUBSCRIPTION}/providers/Microsoft.Authorization/policyAssignments`
  const policyDefinitionId =
    '/providers/Microsoft.Authorization/policyDefinitions/6c112d4e-5bc7-47ae-a041-ea2d9dccd749'
  await demo.control('resources', {
    put: [{ id: `${policyAssignments}/one`, properties: { policyDefinitionId } }],
  })
  for (const name of DEMO_CLUSTERS) {
    const { arm, rounds } = inLockstep(demo.arm)
    const take = createTakeSnapshot(arm, () => new Date(0))
    const { surroundings, unread } = await take(demo.ref(name), [], { surroundings: true })
    t.equal(rounds(), 2, name)
    t.strictSame(unread, [], name)
    t.strictSame(Object.keys(surroundings?.authorization.policies.definitions ?? {}), [
      policyDefinitionId.toLowerCase(),
    ])
  }
})

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

t.test('sends all reads of a cluster in one subscription at the same time', async (t) => {
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
  const { createTakeSnapshot } = await import('../../../src/planning/snapshot/take-snapshot.ts')
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

t.test('names all unread resources if only the cluster may be read', async (t) => {
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

t.test('a subscription without responses does not delay snapshots of other subscriptions', async (t) => {
  const demo = await startDemo(t)
  const pending = Promise.withResolvers<never>()
  pending.promise.catch(() => undefined)
  let begun = 0
  const arm: Arm = {
    ...demo.arm,
    async getCluster(ref, options) {
      if (ref.subscriptionId !== OTHER) return demo.arm.getCluster(ref, options)
      begun++
      return pending.promise
    },
  }
  const take = createTakeSnapshot(arm, () => new Date(0))
  const { length: waiting } = Array.from({ length: 300 }, () => {
    const snapshot = take({ ...demo.ref('lb-managed'), subscriptionId: OTHER })
    snapshot.catch(() => undefined)
    return snapshot
  })
  t.match(await take(demo.ref('lb-managed')), { cluster: { name: 'lb-managed' } })
  t.ok(begun > 0 && begun < waiting / 10, `${begun} begun`)
  const abandoned = take({ ...demo.ref('lb-managed'), subscriptionId: OTHER }, [], { isWanted: () => false })
  pending.reject(new Error('ended'))
  await t.rejects(abandoned, /no caller waits/)
  t.equal(begun, waiting, 'each of those that are wanted gets its turn')
})

t.test('measured demand adds no round to the reads of a plan', async (t) => {
  const demo = await startDemo(t)
  let measured = 0
  const roundsOf = async (name: string, metricsInLockstep: boolean) => {
    const { arm, rounds } = inLockstep(demo.arm)
    const readMetrics: Arm['readMetrics'] = async (...given) => {
      measured++
      return metricsInLockstep ? arm.readMetrics(...given) : []
    }
    const counted = new Proxy(arm, {
      get: (target, key) => (key === 'readMetrics' ? readMetrics : Reflect.get(target, key)),
    })
    const take = createTakeSnapshot(counted, () => new Date('2026-09-01T00:00:00Z'))
    await take(demo.ref(name), [], { surroundings: true })
    return rounds()
  }
  for (const name of ['lb-managed', 'nat-managed']) {
    measured = 0
    const rounds = await roundsOf(name, true)
    t.ok(measured > 0, `${name} is measured`)
    t.equal(rounds, 2, `${name}: two rounds`)
    t.equal(rounds, await roundsOf(name, false), `${name}: as many as without metrics`)
  }
})
