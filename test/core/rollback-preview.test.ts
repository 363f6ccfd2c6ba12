import t from 'tap'
import type { TypeKey } from '../../src/core/outbound-type.ts'
import type { RequestedPreparation } from '../../src/core/preparation/requested-preparation.ts'
import { aByoSnapshot, aSnapshot } from '../support/a-cluster.ts'
import { planFor } from '../support/a-plan.ts'

const previewOf = (target: TypeKey, prepare: RequestedPreparation) =>
  planFor(aByoSnapshot(), target, { prepare }).rollback.plan

t.test('a way back from what the plan attaches moves no packets by itself', (t) => {
  const outranked = { step: null, because: /outranks loadBalancer/ }
  t.match(previewOf('userAssignedNATGateway', { natGateway: {} })?.cutOver, outranked)
  const hop = { nextHopType: 'VirtualAppliance' as const, nextHopIpAddress: '10.9.0.4' }
  t.match(previewOf('userDefinedRouting', { defaultRoute: hop })?.cutOver, outranked)
  t.end()
})

t.test('a way back between types of AKS moves packets with the change of the cluster', (t) => {
  const made = planFor(aSnapshot(), 'managedNATGateway')
  t.match(made.rollback.plan, {
    status: 'applicable',
    cutOver: { step: 'change-outbound-type', because: /AKS moves the traffic/ },
  })
  t.end()
})
