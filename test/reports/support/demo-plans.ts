import type { Test } from 'tap'
import type { Plan } from '../../../src/core/plan.ts'
import { plan } from '../../../src/core/planner.ts'
import type { PlanRequest } from '../../../src/core/target.ts'
import { ANY_POLICY, STAMP } from '../../support/a-plan.ts'
import { startDemo } from '../../support/demo.ts'

type Asked = Pick<PlanRequest, 'target'> & Partial<PlanRequest>

/** Plans of each kind that a reader meets, by what they show. */
const ASKED: Record<string, [cluster: string, asked: Asked]> = {
  'to-be-accepted': [
    'lb-managed',
    { target: { outboundType: 'managedNATGateway', natGateway: { managedOutboundIpCount: 2 } } },
  ],
  blocked: ['lb-byo-two-subnets', { target: { outboundType: 'userAssignedNATGateway' } }],
  unsupported: ['lb-byo', { target: { outboundType: 'managedNATGateway' } }],
  'no-change': ['nat-managed', { target: { outboundType: 'managedNATGateway' } }],
  ranges: ['lb-byo-ranges', { target: { outboundType: 'userAssignedNATGateway' }, reason: 'CHG-1234' }],
  prepared: [
    'lb-byo',
    {
      target: { outboundType: 'userAssignedNATGateway' },
      prepare: { natGateway: {}, publicIps: { count: 2 } },
      upgradeNodeImages: true,
    },
  ],
  'through-a-firewall': ['lb-byo-udr-ready', { target: { outboundType: 'userDefinedRouting' } }],
  'two-families': [
    'dualstack-managed',
    { target: { outboundType: 'loadBalancer', loadBalancer: { managedOutboundIpCount: 20 } } },
  ],
}

export const DEMO_PLAN_NAMES = Object.keys(ASKED)

/** The plans by name, made from the demo fleet as it is after the start. */
export async function demoPlans(t: Test): Promise<(name: string) => Plan> {
  const demo = await startDemo(t)
  const plans = new Map<string, Plan>()
  for (const [name, [cluster, asked]] of Object.entries(ASKED)) {
    const snapshot = await demo.takeSnapshot(demo.ref(cluster), [], { surroundings: true })
    const request = {
      cluster: demo.ref(cluster),
      authorizedRanges: 'widen' as const,
      reason: null,
      ...asked,
    }
    plans.set(name, plan(snapshot, request, ANY_POLICY, STAMP))
  }
  return (name) => {
    const made = plans.get(name)
    if (made === undefined) throw new Error(`no plan ${name}`)
    return made
  }
}
