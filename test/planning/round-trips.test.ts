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
