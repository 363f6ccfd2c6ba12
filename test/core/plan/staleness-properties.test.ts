import assert from 'node:assert/strict'
import fc from 'fast-check'
import t from 'tap'
import type { PathSide } from '../../../src/contract/egress.ts'
import type { OutboundType } from '../../../src/contract/outbound-type.ts'
import { findStaleFacts, findStaleFactsMidJob } from '../../../src/core/plan/staleness.ts'
import type { NewPlan } from '../../../src/core/planner/planner.ts'
import type { Snapshot } from '../../../src/core/snapshot/snapshot.ts'
import { planFor } from '../../support/a-plan.ts'
import { propertyRuns } from '../../support/property-runs.ts'
import { anyNetwork } from '../egress/random-network.ts'
import { changes, execute } from './step-executor.ts'

type Group = 'publicIps' | 'natGateways' | 'firewalls' | 'routeTables' | 'virtualNetworks'

/** Changes that others can make between a plan and its execution, to one resource of a group. */
const EDITS: [Group, (item: never) => object][] = [
  ['publicIps', () => ({ address: '20.99.0.1' })],
  ['publicIps', () => ({ address: null })],
  ['natGateways', () => ({ publicIpIds: [] })],
  ['natGateways', () => ({ sku: 'StandardV2' })],
  ['firewalls', () => ({ publicIpIds: [], hubPublicAddresses: ['20.99.0.2'] })],
  ['firewalls', () => ({ privateAddresses: ['10.9.0.99'] })],
  ['routeTables', () => ({ routes: [] })],
  ['routeTables', ({ routes }: { routes: object[] }) => ({ routes: routes.slice(1) })],
  ['routeTables', () => ({ disableBgpRoutePropagation: true })],
  ['virtualNetworks', () => ({ peerings: [], natGatewayId: null })],
]

const edit = fc.record({ kind: fc.constantFrom(...EDITS), item: fc.nat(12) })

type EditOf = typeof edit extends fc.Arbitrary<infer T> ? T : never

function edited(snapshot: Snapshot, { kind: [group, change], item }: EditOf): Snapshot {
  const entries = Object.entries<object>(snapshot[group])
  const [key, facts] = entries[item % Math.max(1, entries.length)] ?? []
  if (key === undefined) return snapshot
  return { ...snapshot, [group]: { ...snapshot[group], [key]: { ...facts, ...change(facts as never) } } }
}

const change = fc.constantFrom(...changes)
const planOf = (snapshot: Snapshot, [target, prepare]: (typeof changes)[number]) =>
  planFor(snapshot, target, prepare === undefined ? {} : { prepare })

const sideOf = ({ path, via, addresses }: PathSide) => [path, via, addresses]

/** The paths of the packets, and the step that moves them. How certain a path is does not make a plan stale. */
const outcomeOf = ({ paths, cutOver }: NewPlan) =>
  JSON.stringify([
    cutOver.step,
    ...paths.map(({ destination, family, pools, before, after }) => [
      [destination, family, pools],
      [sideOf(before), sideOf(after)],
    ]),
  ])

t.test('a plan is not stale while nothing has changed', async () => {
  fc.assert(
    fc.property(anyNetwork, change, (snapshot, wanted) => {
      assert.deepEqual(findStaleFacts(planOf(snapshot, wanted), structuredClone(snapshot)), [])
    }),
    { numRuns: propertyRuns() },
  )
})

t.test('a plan is stale if the paths or addresses after its change would be others', async (t) => {
  let others = 0
  fc.assert(
    fc.property(
      anyNetwork,
      change,
      fc.array(edit, { minLength: 1, maxLength: 3 }),
      (snapshot, wanted, edits) => {
        const plan = planOf(snapshot, wanted)
        const later = edits.reduce(edited, snapshot)
        if (plan.status !== 'applicable' || outcomeOf(planOf(later, wanted)) === outcomeOf(plan)) return true
        others++
        return findStaleFacts(plan, later).length > 0
      },
    ),
    { numRuns: propertyRuns(2) },
  )
  t.ok(others > 0)
})

t.test('the steps of a job before it writes the cluster do not make its own plan stale', async (t) => {
  const compared = { putResource: 0, deleteResource: 0 }
  const cleanUp = { detach: true, narrow: [], delete: [] }
  fc.assert(
    fc.property(anyNetwork, change, fc.boolean(), (snapshot, wanted, isCleanup) => {
      const plan = isCleanup
        ? planFor(snapshot, snapshot.cluster.outboundType as OutboundType, { cleanUp })
        : planOf(snapshot, wanted)
      let world = snapshot
      for (const [index, step] of plan.steps.entries()) {
        const { kind } = step.does
        if (kind === 'updateCluster') break
        if (kind !== 'putResource' && kind !== 'deleteResource') continue
        world = execute(step, world, plan.to)
        assert.deepEqual(findStaleFactsMidJob(plan, world, [], plan.steps.slice(0, index + 1)), [])
        compared[kind]++
      }
    }),
    { numRuns: propertyRuns(3) },
  )
  t.ok(compared.putResource > 0 && compared.deleteResource > 0, 'some jobs create, and some delete')
})
