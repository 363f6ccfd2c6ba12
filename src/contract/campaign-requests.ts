import { type Static, Type } from 'typebox'
import { closed, enumOf, NO_CONTROL_CHARACTERS, ref } from './fields.ts'
import { InventoryFilterSchema } from './inventory-filter.ts'
import { ON_FAILURE } from './job.ts'
import { labelsOf } from './labels.ts'
import { ConsumersSchema, ReasonSchema, VerifyFromNodesSchema } from './plan-request.ts'
import { PreparationSchema } from './preparation.ts'
import { RequestedWindowSchema } from './schedule.ts'
import { RequestedTargetSchema } from './target.ts'

export const MAX_CAMPAIGN_MEMBERS = 5_000
export const MAX_WAVES = 50
export const GATES = ['automatic', 'manual'] as const

export const MEMBER_STATUSES = [
  'Planning',
  'Ready',
  'NeedsDecision',
  'Blocked',
  'NoChange',
  'Starting',
  'Running',
  'Succeeded',
  'Failed',
  'Canceled',
  'Skipped',
] as const
export type MemberStatus = (typeof MEMBER_STATUSES)[number]

const GUID_OR_ALL = '^(\\*|[0-9a-fA-F]{8}(-[0-9a-fA-F]{4}){3}-[0-9a-fA-F]{12})$'

/** Which clusters of the selection; names that are left out match all names. */
const MemberPatternSchema = Type.Object(
  {
    subscriptionId: Type.Optional(
      Type.String({ pattern: GUID_OR_ALL, description: 'The ID of the subscription, or `*`. Default: `*`.' }),
    ),
    resourceGroup: Type.Optional(
      Type.String({
        pattern: '^[-a-zA-Z0-9_().*\\u00aa-\\uffdc]{1,90}$',
        description: 'The name of the resource group. `*` matches any characters. Default: `*`.',
      }),
    ),
    clusterName: Type.Optional(
      Type.String({
        pattern: '^[a-zA-Z0-9_*-]{1,63}$',
        description: 'The name of the cluster. `*` matches any characters. Default: `*`.',
      }),
    ),
  },
  { ...closed, minProperties: 1 },
)
export type MemberPattern = Static<typeof MemberPatternSchema>

const memberPatterns = (description: string) =>
  Type.Array(MemberPatternSchema, { minItems: 1, maxItems: 50, description })

const acknowledge = (description: string) =>
  Type.Array(Type.String({ pattern: '^[A-Z][A-Z0-9_]{0,63}$', description: 'The code of a finding.' }), {
    maxItems: 50,
    uniqueItems: true,
    description,
  })

/** The code of what a member waits for. */
export const waitsForCode = (description: string) =>
  Type.String({ pattern: '^[A-Z][A-Z0-9_]{0,63}$', description })

export const CampaignWaveRequestSchema = Type.Object(
  {
    name: Type.Optional(
      Type.String({
        minLength: 1,
        maxLength: 100,
        pattern: NO_CONTROL_CHARACTERS,
        description: 'The name of the wave.',
      }),
    ),
    clusters: Type.Optional(
      memberPatterns(
        'The clusters of the wave. A cluster must not match two waves. Cannot be combined with `count` and `share`.',
      ),
    ),
    where: Type.Optional(ref(InventoryFilterSchema)),
    count: Type.Optional(
      Type.Integer({
        minimum: 1,
        maximum: MAX_CAMPAIGN_MEMBERS,
        description:
          'The number of clusters, taken in the order of the selection. Cannot be combined with `clusters`, `where` and `share`.',
      }),
    ),
    share: Type.Optional(
      Type.Integer({
        minimum: 1,
        maximum: 100,
        description:
          'The percentage of all selected clusters, taken in the order of the selection. The service rounds up the total number of clusters in all waves up to this wave, and each wave with a share gets at least one cluster.',
      }),
    ),
    maxConcurrent: Type.Optional(
      Type.Integer({
        minimum: 1,
        maximum: 200,
        description: 'The maximum number of members that change at the same time. Default: 5.',
      }),
    ),
    maxFailures: Type.Optional(
      Type.Integer({
        minimum: 1,
        maximum: MAX_CAMPAIGN_MEMBERS,
        description:
          'The number of failed members that pauses the campaign. No further members start; running members continue. Default: 1.',
      }),
    ),
    soakMinutes: Type.Optional(
      Type.Integer({
        minimum: 0,
        maximum: 20_160,
        description:
          'The minutes between the end of this wave and the start of the next wave. They do not apply if no member of this wave had a job, for example because every cluster already has the target, or if no member of the next wave can start. Default: 0.',
      }),
    ),
    gate: Type.Optional(
      enumOf(GATES, {
        description:
          '`automatic` (default): the wave starts after the soak time of the previous wave. `manual`: the wave also waits until a user releases its gate.',
      }),
    ),
    window: Type.Optional(RequestedWindowSchema),
  },
  {
    ...closed,
    $id: 'CampaignWaveRequest',
    description: 'A wave of a campaign. `clusters`, `where`, `count` and `share` are mutually exclusive.',
  },
)
export type CampaignWaveRequest = Static<typeof CampaignWaveRequestSchema>

export const CampaignTargetRuleSchema = Type.Object(
  {
    clusters: Type.Optional(memberPatterns('The clusters with this target.')),
    where: Type.Optional(ref(InventoryFilterSchema)),
    target: ref(RequestedTargetSchema),
    prepare: Type.Optional(ref(PreparationSchema)),
  },
  {
    ...closed,
    $id: 'CampaignTargetRule',
    description:
      'A target for the clusters that match `clusters` or the filter `where`; exactly one of them is required. A cluster outside the inventory matches no filter. `prepare` is as in `POST /v1/plans`.',
  },
)
export type CampaignTargetRule = Static<typeof CampaignTargetRuleSchema>

export const UNMATCHED = ['reject', 'skip'] as const

export const CampaignRequestSchema = Type.Object(
  {
    name: Type.String({
      minLength: 1,
      maxLength: 100,
      pattern: NO_CONTROL_CHARACTERS,
      description: 'The name of the campaign.',
    }),
    select: Type.Object(
      {
        ids: Type.Optional(
          Type.Array(
            Type.String({ minLength: 1, maxLength: 1000, description: 'The ARM ID of a managed cluster.' }),
            {
              minItems: 1,
              maxItems: MAX_CAMPAIGN_MEMBERS,
              description: 'The clusters. Cannot be combined with `filter`.',
            },
          ),
        ),
        filter: Type.Optional(ref(InventoryFilterSchema)),
      },
      {
        ...closed,
        description: `The members of the campaign: either \`ids\` or \`filter\`, at most ${MAX_CAMPAIGN_MEMBERS.toLocaleString('en-US')} clusters. Waves take the clusters in this order. A filter selects the clusters of the inventory that match and that the caller has permission to see, in alphabetical order. Later changes of the inventory do not change the members.`,
      },
    ),
    target: Type.Optional(ref(RequestedTargetSchema)),
    targetRules: Type.Optional(
      Type.Array(ref(CampaignTargetRuleSchema), {
        maxItems: 20,
        description:
          'Targets by rule. The first rule that matches a cluster applies, and `target` applies to clusters that match no rule. A rule that applies to no cluster is rejected. Required without `target`.',
      }),
    ),
    unmatched: Type.Optional(
      enumOf(UNMATCHED, {
        description:
          'What happens to clusters that match no rule if there is no `target`. `reject` (default): the campaign is rejected, and the problem lists these clusters. `skip`: these clusters do not become members.',
      }),
    ),
    prepare: Type.Optional(ref(PreparationSchema)),
    verifyFromNodes: Type.Optional(VerifyFromNodesSchema),
    consumers: Type.Optional(ConsumersSchema),
    authorizedRanges: Type.Optional(
      enumOf(['widen', 'keep'], { description: 'As in `POST /v1/plans`. Default: `widen`.' }),
    ),
    upgradeNodeImages: Type.Optional(
      Type.Boolean({ description: 'As in `POST /v1/plans`. Default: false.' }),
    ),
    waves: Type.Array(ref(CampaignWaveRequestSchema), {
      minItems: 1,
      maxItems: MAX_WAVES,
      description:
        'The waves, in order. A wave without `clusters`, `where`, `count` and `share` takes all remaining clusters. Every cluster must belong to a wave.',
    }),
    onFailure: Type.Optional(
      enumOf(ON_FAILURE, {
        description:
          'As in `POST /v1/jobs`. With `rollBack`, a member whose plan has no rollback waits for a decision. Default: `stop`.',
      }),
    ),
    holdBeforeCutOver: Type.Optional(
      Type.Boolean({
        description:
          'As in `POST /v1/jobs`: the job of each member whose plan moves traffic stops before that step until `POST /v1/jobs/{jobId}/release` or the action `release` of the campaign. `waitsFor` of a held member is `HELD`, and the member counts toward `maxConcurrent`. Members whose plan moves no traffic are not held. Default: false.',
      }),
    ),
    acknowledge: Type.Optional(
      acknowledge(
        'The codes of findings that are acknowledged for every member. A member whose plan requires another code waits for a decision.',
      ),
    ),
    reason: Type.Optional(ReasonSchema),
    labels: Type.Optional(
      labelsOf(
        'Up to 20 labels, named like labels of Kubernetes. Lists filter by them. The plans and jobs of the members inherit them.',
      ),
    ),
  },
  {
    ...closed,
    $id: 'CampaignRequest',
    description:
      'A new campaign. `prepare`, `verifyFromNodes` and `consumers` are as in `POST /v1/plans`: `prepare` belongs to `target`, and each rule of `targetRules` can have its own.',
  },
)
export type CampaignRequest = Static<typeof CampaignRequestSchema>

export const CAMPAIGN_ACTIONS = ['start', 'pause', 'resume', 'cancel', 'releaseGate', 'release'] as const
/** Actions of members; `pause`, `resume`, `cancel` and `release` concern the campaign if no members are named. */
export const MEMBER_ACTIONS = ['skip', 'retry', 'accept', 'pause', 'resume', 'cancel', 'release'] as const
export type MemberAction = (typeof MEMBER_ACTIONS)[number]
export const ALL_CAMPAIGN_ACTIONS = [...new Set([...CAMPAIGN_ACTIONS, ...MEMBER_ACTIONS])]

export const CampaignActionRequestSchema = Type.Object(
  {
    action: enumOf(ALL_CAMPAIGN_ACTIONS, {
      description:
        'Actions on the campaign: `start` executes a planned campaign. `pause` starts no further members; running members continue. `resume` continues after a pause and counts failures from zero. `cancel` starts no further members, and ends the campaign when running members have ended. `releaseGate` releases the manual gate of `wave`. `release` releases all jobs that are held before the cutover at that moment. Actions on `members`: `skip` leaves them out. `retry` plans them again. `accept` accepts the current plan of members that wait for a decision. `pause` does not start them until `resume`. `cancel` does not start them, and cancels the jobs of running members. `release` releases only their held jobs.',
    }),
    wave: Type.Optional(
      Type.Integer({
        minimum: 1,
        maximum: MAX_WAVES,
        description: 'The number of the wave. Only for `releaseGate`.',
      }),
    ),
    members: Type.Optional(
      Type.Array(Type.String({ format: 'uuid', maxLength: 36, description: 'The ID of a member.' }), {
        minItems: 1,
        maxItems: 1_000,
        uniqueItems: true,
        description:
          'The members. `skip`, `retry` and `accept` need `members` or `membersWhere`; they are optional for `pause`, `resume`, `cancel` and `release`.',
      }),
    ),
    membersWhere: Type.Optional(
      Type.Object(
        {
          status: Type.Optional(enumOf(MEMBER_STATUSES, { description: 'Members with this status.' })),
          wave: Type.Optional(
            Type.Integer({ minimum: 1, maximum: MAX_WAVES, description: 'Members of this wave.' }),
          ),
          waitsFor: Type.Optional(waitsForCode('Members with this `waitsFor.code`.')),
        },
        {
          ...closed,
          minProperties: 1,
          description:
            'Instead of `members`: all members that match and for which the action is possible at that moment.',
        },
      ),
    ),
    acknowledge: Type.Optional(
      acknowledge('The codes of findings that are acknowledged for these members. Only for `accept`.'),
    ),
    reason: Type.Optional(ReasonSchema),
  },
  { ...closed, $id: 'CampaignActionRequest' },
)
export type CampaignActionRequest = Static<typeof CampaignActionRequestSchema>
