import { bodyError, factList, factText, type ProblemRecord, withPrefix } from './problem-record.ts'

const ID = '01990000-0000-7000-8000-000000000001'

/** Problems of campaigns, by status. */
export const CAMPAIGN_PROBLEMS = {
  CAMPAIGN_WAVES_INVALID: {
    status: 400,
    title: 'Invalid waves',
    detail: (facts) =>
      `Each wave must contain at least one cluster, and each selected cluster must belong to exactly one wave${withPrefix('. Error: ', factText(facts.reason))}${withPrefix(': ', factList(facts.clusters))}.`,
    remedy:
      'Change the waves so that each wave contains at least one cluster, and each cluster belongs to exactly one wave. A wave with none of `clusters`, `where`, `count`, and `share` contains all remaining clusters.',
    example: { reason: 'a cluster matches wave 1 and wave 2', clusters: ['prod-1'] },
    exampleErrors: bodyError(
      'CAMPAIGN_WAVES_INVALID',
      '/waves/1/clusters',
      'Each wave must contain at least one cluster, and each selected cluster must belong to exactly one wave.',
    ),
  },
  CAMPAIGN_SELECTION_EMPTY: {
    status: 400,
    title: 'Empty selection',
    detail: () =>
      'The inventory contains no cluster that matches the filter and that the caller has permission to see.',
    remedy:
      'Compare the filter with the clusters in `GET /v1/clusters`, and correct the filter. If clusters are missing from the list, refresh the inventory with `POST /v1/inventory/refresh`.',
    example: {},
  },
  CAMPAIGN_SELECTION_TOO_LARGE: {
    status: 400,
    title: 'Selection too large',
    detail: (facts) =>
      `The filter matches more clusters than a campaign can contain${withPrefix('; the limit is ', factText(facts.limit))}.`,
    remedy: 'Add conditions to the filter, or split the clusters into several campaigns.',
    example: { limit: 5000 },
  },
  CAMPAIGN_TARGET_UNMATCHED: {
    status: 400,
    title: 'Target rule matches no member',
    detail: (facts) =>
      `Target rule${withPrefix(' ', factText(facts.rule))} applies to none of the selected clusters.`,
    remedy:
      'Remove the rule, or correct its `clusters` or `where`. If several rules match a cluster, only the first of these rules applies. `where` matches only clusters in the inventory. Names of clusters are not case-sensitive, and `*` matches any characters.',
    example: { rule: 1 },
  },
  CAMPAIGN_TARGET_MISSING: {
    status: 400,
    title: 'Clusters without a target',
    detail: (facts) =>
      `Some of the selected clusters match no target rule${withPrefix(': ', factList(facts.clusters))}.`,
    remedy:
      'Add a rule for these clusters, set `target` for all clusters that no rule matches, or exclude these clusters with `unmatched: skip`. A rule with `where` matches only clusters in the inventory. If a cluster is missing there, refresh the inventory with `POST /v1/inventory/refresh`.',
    example: { clusters: ['prod-1'] },
  },
  CAMPAIGN_TARGET_UNSUPPORTED: {
    status: 400,
    title: 'Target not supported by any member',
    detail: (facts) =>
      `The campaign has the target${withPrefix(' ', factText(facts.target))}, but none of the clusters selected for this target can change to it. AKS does not support the change from their current outbound types in their virtual networks.`,
    remedy:
      'Choose another target, or select other clusters. `GET /v1/transitions` lists the supported changes. `GET /v1/clusters` shows the current outbound type and the kind of virtual network of each cluster. If the list of clusters is outdated, refresh the inventory with `POST /v1/inventory/refresh`.',
    example: { target: 'managedNATGateway' },
  },
  CAMPAIGN_MEMBERS_UNKNOWN: {
    status: 400,
    title: 'Unknown clusters',
    detail: (facts) =>
      `These clusters are not in the inventory${withPrefix(': ', factList(facts.clusters))}. At the last complete refresh of the inventory, these clusters did not exist, or this service could not read them.`,
    remedy:
      'Correct the IDs. If a cluster is new, refresh the inventory with `POST /v1/inventory/refresh`, then send the request again. Otherwise, check that the identity of this service has the Reader role on the cluster.',
    example: { clusters: ['prod-1'] },
  },
  CAMPAIGN_MEMBERS_DENIED: {
    status: 403,
    title: 'Execution denied on members',
    detail: (facts) =>
      `The access policy does not allow the caller to execute plans on these members of the campaign${withPrefix(': ', factList(facts.clusters))}.`,
    remedy:
      'Ask the owner of the access policy of this service to allow you to execute plans on these clusters. Alternatively, exclude these clusters. For a new campaign, remove them from `select`. For an action on a campaign, list only the other members in `members`.',
    example: { clusters: ['prod-1'] },
  },
  CAMPAIGN_GATE_NOT_INDEPENDENT: {
    status: 403,
    title: 'Gate release not independent',
    detail: (facts) =>
      `The access policy requires a second person for some clusters of this wave. Therefore, a person who did not create the campaign must release the gate of the wave. The caller${withPrefix(' (', factText(facts.createdBy))}${facts.createdBy === undefined ? '' : ')'} created the campaign.`,
    remedy:
      'Ask another person to release the gate. That person needs permission to execute plans on all members of the campaign.',
    example: { createdBy: 'alice@example.com' },
  },
  CAMPAIGN_NOT_FOUND: {
    status: 404,
    title: 'Campaign not found',
    detail: (facts) =>
      `The campaign${withPrefix(' ', factText(facts.campaignId))} does not exist, or the caller has no permission to see any of its clusters.`,
    remedy:
      'Find the campaign in `GET /v1/campaigns`, which lists the campaigns that you have permission to see.',
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
      'Wait until the campaign or the member has a status that allows the action: `GET /v1/campaigns/{campaignId}` returns the status of the campaign. If the campaign has ended, create a new campaign instead. To stop a running member, send `cancel` with its ID in `members`.',
    example: {
      action: 'start',
      reason:
        'the campaign has the status `Planning`, and the action requires one of `Planned`, `Running` and `Paused`',
    },
  },
} as const satisfies Record<string, ProblemRecord>
