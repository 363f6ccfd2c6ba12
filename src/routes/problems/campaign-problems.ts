import { factList, factText, type ProblemRecord, withPrefix } from './problem-record.ts'

const ID = '01990000-0000-7000-8000-000000000001'

/** Problems of campaigns, by status. */
export const CAMPAIGN_PROBLEMS = {
  CAMPAIGN_WAVES_INVALID: {
    status: 400,
    title: 'Invalid waves',
    detail: (facts) =>
      `Each wave must contain at least one cluster, and each selected cluster must belong to exactly one wave${withPrefix('. Error: ', factText(facts.reason))}${withPrefix(': ', factList(facts.clusters))}.`,
    remedy:
      'Change the waves so that each wave contains at least one cluster, and each cluster belongs to exactly one wave. If the last wave has none of the fields `clusters`, `where`, `count`, and `share`, it takes all remaining clusters.',
    example: { reason: 'a cluster matches wave 1 and wave 2', clusters: ['prod-1'] },
    exampleErrors: [
      {
        in: 'body',
        pointer: '/waves/1/clusters',
        code: 'CAMPAIGN_WAVES_INVALID',
        message:
          'Each wave must contain at least one cluster, and each selected cluster must belong to exactly one wave.',
      },
    ],
  },
  CAMPAIGN_SELECTION_EMPTY: {
    status: 400,
    title: 'Empty selection',
    detail: () => 'The filter matches no cluster of the inventory that the caller may see.',
    remedy:
      'Compare the filter with the clusters that `GET /v1/clusters` lists, and correct the filter. If clusters are missing from this list, refresh the inventory with `POST /v1/inventory/refresh`.',
    example: {},
  },
  CAMPAIGN_SELECTION_TOO_LARGE: {
    status: 400,
    title: 'Selection too large',
    detail: (facts) =>
      `The filter matches more clusters than a campaign can contain${withPrefix('; the limit is ', factText(facts.limit))}.`,
    remedy: 'Add filters, and create several campaigns.',
    example: { limit: 5000 },
  },
  CAMPAIGN_TARGET_UNMATCHED: {
    status: 400,
    title: 'Target rule matches no member',
    detail: (facts) =>
      `Target rule${withPrefix(' ', factText(facts.rule))} matches none of the selected clusters.`,
    remedy:
      'Remove the rule, or fix it. A cluster gets the target of the first rule that matches the cluster. Names are not case-sensitive, and `*` matches any characters. The filter of a rule matches only clusters that are in the inventory.',
    example: { rule: 1 },
  },
  CAMPAIGN_TARGET_MISSING: {
    status: 400,
    title: 'Members without a target',
    detail: (facts) =>
      `Some of the selected clusters match no target rule${withPrefix(': ', factList(facts.clusters))}.`,
    remedy:
      'Add a rule for these clusters, set `target` for all clusters that no rule matches, or exclude these clusters with `unmatched: skip`. The filter of a rule matches only clusters that are in the inventory.',
    example: { clusters: ['prod-1'] },
  },
  CAMPAIGN_TARGET_UNSUPPORTED: {
    status: 400,
    title: 'Target not supported by any member',
    detail: (facts) =>
      `The campaign assigns the target${withPrefix(' ', factText(facts.target))} to selected clusters. None of these clusters can change to it. AKS does not support the change from their outbound types in their kinds of virtual networks.`,
    remedy:
      'Choose another target, or select other clusters. `GET /v1/transitions` lists the supported changes. `GET /v1/clusters` lists the outbound types and VNet kinds of clusters; if this list is outdated, refresh the inventory with `POST /v1/inventory/refresh`.',
    example: { target: 'managedNATGateway' },
  },
  CAMPAIGN_MEMBERS_UNKNOWN: {
    status: 400,
    title: 'Unknown clusters',
    detail: (facts) =>
      `These clusters are not in the inventory${withPrefix(': ', factList(facts.clusters))}. The last refresh of the inventory read every cluster that this service can read, so these clusters did not exist then, or this service cannot read them.`,
    remedy:
      'Correct the IDs. If a cluster is new, refresh the inventory with `POST /v1/inventory/refresh`, then send the request again.',
    example: { clusters: ['prod-1'] },
  },
  CAMPAIGN_MEMBERS_DENIED: {
    status: 403,
    title: 'Execution denied on members',
    detail: (facts) =>
      `The access policy does not allow the caller to execute plans on these members of the campaign${withPrefix(': ', factList(facts.clusters))}.`,
    remedy:
      'Ask the owner of the access policy file to allow you to execute plans on these clusters. Alternatively, exclude these clusters. To create a campaign, remove the clusters from `select`. To act on the other members, list only these members in `members`.',
    example: { clusters: ['prod-1'] },
  },
  CAMPAIGN_GATE_NOT_INDEPENDENT: {
    status: 403,
    title: 'Gate release not independent',
    detail: (facts) =>
      `A person who did not create the campaign must release the gate of this wave, because the access policy requires this for some clusters of the wave. The caller${withPrefix(' (', factText(facts.createdBy))}${facts.createdBy === undefined ? '' : ')'} created the campaign.`,
    remedy:
      'Ask another person for the release of the gate. That person needs permission to execute plans on all members.',
    example: { createdBy: 'alice@example.com' },
  },
  CAMPAIGN_NOT_FOUND: {
    status: 404,
    title: 'Campaign not found',
    detail: (facts) => `The campaign${withPrefix(' ', factText(facts.campaignId))} does not exist.`,
    remedy: 'List the campaigns with `GET /v1/campaigns`.',
    example: { campaignId: ID },
  },
  CAMPAIGN_MEMBERS_BUSY: {
    status: 409,
    title: 'Members are busy',
    detail: (facts) =>
      `Clusters of the selection are locked by a job or belong to another campaign${withPrefix(': ', factList(facts.clusters))}.`,
    remedy:
      'Wait until the job or the other campaign has ended, cancel that job or campaign, or exclude these clusters from the selection.',
    example: { clusters: ['prod-1 (job 01990000-0000-7000-8000-000000000001)'] },
  },
  CAMPAIGN_ACTION_NOT_POSSIBLE: {
    status: 409,
    title: 'Action not possible',
    detail: (facts) =>
      `${facts.action === undefined ? 'The action' : `The action \`${factText(facts.action)}\``} is not possible now${withPrefix(': ', factText(facts.reason))}.`,
    remedy:
      'Read the status of the campaign and of its members, and send an action that is possible in this status. To stop a running member, send `cancel` with its ID in `members`.',
    example: { action: 'start', reason: 'the campaign has the status `Planning`' },
  },
} as const satisfies Record<string, ProblemRecord>
