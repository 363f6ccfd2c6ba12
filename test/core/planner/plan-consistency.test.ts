import fc from 'fast-check'
import t from 'tap'
import type { OutboundType } from '../../../src/contract/outbound-type.ts'
import { serviceFrontendOn } from '../../../src/core/context/service-frontends.ts'
import { buildPlan } from '../../../src/core/planner/planner.ts'
import type { Snapshot } from '../../../src/core/snapshot/snapshot.ts'
import { aSharedBalancer, keyed } from '../../support/a-cluster.ts'
import { planFor, STAMP } from '../../support/a-plan.ts'
import { arbitraryPolicy, arbitraryRequest, arbitrarySnapshot } from '../../support/arbitrary-snapshot.ts'
import { contradictionsIn, contradictionsInRealPlan } from '../../support/contradictions.ts'
import { propertyRuns } from '../../support/property-runs.ts'
import { anyNetwork, CREATED, interruptedNetwork } from '../egress/random-network.ts'
import { changes } from '../plan/step-executor.ts'
import { ALL_CASES } from '../rules/all-cases.ts'

t.test('no part of a plan contradicts another part, for any cluster and request', async (t) => {
  fc.assert(
    fc.property(arbitrarySnapshot, arbitraryRequest, arbitraryPolicy, (snapshot, asked, policy) => {
      const { subscriptionId, resourceGroup, name } = snapshot.cluster
      const plan = buildPlan(
        snapshot,
        { ...asked, cluster: { subscriptionId, resourceGroup, name } },
        policy,
        STAMP,
      )
      const found = contradictionsIn(plan)
      if (found.length > 0) throw new Error(found.join('; '))
    }),
    { numRuns: propertyRuns() },
  )
  t.pass()
})

t.test('no part of a plan for a compound network contradicts another part', async (t) => {
  const network = fc.oneof({ arbitrary: anyNetwork, weight: 3 }, { arbitrary: interruptedNetwork, weight: 1 })
  fc.assert(
    fc.property(network, fc.constantFrom(...changes), (snapshot, [target, prepare]) => {
      const own = snapshot.cluster.outboundType as OutboundType
      const cleanUp = { detach: true, narrow: [], delete: CREATED }
      const plans = {
        change: planFor(snapshot, target, prepare === undefined ? {} : { prepare }),
        cleanup: planFor(snapshot, own, { cleanUp }),
        reconcile: planFor(snapshot, own, { reconcile: true }),
      }
      for (const [name, plan] of Object.entries(plans)) {
        const found = contradictionsInRealPlan(plan)
        if (found.length > 0) throw new Error(`${name} (${plan.to.outboundType}): ${found.join('; ')}`)
      }
    }),
    { numRuns: propertyRuns() },
  )
  t.pass()
})

t.test('no plan releases the address of a Service without naming the Service', async (t) => {
  let released = 0
  const network = fc.oneof(anyNetwork, interruptedNetwork).map(withServiceOnEgress)
  fc.assert(
    fc.property(network, fc.constantFrom(...changes), (snapshot, [target, prepare]) => {
      const own = snapshot.cluster.outboundType as OutboundType
      const plans = {
        change: planFor(snapshot, target, prepare === undefined ? {} : { prepare }),
        cleanup: planFor(snapshot, own, { cleanUp: { detach: true, narrow: [], delete: [] } }),
        reconcile: planFor(snapshot, own, { reconcile: true }),
      }
      for (const [name, { resourceChanges, findings, disruption }] of Object.entries(plans)) {
        const isReleased = resourceChanges.some(
          ({ action, id }) => action === 'delete' && id !== null && serviceFrontendOn(id, snapshot) !== null,
        )
        if (!isReleased) continue
        released++
        const finding = findings.find(({ code }) => code === 'SERVICE_SHARES_EGRESS_IP')
        if (finding?.severity !== 'blocker' && finding?.severity !== 'acknowledge')
          throw new Error(`${name}: no finding requires a decision`)
        if (name === 'reconcile' && finding.severity === 'blocker') throw new Error('blocks the repair')
        if (!/frontend of the Service `shop\/web` (may lose|loses) its address/.test(disruption.ingress))
          throw new Error(`${name}: ${disruption.ingress}`)
      }
    }),
    { numRuns: propertyRuns() },
  )
  t.ok(released > 0, 'some addresses of Services are released')
})

/** The first outbound address of the load balancer is also the address of a Service. */
function withServiceOnEgress(snapshot: Snapshot): Snapshot {
  const [id] = snapshot.cluster.loadBalancerProfile?.effectiveOutboundIpIds ?? []
  const ip = snapshot.publicIps[id?.toLowerCase() ?? '']
  if (id === undefined || ip === undefined) return snapshot
  const tagged = { ...ip, tags: { 'k8s-azure-service': 'shop/web' } }
  return {
    ...snapshot,
    loadBalancers: keyed([aSharedBalancer(id)]),
    publicIps: { ...snapshot.publicIps, [id.toLowerCase()]: tagged },
  }
}

t.test('no part of a plan with any of the findings contradicts another part', async (t) => {
  for (const [code, { snapshot, target, given }] of ALL_CASES)
    t.strictSame(contradictionsInRealPlan(planFor(snapshot, target, given)), [], code)
})
