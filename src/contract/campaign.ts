import { type Static, Type } from 'typebox'
import {
  ALL_CAMPAIGN_ACTIONS,
  CampaignTargetRuleSchema,
  CampaignWaveRequestSchema,
  GATES,
  MEMBER_STATUSES,
  type MemberStatus,
} from './campaign-requests.ts'
import { ADDRESS_ADVICE, IP_FAMILIES } from './egress.ts'
import { dateTime, enumOf, nullable, ref, string, strings, uuid } from './fields.ts'
import { ON_FAILURE } from './job.ts'
import { labelsOf } from './labels.ts'
import { RequestedTargetSchema } from './target.ts'

export const CAMPAIGN_END_STATUSES = ['Succeeded', 'PartlySucceeded', 'Failed', 'Canceled'] as const
export const CAMPAIGN_STATUSES = [
  'Planning',
  'Planned',
  'Running',
  'Paused',
  'Canceling',
  ...CAMPAIGN_END_STATUSES,
] as const
export type CampaignStatus = (typeof CAMPAIGN_STATUSES)[number]

export const WAVE_STATUSES = ['Pending', 'Running', 'Finished'] as const

const counts = Type.Object(
  Object.fromEntries(MEMBER_STATUSES.map((status) => [status, Type.Integer()])) as Record<
    MemberStatus,
    ReturnType<typeof Type.Integer>
  >,
  {
    description:
      'The number of members in each status. Members that the caller has no permission to see are not counted.',
  },
)
export type MemberCounts = Record<MemberStatus, number>

/** Why something waits or has ended: a code for programs, and a sentence. */
export const CampaignReasonSchema = Type.Object(
  {
    code: string(),
    message: string(),
    since: Type.Optional(
      dateTime(
        'Since when a campaign has waited for this. Absent for members, and for waits of earlier versions.',
      ),
    ),
  },
  { $id: 'CampaignReason', description: 'Why the campaign or the member waits, or has ended.' },
)
export type CampaignReason = Static<typeof CampaignReasonSchema>

export const CampaignWaveSchema = Type.Object(
  {
    number: Type.Integer(),
    name: nullable(Type.String()),
    status: enumOf(WAVE_STATUSES),
    settings: ref(CampaignWaveRequestSchema),
    gate: Type.Object({
      kind: enumOf(GATES),
      releasedAt: nullable(dateTime()),
      releasedBy: nullable(Type.String()),
    }),
    startedAt: nullable(dateTime()),
    finishedAt: nullable(dateTime()),
    failures: Type.Integer({
      description: 'The failed members since the last resume, compared with `maxFailures`.',
    }),
    members: counts,
    emptiedBecause: Type.Optional(
      Type.String({ description: 'Why the wave has lost all its members. Absent if it has members.' }),
    ),
  },
  { $id: 'CampaignWave' },
)

/** What an action has changed. */
export const CampaignActionEffectSchema = Type.Object(
  {
    action: enumOf(ALL_CAMPAIGN_ACTIONS),
    changed: Type.Boolean({
      description:
        'Whether the action changed the campaign or a member. False if the campaign or the members were already in the resulting state, for example because the request was repeated.',
    }),
    changedMembers: Type.Integer({ description: 'The number of members that the action changed.' }),
    message: string('What the action changed, or why it changed nothing.'),
  },
  {
    $id: 'CampaignActionEffect',
    description: 'The effect of an action on a campaign. Present only in the response of the action.',
  },
)
export type CampaignActionEffect = Static<typeof CampaignActionEffectSchema>

/** A campaign: one change of many clusters, in waves. */
export const CampaignSchema = Type.Object(
  {
    id: uuid('The ID of the campaign.'),
    name: string(),
    status: enumOf(CAMPAIGN_STATUSES, {
      description:
        '`Planned` waits for the action `start`. `Succeeded`: every member succeeded or needed no change, and no later job changed it again until the end. `PartlySucceeded`: only some members did. `Failed`: no member did. `Canceled`: a user canceled the campaign.',
    }),
    waitsFor: nullable(ref(CampaignReasonSchema), {
      description: 'What the campaign waits for. Null if it waits for nothing.',
    }),
    createdAt: dateTime(),
    createdBy: string(),
    reason: nullable(Type.String()),
    labels: Type.Optional(labelsOf('The labels of the campaign. Absent if there are none.')),
    target: nullable(ref(RequestedTargetSchema), {
      description: 'The target of the clusters that match no rule. Null if there is none.',
    }),
    targetRules: Type.Array(ref(CampaignTargetRuleSchema)),
    unmatched: Type.Optional(
      Type.Object(
        { count: Type.Integer(), clusterIds: strings('The ARM IDs of the clusters, at most 100.') },
        {
          description:
            'The selected clusters that match no rule and are not members because of `unmatched: skip`. Clusters that the caller has no permission to see are not counted. Absent if there are none.',
        },
      ),
    ),
    onFailure: enumOf(ON_FAILURE),
    acknowledge: strings(),
    startedAt: nullable(dateTime()),
    finishedAt: nullable(dateTime()),
    members: counts,
    waiting: Type.Optional(
      Type.Array(Type.Object({ code: string(), members: Type.Integer() }), {
        description:
          'The number of members that have not ended, by the `code` of what they wait for: `HELD` waits for the action `release`, `APPROVAL_MISSING` for an approval of the plan. `APPROVAL_EXPIRED`: the plan can no longer be approved or executed; the action `retry` requests a new approval. Absent if no member waits.',
      }),
    ),
    isPartial: Type.Optional(
      Type.Boolean({
        description:
          'Present and true if the campaign has members that the caller has no permission to see. No count and no result contains them.',
      }),
    ),
    changedAgain: Type.Optional(
      Type.Integer({
        description:
          'The number of members that reached the target and that a later job, such as a rollback, changed to another outbound type. `members` counts them by the outcome of the campaign. Absent if there are none.',
      }),
    ),
    waves: Type.Array(ref(CampaignWaveSchema)),
    effect: Type.Optional(ref(CampaignActionEffectSchema)),
  },
  { $id: 'Campaign' },
)
export type Campaign = Static<typeof CampaignSchema>

export const CampaignSummarySchema = Type.Object(
  {
    id: uuid('The ID of the campaign.'),
    name: string(),
    status: enumOf(CAMPAIGN_STATUSES),
    createdAt: dateTime(),
    createdBy: string(),
    finishedAt: nullable(dateTime()),
    labels: Type.Optional(labelsOf('The labels of the campaign. Absent if there are none.')),
  },
  { $id: 'CampaignSummary' },
)
export type CampaignSummary = Static<typeof CampaignSummarySchema>

export const CampaignMemberSchema = Type.Object(
  {
    id: uuid('The ID of the member.'),
    clusterId: string('The ARM ID of the cluster.'),
    target: Type.Optional(ref(RequestedTargetSchema)),
    wave: Type.Integer(),
    movedBecause: nullable(Type.String(), {
      description: 'Why the member is in a later wave than requested. Null if it is in the requested wave.',
    }),
    status: enumOf(MEMBER_STATUSES, {
      description:
        '`NeedsDecision` waits for `accept`, `retry` or `skip`. `Blocked`: the plan is blocked, or could not be created. `Starting`: the job is being accepted. `NoChange`: the cluster already has the target.',
    }),
    waitsFor: nullable(ref(CampaignReasonSchema), {
      description: 'What the member waits for, or why it ended without success. Null otherwise.',
    }),
    isPaused: Type.Boolean({
      description: 'Whether a user has paused the member. It is planned, but does not start.',
    }),
    planId: nullable(uuid('The ID of the current plan.')),
    jobId: nullable(uuid('The ID of the last job.')),
    changedAgainBy: Type.Optional(
      uuid(
        'The ID of the later job, such as a rollback, that changed the cluster to another outbound type after the member reached the target. Absent if there is none.',
      ),
    ),
  },
  { $id: 'CampaignMember' },
)
export type CampaignMember = Static<typeof CampaignMemberSchema>

/** The members whose partners must newly allow an address. Other members can keep or lose the same address. */
export const NewForSchema = Type.Object(
  {
    count: Type.Integer(),
    clusterIds: strings('The ARM IDs of the clusters, at most 100.'),
  },
  {
    $id: 'NewFor',
    description:
      'The clusters for which the address is new, or to which further packets move: their partners must allow the address, even if another cluster already uses it. Absent if there are none.',
  },
)

/** What the merged change of an address means. */
export const MERGED_CHANGE =
  'The change over all members: an address is `added` if it is new for at least one member, and `lost` only if no member uses it after the change.'

/** The address changes of all members that the caller may see. */
export const CampaignIpChangesSchema = Type.Object(
  {
    campaignId: uuid('The ID of the campaign.'),
    items: Type.Array(
      Type.Object({
        cidr: string('The address in CIDR notation.'),
        address: string('The address, or the CIDR of a prefix.'),
        family: enumOf(IP_FAMILIES),
        change: enumOf(['kept', 'added', 'lost', 'unknown'], { description: MERGED_CHANGE }),
        advice: enumOf(ADDRESS_ADVICE, {
          description:
            'The required firewall change. `allowBefore`: allow the address before the cutover. `allowNow`: a member in `newFor` uses it already. `removeAfter`: remove it after the change. `removeNow`: every member that used it has changed. `checkAfter`: the result is unknown.',
        }),
        members: Type.Integer(),
        newFor: Type.Optional(ref(NewForSchema)),
      }),
    ),
    addressesKnownLater: Type.Integer({ description: 'The number of addresses that are not known yet.' }),
  },
  { $id: 'CampaignIpChanges' },
)
export type CampaignIpChanges = Static<typeof CampaignIpChangesSchema>

export const CampaignEventSchema = Type.Object(
  {
    sequence: Type.Integer({ description: 'The position in the log of the campaign: 1, 2, 3 and so on.' }),
    at: dateTime(),
    type: string(),
    memberId: nullable(uuid('The member that the entry is about.')),
    clusterId: Type.Optional(
      string('The ARM ID of the cluster of this member. Absent without a member, and in webhook messages.'),
    ),
    message: string(),
  },
  { $id: 'CampaignEvent' },
)
export type CampaignEvent = Static<typeof CampaignEventSchema>
