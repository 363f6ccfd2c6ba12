import fc from 'fast-check'
import t from 'tap'
import type { NewPlan } from '../../../src/core/planner/planner.ts'
import type { Snapshot } from '../../../src/core/snapshot/snapshot.ts'
import { planFor } from '../../support/a-plan.ts'
import { propertyRuns } from '../../support/property-runs.ts'
import { walkAll } from '../egress/packet-walker.ts'
import { destination, randomNetwork } from '../egress/random-network.ts'
import { changes, execute, isExecutable } from './step-executor.ts'

/** Executes the steps of plans on random networks, and walks packets between the steps. */

const samples = fc.array(destination, { minLength: 30, maxLength: 30 })

/** Every sampled packet of every subnet. */
function walks(world: Snapshot, addresses: string[]): string[] {
  return world.subnets.flatMap((subnet) =>
    addresses
      .filter((address) => !address.includes(':') || world.cluster.ipFamilies.includes('IPv6'))
      .map((address) => `${address} ${JSON.stringify(walkAll(address, subnet, world))}`),
  )
}

/** The step of the plan that first moves a sampled packet; null if no step does. */
function firstMove(plan: NewPlan, snapshot: Snapshot, addresses: string[]): string | null {
  const before = walks(snapshot, addresses).join()
  let world = snapshot
  for (const step of plan.steps) {
    world = execute(step, world, plan.to)
    if (walks(world, addresses).join() !== before) return step.key
  }
  return null
}

/** Fails if a step before the cutover moves a packet. Returns the step that moves the first packet. */
function checkCutover(plan: NewPlan, snapshot: Snapshot, addresses: string[]): string | null {
  const moving = firstMove(plan, snapshot, addresses)
  if (moving === null) return null
  const keys = plan.steps.map(({ key }) => key as string)
  const { step } = plan.cutOver
  if (step === null || keys.indexOf(moving) < keys.indexOf(step))
    throw new Error(`${moving} moves a packet before the cutover ${step}`)
  return moving
}

t.test('no step before the cutover of a plan moves a packet', async (t) => {
  const movers = new Set<string | null>()
  fc.assert(
    fc.property(
      randomNetwork,
      samples,
      fc.constantFrom(...changes),
      (snapshot, addresses, [target, prepare]) => {
        const plan = planFor(snapshot, target, prepare === undefined ? {} : { prepare })
        if (isExecutable(plan)) movers.add(checkCutover(plan, snapshot, addresses))
      },
    ),
    { numRuns: propertyRuns() },
  )
  t.ok(
    movers.has('change-outbound-type') && movers.has('prepare-subnet-1'),
    'both kinds of steps move packets',
  )
})

t.test('no step before the cutover of a cleanup moves a packet', async (t) => {
  const movers = new Set<string | null>()
  fc.assert(
    fc.property(randomNetwork, samples, (snapshot, addresses) => {
      const { outboundType } = snapshot.cluster
      const cleanUp = { detach: true, narrow: [], delete: [] }
      const plan = planFor(snapshot, outboundType as never, { cleanUp })
      if (isExecutable(plan)) movers.add(checkCutover(plan, snapshot, addresses))
    }),
    { numRuns: propertyRuns() },
  )
  t.ok(movers.has('clean-up-detach-1'), 'detachments move packets')
})
