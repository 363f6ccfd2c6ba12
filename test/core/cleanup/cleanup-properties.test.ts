import fc from 'fast-check'
import t from 'tap'
import type { Plan } from '../../../src/contract/plan.ts'
import { isWrite } from '../../../src/core/job/job-state.ts'
import { buildPlan } from '../../../src/core/planner/planner.ts'
import type { CleanupRequest, OwnedAttachment } from '../../../src/core/request/plan-request.ts'
import type { Snapshot } from '../../../src/core/snapshot/snapshot.ts'
import { GROUP, NETWORK } from '../../support/a-cluster.ts'
import { ANY_POLICY, STAMP } from '../../support/a-plan.ts'
import { arbitraryRequest, arbitrarySnapshot } from '../../support/arbitrary-snapshot.ts'
import { propertyRuns } from '../../support/property-runs.ts'

/** The names that arbitrary snapshots give their resources, each of them in half of the cleanups. */
const ids = fc.shuffledSubarray(
  [
    ...['publicIPAddresses/pub0', 'publicIPAddresses/pub1', 'publicIPAddresses/pub2'],
    ...['publicIPAddresses/pub3', 'publicIPPrefixes/pub0', 'publicIPPrefixes/pub1'],
    ...['natGateways/nat0', 'natGateways/nat1', 'routeTables/rou0', 'routeTables/rou1'],
  ].map((name) => `${GROUP}/${NETWORK}/${name}`),
)
const entries = fc.subarray(['203.0.113.0/24', '20.0.0.0/30', '20.0.0.1', '20.0.0.2/32', '0.0.0.0/32'])
const at = (name: string) => `${GROUP}/${NETWORK}/${name}`
const subnetId = fc.constantFrom('a', 'b', 'c').map((name) => at(`virtualNetworks/vnet/subnets/${name}`))
const tableId = fc.constantFrom('rou0', 'rou1').map((name) => at(`routeTables/${name}`))
const route = fc.record({
  name: fc.constant('r'),
  addressPrefix: fc.constant('0.0.0.0/0'),
  nextHopType: fc.constantFrom('VirtualAppliance', 'VirtualNetworkGateway'),
  nextHopIpAddress: fc.constantFrom('10.0.0.4', '10.0.0.5', null),
})
const attachments = fc.array(
  fc.oneof<fc.Arbitrary<OwnedAttachment>[]>(
    fc.record({
      kind: fc.constant('natGateway' as const),
      subnetId,
      gatewayId: fc.constantFrom('nat0', 'nat1').map((name) => at(`natGateways/${name}`)),
    }),
    fc.record({ kind: fc.constant('routeTable' as const), subnetId, tableId, routes: fc.tuple(route) }),
    fc.record({ kind: fc.constant('defaultRoute' as const), tableId, route, isMade: fc.boolean() }),
  ),
  { maxLength: 4 },
)
const arbitraryCleanUp: fc.Arbitrary<CleanupRequest> = fc.record({
  detach: fc.boolean(),
  narrow: entries,
  delete: ids,
  attachments,
  jobResources: fc.record({
    delete: ids,
    attachments,
    addresses: fc.constant([{ resourceId: at('publicIPAddresses/pub0'), address: '20.0.0.1' }]),
    ranges: entries,
  }),
})

/** Every resource of the user's group, so that each snapshot with an unused resource has a cleanup that deletes it. */
function allIds({ publicIps, publicIpPrefixes, natGateways, routeTables }: Snapshot): string[] {
  return [publicIps, publicIpPrefixes, natGateways, routeTables]
    .flatMap((resources) => Object.values<{ id: string }>(resources).map(({ id }) => id))
    .filter((id) => id.startsWith(`${GROUP}/`))
}

/** Cleanups for the type of the cluster or another type; `withSteps` counts the cleanups with steps. */
function always(holds: (made: Plan, snapshot: Snapshot) => void): number {
  let withSteps = 0
  const ofPresent = fc.boolean()
  fc.assert(
    fc.property(
      arbitrarySnapshot,
      arbitraryRequest,
      arbitraryCleanUp,
      ofPresent,
      fc.boolean(),
      (snapshot, asked, given, isPresent, isOfAll) => {
        const cleanUp = isOfAll ? { ...given, delete: allIds(snapshot) } : given
        const { subscriptionId, resourceGroup, name } = snapshot.cluster
        const cluster = { subscriptionId, resourceGroup, name }
        const { authorizedRanges, reason } = asked
        const make = (outboundType: typeof asked.target.outboundType) =>
          buildPlan(
            snapshot,
            { cluster, target: { outboundType }, authorizedRanges, reason, cleanUp },
            ANY_POLICY,
            STAMP,
          )
        const first = make(asked.target.outboundType)
        const made = isPresent ? make(first.transition.from ?? asked.target.outboundType) : first
        if (made.steps.length > 0) withSteps++
        holds(made, snapshot)
      },
    ),
    { numRuns: propertyRuns(2) },
  )
  return withSteps
}

/** The resources that the steps of a plan write, each once. */
function written({ steps, cluster }: Plan): string[] {
  const targets = steps.filter(isWrite).map(({ does }) => ('id' in does ? does.id : cluster.id).toLowerCase())
  return [...new Set(targets)].sort()
}

t.test('a cleanup lists exactly the changes that its steps write', async (t) => {
  const withSteps = always((made) => {
    const named = [...new Set(made.resourceChanges.map((each) => String(each.id).toLowerCase()))].sort()
    const steps = written(made)
    if (JSON.stringify(named) !== JSON.stringify(steps)) throw new Error(JSON.stringify({ named, steps }))
    for (const { action, id, properties } of made.resourceChanges) {
      const isDeleted = made.steps.some(
        ({ does }) => does.kind === 'deleteResource' && does.id.toLowerCase() === String(id).toLowerCase(),
      )
      if (isDeleted !== (action === 'delete')) throw new Error(`${action} ${id}`)
      if (properties.some(({ path }) => path.includes('networkProfile'))) throw new Error('of a migration')
    }
  })
  t.ok(withSteps > propertyRuns(2) / 10, `${withSteps} of them do something`)
})

t.test('nothing is deleted that anything uses by then', async (t) => {
  let deletions = 0
  always((made, { subnets, natGateways, publicIps, cluster }) => {
    const deleted = made.steps.flatMap(({ key, does }) =>
      key.startsWith('clean-up-delete-') && does.kind === 'deleteResource' ? [does.id.toLowerCase()] : [],
    )
    const isGone = (used: string | null) => deleted.includes(String(used).toLowerCase())
    deletions += deleted.length
    const takenOff = (id: string, path: string) =>
      made.steps.some(
        ({ does }) =>
          does.kind === 'putResource' &&
          does.id.toLowerCase() === id.toLowerCase() &&
          does.changes.some((change) => change.path === path && change.op === 'remove'),
      )
    const lost = [
      ...subnets.filter((each) => isGone(each.natGatewayId) && !takenOff(each.id, '/properties/natGateway')),
      ...subnets.filter((each) => isGone(each.routeTableId) && !takenOff(each.id, '/properties/routeTable')),
      ...Object.values(natGateways).filter(
        (each) => !isGone(each.id) && [...each.publicIpIds, ...each.publicIpPrefixIds].some(isGone),
      ),
      ...Object.values(publicIps).filter((each) => isGone(each.id) && each.attachedTo !== null),
      ...[cluster.loadBalancerProfile, cluster.natGatewayProfile].filter((profile) =>
        [...(profile?.outboundIpIds ?? []), ...(profile?.outboundIpPrefixIds ?? [])].some(isGone),
      ),
    ]
    if (lost.length > 0) throw new Error(JSON.stringify({ deleted, lost }))
  })
  t.ok(deletions > propertyRuns(2) / 10, `${deletions} deletions`)
})

t.test('narrows ranges only by the requested entries and never empties the list', async (t) => {
  let narrowed = 0
  always((made, { cluster }) => {
    const step = made.steps.find(({ key }) => key === 'clean-up-narrow-authorized-ranges')
    const [change] = step?.does.kind === 'updateCluster' ? step.does.changes : []
    if (change?.op !== 'subtractCidrs') return
    narrowed++
    if (!change.cidrs.every((entry) => cluster.authorizedIPRanges.includes(entry)))
      throw new Error('not there')
    if (made.status === 'applicable' && change.cidrs.length >= cluster.authorizedIPRanges.length)
      throw new Error('an empty list admits everybody')
  })
  t.ok(narrowed > propertyRuns(2) / 20, `${narrowed} of them narrow`)
})
