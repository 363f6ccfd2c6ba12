import t from 'tap'
import { TYPE_KEYS } from '../../../src/contract/outbound-type.ts'
import type { Plan } from '../../../src/contract/plan.ts'
import type { RequestedTarget } from '../../../src/contract/target.ts'
import { buildPlan } from '../../../src/core/planner/planner.ts'
import { ANY_POLICY, codesOf, STAMP } from '../../support/a-plan.ts'
import { startDemo } from '../../support/demo.ts'
import { applyAzapi } from '../handoff/support/azapi.ts'

const demo = await startDemo(t)

async function planTo(name: string, target: RequestedTarget): Promise<Plan> {
  const snapshot = await demo.takeSnapshot(demo.ref(name), [], { surroundings: true })
  const request = { cluster: demo.ref(name), authorizedRanges: 'widen' as const, reason: null, target }
  return buildPlan(snapshot, request, ANY_POLICY, STAMP)
}

/** Changes of parameters, beside the change to every type. */
const PARAMETERS: Record<string, RequestedTarget[]> = {
  'lb-managed': [{ outboundType: 'loadBalancer', loadBalancer: { managedOutboundIpCount: 3 } }],
  'nat-managed': [{ outboundType: 'managedNATGateway', natGateway: { managedOutboundIpCount: 3 } }],
  'lb-own-ips': [{ outboundType: 'loadBalancer', loadBalancer: { managedOutboundIpCount: 2 } }],
}

/** Clusters with plans that have a rollback, of both kinds of virtual networks. */
const CLUSTERS = [
  'lb-managed',
  'lb-managed-ranges',
  'nat-managed',
  'lb-byo-nat-attached',
  'lb-byo-ranges',
  'nat-byo',
  'lb-own-ips',
  'isolated',
]

for (const name of CLUSTERS)
  t.test(`the preview names the blockers and acknowledgements of the rollback plan of ${name}`, async (t) => {
    let count = 0
    const targets = TYPE_KEYS.map((outboundType): RequestedTarget => ({ outboundType }))
    for (const target of [...targets, ...(PARAMETERS[name] ?? [])]) {
      await demo.control('reset', {})
      const { status, handoff, rollback } = await planTo(name, target)
      if (status !== 'applicable' || handoff === null || rollback.plan === null || rollback.target === null)
        continue
      await applyAzapi(demo, handoff.terraformAzapi)
      const back = await planTo(name, rollback.target)
      const label = `${name} to ${JSON.stringify(target)}`
      t.strictSame(rollback.plan.acknowledgements, back.acknowledgementsRequired, label)
      t.strictSame(rollback.plan.blockers, codesOf(back, 'blocker'), label)
      count += 1
    }
    t.ok(count > 0)
  })
