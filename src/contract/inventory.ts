import { type Static, Type } from 'typebox'
import { EFFECTIVE_PATHS, RANGES_MODES } from './egress.ts'
import { dateTime, enumOf, nullable, ref, string, strings, uuid } from './fields.ts'
import { JOB_STATUSES } from './job.ts'
import { VNET_KINDS } from './outbound-type.ts'
import { PlanStatusSchema } from './plan.ts'

/** What a platform team must look at. The order is that of harm. */
export const INVENTORY_FLAGS = [
  'rangesUncovered',
  'pathDiffers',
  'defaultOutboundAccess',
  'singleZone',
  'pathUncertain',
  'notSucceeded',
  'stopped',
  'basicLoadBalancer',
  'retiringNetworkPlugin',
  'incomplete',
] as const
export type InventoryFlag = (typeof INVENTORY_FLAGS)[number]

export const InventoryFlagSchema = enumOf(INVENTORY_FLAGS, {
  description:
    '`rangesUncovered`: the authorized IP ranges do not cover an address that nodes use to reach the API server. `pathDiffers`: a subnet does not use the path of the declared outbound type. `defaultOutboundAccess`: a subnet relies on default outbound access, which Azure is retiring. `singleZone`: the loss of one zone stops all egress. `pathUncertain`: something that ARM does not show may override a path. `notSucceeded`: the provisioning state is not `Succeeded`. `stopped`: the cluster is stopped. `basicLoadBalancer`: the cluster uses a Basic load balancer. `retiringNetworkPlugin`: the cluster uses kubenet, whose support ends on 2028-03-31. `incomplete`: a part of the network could not be read.',
})

/** What a refresh reads of one cluster. It changes only when Azure changes. */
export const InventoryFactsSchema = Type.Object(
  {
    id: string('The ARM ID of the cluster.'),
    subscriptionId: string(),
    resourceGroup: string(),
    name: string(),
    location: string(),
    tags: Type.Record(Type.String(), Type.String(), { description: 'The tags of the cluster.' }),
    vnet: enumOf(VNET_KINDS),
    declared: Type.Object(
      { outboundType: string(), natGatewaySku: nullable(Type.String()) },
      { description: 'The outbound type that the cluster declares in ARM.' },
    ),
    effective: enumOf(EFFECTIVE_PATHS, { description: 'The egress path that the subnets actually use.' }),
    addresses: strings('Public addresses and CIDRs that destinations see as the source, in order.'),
    isComplete: Type.Boolean({ description: 'Whether `addresses` is complete.' }),
    authorizedRanges: Type.Object({
      mode: enumOf(RANGES_MODES),
      count: Type.Integer(),
      coversEgress: nullable(Type.Boolean(), {
        description: 'Null if the authorized IP ranges do not apply, or an address is unknown.',
      }),
    }),
    apiServer: enumOf(['public', 'private'], { description: 'Whether the API server has a public address.' }),
    provisioningState: string(),
    powerState: string(),
    kubernetesVersion: string(),
    flags: Type.Array(InventoryFlagSchema),
  },
  { $id: 'InventoryFacts' },
)
export type InventoryFacts = Static<typeof InventoryFactsSchema>

/** One row of the inventory: the facts of a refresh, and what this service has done with the cluster. */
export const InventoryClusterSchema = Type.Object(
  {
    ...InventoryFactsSchema.properties,
    asOf: dateTime('The time at which the facts were read from Azure.'),
    lastPlan: nullable(
      Type.Object({
        id: uuid('The ID of the plan.'),
        status: PlanStatusSchema,
        to: string(),
        createdAt: dateTime(),
      }),
    ),
    lastJob: nullable(
      Type.Object({
        id: uuid('The ID of the job.'),
        status: enumOf(JOB_STATUSES),
        to: string(),
        createdAt: dateTime(),
      }),
    ),
    campaign: nullable(Type.Object({ id: uuid('The ID of the campaign.'), name: string() }), {
      description: 'The unfinished campaign that the cluster belongs to.',
    }),
  },
  { $id: 'InventoryCluster' },
)
export type InventoryCluster = Static<typeof InventoryClusterSchema>

/** What a refresh found to differ from the refresh before. */
export const INVENTORY_CHANGES = [
  'appeared',
  'disappeared',
  'egressChanged',
  'rangesUncovered',
  'rangesCovered',
  'diverged',
  'converged',
] as const
export type InventoryChangeKind = (typeof INVENTORY_CHANGES)[number]

export const InventoryChangeSchema = Type.Object(
  {
    at: dateTime('The time of the refresh that found the change. The change itself was earlier.'),
    kind: enumOf(INVENTORY_CHANGES, {
      description:
        '`appeared` and `disappeared`: the cluster. `egressChanged`: the declared type, the egress path, or the addresses. `rangesUncovered` and `rangesCovered`: the authorized IP ranges stopped or started to cover the egress. `diverged` and `converged`: the actual path started or stopped to differ from the declared type.',
    }),
    message: string(),
    before: nullable(ref(InventoryFactsSchema)),
    after: nullable(ref(InventoryFactsSchema)),
  },
  { $id: 'InventoryChange' },
)
export type InventoryChange = Static<typeof InventoryChangeSchema>
