import fc from 'fast-check'
import t from 'tap'
import type { NewPlan } from '../../../src/core/planner/planner.ts'
import type { Snapshot } from '../../../src/core/snapshot/snapshot.ts'
import { planFor } from '../../support/a-plan.ts'
import { propertyRuns } from '../../support/property-runs.ts'
import { appliancesOf, walkAll } from '../egress/packet-walker.ts'
import { anyNetwork, EVERY_CLASS } from '../egress/random-network.ts'
import { changes, execute, isExecutable } from './step-executor.ts'

/** An address of every class of destinations, from every subnet. */
function walks(world: Snapshot): string[] {
  return world.subnets.flatMap((subnet) =>
    EVERY_CLASS.filter((address) => !address.includes(':') || world.cluster.ipFamilies.includes('IPv6')).map(
      (address) =>
        `${address} ${JSON.stringify(walkAll(address, subnet, world))} ${appliancesOf(address, subnet, world)}`,
    ),
  )
}

/** The step of the plan that first moves a packet; null if no step does. */
function firstMove(plan: NewPlan, snapshot: Snapshot): string | null {
  const before = walks(snapshot).join()
  let world = snapshot
  for (const step of plan.steps) {
    world = execute(step, world, plan.to)
    if (walks(world).join() !== before) return step.key
  }
  return null
}

/** If the current path is unknown, a plan must assume that packets may move. */
function isUncertain({ paths }: NewPlan): boolean {
  return paths.some(({ before, after }) => [before.path, after.path].includes('unknown'))
}

/** Fails if the cutover is not the step that moves the first packet. Returns this step. */
function checkCutover(plan: NewPlan, snapshot: Snapshot): string | null {
  const moving = firstMove(plan, snapshot)
  const { step } = plan.cutOver
  const keys: (string | null)[] = plan.steps.map(({ key }) => key)
  const isTooLate = moving !== null && (step === null || keys.indexOf(moving) < keys.indexOf(step))
  if (isTooLate) throw new Error(`${moving} moves a packet before the cutover ${step}`)
  if (isUncertain(plan)) return moving
  if (step !== moving)
    throw new Error(`the cutover is ${step}, but ${moving ?? 'no step'} moves the first packet`)
  if (plan.disruption.movesTraffic !== (moving !== null))
    throw new Error(`the plan states that traffic ${moving === null ? 'moves' : 'stays'}`)
  return moving
}

t.test('the cutover of a plan is the first step that moves a packet', async (t) => {
  const movers = new Set<string | null>()
  fc.assert(
    fc.property(anyNetwork, fc.constantFrom(...changes), (snapshot, [target, prepare]) => {
      const plan = planFor(snapshot, target, prepare === undefined ? {} : { prepare })
      if (isExecutable(plan)) movers.add(checkCutover(plan, snapshot))
    }),
    { numRuns: propertyRuns() },
  )
  t.ok(
    [null, 'change-outbound-type', 'prepare-subnet-1'].every((key) => movers.has(key)),
    'both kinds of steps move packets, and some plans move none',
  )
})

t.test('the cutover of a cleanup is the first step that moves a packet', async (t) => {
  const movers = new Set<string | null>()
  fc.assert(
    fc.property(anyNetwork, (snapshot) => {
      const { outboundType } = snapshot.cluster
      const cleanUp = { detach: true, narrow: [], delete: [] }
      const plan = planFor(snapshot, outboundType as never, { cleanUp })
      if (isExecutable(plan)) movers.add(checkCutover(plan, snapshot))
    }),
    { numRuns: propertyRuns() },
  )
  t.ok(
    [null, 'clean-up-detach-1'].every((key) => movers.has(key)),
    'detachments move packets, and some move none',
  )
})
