import { type Static, Type } from 'typebox'
import { MERGED_CHANGE, NewForSchema } from './campaign.ts'
import { ADDRESS_ADVICE, IP_FAMILIES } from './egress.ts'
import { closed, dateTime, enumOf, nullable, ref, string, strings, uuid } from './fields.ts'

const estimate = Type.Object({ p50Minutes: Type.Number(), p90Minutes: Type.Number() })

/** The result of planning over all members that the caller may see. */
export const CampaignPlanningSchema = Type.Object(
  {
    campaignId: uuid('The ID of the campaign.'),
    members: Type.Integer({
      description: 'The number of members that are planned, or that could not be planned.',
    }),
    leftOut: Type.Integer({
      description:
        'The number of skipped and canceled members. These members keep their addresses, and no other field of this response counts them. Exception: if a job of such a member was canceled after its cutover, `addresses` and `allowLists` contain what the job has changed.',
    }),
    verdicts: Type.Object(
      { applicable: Type.Integer(), blocked: Type.Integer(), noChange: Type.Integer() },
      {
        description:
          'The plans by verdict. `blocked` also counts the members that could not be planned or started, and those that another member prevents from changing.',
      },
    ),
    blockers: Type.Array(Type.Object({ code: string(), members: Type.Integer() }), {
      description:
        'The blockers, the most frequent first, and the reasons of members that could not be planned or started. `NAT_GATEWAY_OF_OTHER_NETWORK`: a member in another virtual network uses the same NAT gateway.',
    }),
    acknowledgements: Type.Array(
      Type.Object({ code: string(), members: Type.Integer(), acknowledged: Type.Boolean() }),
      { description: 'The required acknowledgements, the most frequent first.' },
    ),
    missingPermissions: Type.Array(Type.Object({ action: string(), members: Type.Integer() }), {
      description: 'The missing permissions, the most frequent first.',
    }),
    unread: Type.Optional(
      Type.Array(
        Type.Object({
          part: enumOf(['network', 'preflight', 'allowLists']),
          code: string('The error code, or `READ_INCOMPLETE` for network resources.'),
          members: Type.Integer(),
        }),
        {
          description:
            'What the service could not read for these plans, the most frequent first: `network` resources, permissions, locks, policies and quotas (`preflight`), or `allowLists`. The results of these members can be incomplete. Absent if all plans are complete.',
        },
      ),
    ),
    addresses: Type.Array(
      Type.Object({
        address: string(),
        family: enumOf(IP_FAMILIES),
        change: enumOf(['kept', 'added', 'lost', 'unknown'], { description: MERGED_CHANGE }),
        members: Type.Integer(),
        newFor: Type.Optional(ref(NewForSchema)),
        advice: enumOf(ADDRESS_ADVICE, { description: 'The required firewall change, as in `ip-changes`.' }),
      }),
      { description: 'The addresses that are known now, merged over all members.' },
    ),
    addressesKnownLater: Type.Integer({ description: 'The number of addresses that are not known yet.' }),
    allowLists: Type.Array(
      Type.Object({
        resourceId: string(),
        type: string('The ARM resource type.'),
        members: Type.Integer(),
        add: strings('Entries to add before the cutover.'),
        addLater: Type.Integer({ description: 'The number of further addresses that are not known yet.' }),
        removeLater: strings(
          'Entries to remove after the campaign. Entries with an address that a member still uses are left out.',
        ),
      }),
      { description: 'One list of edits for each allow list, over all members.' },
    ),
    consumers: Type.Optional(
      Type.Array(
        Type.Object({
          name: string(),
          contact: nullable(Type.String()),
          members: Type.Integer({ description: 'The members that require edits.' }),
          add: strings('Addresses to add before the cutover.'),
          addLater: Type.Integer({ description: 'The number of further addresses that are not known yet.' }),
          removeLater: strings(
            'Entries to remove after the campaign. Entries with an address that a member still uses are left out.',
          ),
        }),
        {
          description:
            'One list of edits for each of the `consumers` of the campaign, over all members. Absent if the campaign has none.',
        },
      ),
    ),
    publicIpQuotas: Type.Array(
      Type.Object({
        subscriptionId: string(),
        location: string(),
        name: string('The name of the quota in ARM.'),
        current: Type.Integer({ description: 'The usage at the time `readAt`.' }),
        readAt: Type.Optional(
          dateTime(
            'When the usage was last read: when a member was planned, or planned again. Absent if all plans are of earlier versions.',
          ),
        ),
        limit: Type.Integer(),
        atPeak: Type.Integer({
          description:
            'The maximum usage: `current`, plus all addresses that members create after the last reading. The value assumes that AKS deletes the former addresses only afterward.',
        }),
        exceeded: Type.Boolean(),
      }),
    ),
    cost: Type.Object(
      {
        unknownMembers: Type.Integer({
          description: 'The members that change and whose cost is not completely known.',
        }),
        sums: Type.Array(
          Type.Object({
            currency: string('As in ISO 4217.'),
            members: Type.Integer({ description: 'The members that the sums contain.' }),
            before: Type.Number(),
            after: Type.Number(),
            difference: Type.Number({ description: '`after` minus `before`.' }),
            pricesAsOf: Type.String({ format: 'date', description: 'The oldest day of the prices used.' }),
            priceSources: strings('Where the prices come from.'),
            assumptions: strings(),
            // Absent in responses of earlier versions.
            shared: Type.Optional(
              Type.Array(Type.Object({ resourceId: string('The ARM ID.'), clusterIds: strings() }), {
                description:
                  'The existing resources that several members share, with the clusters of these members. The sums contain each resource once.',
              }),
            ),
          }),
          { description: 'One sum for each currency.' },
        ),
      },
      {
        description:
          'The monthly list price of the egress resources over the members that change. An estimate, not an invoice.',
      },
    ),
    emptyWaves: Type.Optional(
      Type.Array(Type.Object({ wave: Type.Integer(), because: string() }), {
        description:
          'The waves that have lost all their members. Absent if every wave has members, and for callers without permission to see every member.',
      }),
    ),
    duration: Type.Object({
      total: nullable(estimate, {
        description:
          'The estimate for the members that have not ended, over all waves, without the steps of `unmeasured`. Null if nothing can be estimated.',
      }),
      because: string('What the estimate is based on, or why there is none.'),
      measuredJobs: Type.Integer({
        description: 'The number of finished jobs that the estimate is based on.',
      }),
      unmeasured: Type.Optional(
        Type.Array(Type.Object({ step: string(), members: Type.Integer() }), {
          description:
            'The steps that no finished job has measured, with the number of members that have them.',
        }),
      ),
    }),
  },
  { ...closed, $id: 'CampaignPlanning' },
)
export type CampaignPlanning = Static<typeof CampaignPlanningSchema>
