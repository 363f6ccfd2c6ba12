import type { OnFailure } from '../../../src/contract/job.ts'
import type { Plan } from '../../../src/contract/plan.ts'
import type { RequestedTarget } from '../../../src/contract/target.ts'
import type { PlanningRequest } from '../../../src/core/request/plan-request.ts'
import type { AzureHarness, Struck } from './azure-harness.ts'

/** A job on the demo fleet. Together they have every kind of step, and every transition that the fleet can make. */
export interface Scenario {
  name: string
  cluster: string
  plan(room: AzureHarness): Promise<Plan>
  onFailure?: OnFailure
  /** Faults that are independent of all other faults. */
  always?: Struck[]
  isCleanUp?: true
}

type Rest = Partial<PlanningRequest>

function change(cluster: string, outboundType: RequestedTarget['outboundType'], rest: Rest = {}) {
  return (room: AzureHarness) => room.plan(cluster, { outboundType } as RequestedTarget, rest)
}

/** The cleanup of a job that has ended before the scenario begins. */
function cleanUpAfter(make: (room: AzureHarness) => Promise<Plan>, goesWrong: Struck[] = []) {
  return async (room: AzureHarness) => {
    const plan = await make(room)
    const { id } = await room.accept(plan)
    await room.strike(goesWrong)
    await room.run()
    await room.demo.control('faults', undefined, 'DELETE')
    return (await room.planning.makeCleanupPlan(id, 'tester')) as Plan
  }
}

/** The reconcile of a cluster that a failed change of its outbound type has left as `Failed`. */
function reconcileAfter(
  cluster: string,
  outboundType: RequestedTarget['outboundType'],
  rest: Rest = {},
): Scenario {
  return {
    name: `reconcile ${cluster} after a failed change to ${outboundType}`,
    cluster,
    async plan(room) {
      const { id } = await room.accept(await room.plan(cluster, { outboundType } as RequestedTarget, rest))
      const bodyContains = `"outboundType":"${outboundType}"`
      const match = { method: 'PUT', pathPattern: `/managedClusters/${cluster}\\?`, bodyContains }
      await room.strike([{ match, fault: { kind: 'failOperation' } as Struck['fault'] }])
      await room.run()
      await room.demo.control('faults', undefined, 'DELETE')
      return (await room.planning.makeReconcilePlan(id, 'tester')) as Plan
    },
  }
}

export const RECONCILES: Scenario[] = [
  reconcileAfter('lb-managed-ranges', 'managedNATGateway'),
  reconcileAfter('lb-byo-udr-ready', 'userDefinedRouting'),
]

const refusedPut = (pathPattern: string): Struck => ({
  match: { method: 'PUT', pathPattern },
  fault: { kind: 'status', status: 400, code: 'Refused' } as Struck['fault'],
})

const TRANSITIONS: [string, RequestedTarget['outboundType']][] = [
  ['lb-managed', 'managedNATGateway'],
  ['lb-managed', 'managedNATGatewayV2'],
  ['nat-managed', 'loadBalancer'],
  ['nat-managed', 'managedNATGatewayV2'],
  ['lb-byo-nat-attached', 'userAssignedNATGateway'],
  ['lb-byo-udr-ready', 'userDefinedRouting'],
  ['nat-byo', 'loadBalancer'],
  ['udr-byo', 'loadBalancer'],
  ['isolated', 'loadBalancer'],
  ['isolated', 'managedNATGateway'],
  ['isolated', 'managedNATGatewayV2'],
]

const GATEWAY: Rest = { prepare: { natGateway: {}, publicIps: { count: 2 } } }
const PREFIX: Rest = { prepare: { publicIpPrefix: { length: 30 } } }
const APPLIANCE = { nextHopType: 'VirtualAppliance', nextHopIpAddress: '10.250.0.4' } as const

export const SCENARIOS: Scenario[] = [
  ...TRANSITIONS.map(([cluster, to]) => ({
    name: `${cluster} to ${to}`,
    cluster,
    plan: change(cluster, to),
  })),
  {
    name: 'authorized IP ranges known before the cutover',
    cluster: 'lb-byo-ranges',
    plan: change('lb-byo-ranges', 'userAssignedNATGateway'),
  },
  {
    name: 'authorized IP ranges known after the cutover',
    cluster: 'lb-managed-ranges',
    plan: change('lb-managed-ranges', 'managedNATGateway'),
  },
  {
    name: 'create a NAT gateway and upgrade node images',
    cluster: 'lb-byo',
    plan: change('lb-byo', 'userAssignedNATGateway', { ...GATEWAY, upgradeNodeImages: true }),
  },
  {
    name: 'create and authorize a public IP prefix',
    cluster: 'lb-managed-ranges',
    plan: change('lb-managed-ranges', 'loadBalancer', PREFIX),
  },
  {
    name: 'change a route',
    cluster: 'lb-byo-udr-internet',
    plan: change('lb-byo-udr-internet', 'userDefinedRouting', { prepare: { defaultRoute: APPLIANCE } }),
  },
  {
    name: 'create a route table',
    cluster: 'lb-byo-two-subnets',
    plan: change('lb-byo-two-subnets', 'userDefinedRouting', {
      prepare: { defaultRoute: { nextHopType: 'VirtualNetworkGateway' } },
    }),
  },
  {
    name: 'rollback after a failure',
    cluster: 'lb-byo-ranges',
    plan: change('lb-byo-ranges', 'userAssignedNATGateway'),
    onFailure: 'rollBack',
    always: [
      {
        match: {
          method: 'PUT',
          pathPattern: '/managedClusters/lb-byo-ranges\\?',
          bodyContains: '"outboundType":"userAssignedNATGateway"',
        },
        fault: { kind: 'failOperation' },
      },
    ],
  },
  {
    name: 'cleanup: detach a NAT gateway',
    cluster: 'nat-byo',
    plan: cleanUpAfter(change('nat-byo', 'loadBalancer')),
    isCleanUp: true,
  },
  {
    name: 'cleanup: delete a route',
    cluster: 'udr-byo',
    plan: cleanUpAfter(change('udr-byo', 'loadBalancer')),
    isCleanUp: true,
  },
  {
    name: 'cleanup: narrow the authorized IP ranges',
    cluster: 'lb-managed-ranges',
    plan: cleanUpAfter(change('lb-managed-ranges', 'loadBalancer', PREFIX), [
      // Widened, and then not allowed to look before the switch.
      {
        match: { method: 'GET', pathPattern: '/managedClusters/lb-managed-ranges\\?', from: 4 },
        fault: { kind: 'status', status: 403 } as Struck['fault'],
      },
    ]),
    isCleanUp: true,
  },
  {
    name: 'cleanup: delete created resources',
    cluster: 'lb-byo',
    plan: cleanUpAfter(change('lb-byo', 'userAssignedNATGateway', GATEWAY), [refusedPut('/subnets/')]),
    isCleanUp: true,
  },
  ...RECONCILES,
]
