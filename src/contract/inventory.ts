import { type Static, Type } from 'typebox'
import { EFFECTIVE_PATHS, RANGES_MODES } from './egress.ts'
import { dateTime, enumOf, nullable, ref, string, strings, uuid } from './fields.ts'
import { JOB_STATUSES } from './job.ts'
import { DeclaredTypeSchema, VNET_KINDS } from './outbound-type.ts'
import { PlanStatusSchema } from './plan-status.ts'

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
    declared: DeclaredTypeSchema,
    effective: enumOf(EFFECTIVE_PATHS, { description: 'The egress path that the subnets actually use.' }),
    addresses: strings('Public addresses and CIDRs that destinations see as the source, in order.'),
    isComplete: Type.Boolean({ description: 'Whether `addresses` is complete.' }),
    authorizedRanges: Type.Object({
      mode: enumOf(RANGES_MODES),
      count: Type.Integer(),
      coversEgress: nullable(Type.Boolean(), {
        description:
          'Null if the authorized IP ranges do not apply, or if the path to the API server or an address is uncertain.',
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

/** Whether a job of this service explains a change. */
export const CHANGE_CAUSES = ['job', 'unexplained'] as const
export type ChangeCause = (typeof CHANGE_CAUSES)[number]

export const InventoryChangeSchema = Type.Object(
  {
    at: dateTime('The time of the refresh that found the change. The change itself was earlier.'),
    kind: enumOf(INVENTORY_CHANGES, {
      description:
        '`appeared` and `disappeared`: the cluster. `egressChanged`: the declared type, the egress path, or the addresses. `rangesUncovered` and `rangesCovered`: the authorized IP ranges stopped or started to cover the egress. `diverged` and `converged`: the actual path started or stopped to differ from the declared type.',
    }),
    message: string(),
    jobId: Type.Optional(
      nullable(uuid('The ID of the job of this service that made the change.'), {
        description:
          'The ID of the job of this service that explains the change. Null for a change from outside, for a change that no job completely explains, and after a job that failed.',
      }),
    ),
    before: nullable(ref(InventoryFactsSchema)),
    after: nullable(ref(InventoryFactsSchema)),
  },
  { $id: 'InventoryChange' },
)
export type InventoryChange = Static<typeof InventoryChangeSchema>

export const REFRESH_STATUSES = ['pending', 'running', 'succeeded', 'partial', 'failed'] as const
export type RefreshStatus = (typeof REFRESH_STATUSES)[number]

/** What a refresh has found so far. */
const RefreshResultSchema = Type.Object({
  source: nullable(enumOf(['resourceGraph', 'providers']), {
    description:
      'Where the clusters were read: Azure Resource Graph or, where that is denied, the lists of each subscription. Null before the first read.',
  }),
  clusters: Type.Integer({ description: 'The number of clusters that were read.' }),
  changed: Type.Integer({ description: 'The number of clusters for which the refresh recorded a change.' }),
  unconfirmed: Type.Integer({
    description:
      'The number of stored clusters that the refresh did not find, although they may still exist. They stay in the inventory with their former `asOf`.',
  }),
  unread: Type.Array(
    Type.Object({ what: string('A subscription, or a resource.'), code: string(), message: string() }),
    { description: 'What could not be read, at most 100 entries.' },
  ),
  error: nullable(Type.Object({ code: string(), message: string() }), {
    description: 'Why the refresh failed. Null otherwise.',
  }),
})
export type RefreshResult = Static<typeof RefreshResultSchema>

/** One refresh of the inventory. */
export const InventoryRefreshSchema = Type.Object(
  {
    id: uuid('The ID of the refresh.'),
    status: enumOf(REFRESH_STATUSES, {
      description:
        '`pending`: a worker starts it within seconds. `partial`: some clusters or networks could not be read; see `result.unread`. `failed`: clusters that the refresh had not reached keep their former content.',
    }),
    requestedAt: dateTime(),
    requestedBy: nullable(Type.String(), { description: 'Null for a scheduled refresh.' }),
    startedAt: nullable(dateTime()),
    endedAt: nullable(dateTime()),
    result: nullable(RefreshResultSchema, {
      description:
        'What the refresh has found so far. Null for a caller with permission to see only a part of the clusters.',
    }),
  },
  { $id: 'InventoryRefresh' },
)
export type InventoryRefresh = Static<typeof InventoryRefreshSchema>

const counts = (description: string) => Type.Record(Type.String(), Type.Integer(), { description })

/** The visible clusters, counted. */
export const InventorySummarySchema = Type.Object(
  {
    clusters: Type.Integer({ description: 'All clusters that the caller has permission to see.' }),
    oldestAsOf: nullable(dateTime(), { description: 'The time of the oldest row. Null without clusters.' }),
    byOutboundType: counts('Clusters by declared outbound type, a type key of the support matrix.'),
    byPath: counts('Clusters by the egress path that they actually use.'),
    byFlag: counts('Clusters by flag. A cluster can have several flags.'),
    byLocation: counts('Clusters by region.'),
    bySubscription: counts('Clusters by subscription ID.'),
  },
  { $id: 'InventorySummary' },
)
export type InventorySummary = Static<typeof InventorySummarySchema>

/** What a list is ordered by; with `-`, in descending order. */
export const INVENTORY_SORTS = [
  'name',
  '-name',
  'location',
  '-location',
  'outboundType',
  '-outboundType',
  'path',
  '-path',
] as const
export type InventorySort = (typeof INVENTORY_SORTS)[number]
