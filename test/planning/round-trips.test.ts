import t from 'tap'
import type { Arm } from '../../src/azure/arm.ts'
import { createTakeSnapshot } from '../../src/planning/take-snapshot.ts'
import { planFor } from '../support/a-plan.ts'
import { DEMO_CLUSTERS, DEMO_GROUP, DEMO_SUBSCRIPTION, type Demo, startDemo } from '../support/demo.ts'

const OTHER = '33333333-3333-3333-3333-333333333333'
const NETWORK = `/subscriptions/${DEMO_SUBSCRIPTION}/resourceGroups/${DEMO_GROUP}/providers/Microsoft.Network`
const OTHER_NETWORK = `/subscriptions/${OTHER}/resourceGroups/rg-network/providers/Microsoft.Network`

/** Counts rounds: a call is in the round after the last one that had ended when it began. */
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
    await createTakeSnapshot(arm, () => new Date(0))(demo.ref(name))
    t.equal(rounds(), 1, name)
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

t.test('looks around in one round more than the cluster itself, policies and roles included', async (t) => {
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
    t.strictSame(Object.keys(surroundings?.rights.policies.definitions ?? {}), [
      policyDefinitionId.toLowerCase(),
    ])
  }
})
