import { factList, factText, type ProblemRecord, withPrefix } from './problem-record.ts'

const ID = '01990000-0000-7000-8000-000000000001'

/** Problems of campaigns, by status. */
export const CAMPAIGN_PROBLEMS = {
  CAMPAIGN_WAVES_INVALID: {
    status: 400,
    title: 'Invalid waves',
    detail: (facts) =>
      `The waves do not divide the selected clusters${withPrefix(': ', factText(facts.reason))}${withPrefix(': ', factList(facts.clusters))}.`,
    remedy:
      'Change the waves so that each contains a cluster and every cluster belongs to exactly one wave. A last wave without `clusters`, `count` and `share` takes all remaining clusters.',
    example: { reason: 'a cluster matches wave 1 and wave 2', clusters: ['prod-1'] },
    exampleErrors: [
      {
        in: 'body',
        pointer: '/waves/1/clusters',
        code: 'CAMPAIGN_WAVES_INVALID',
        message: 'The waves do not divide the selected clusters.',
      },
    ],
  },
  CAMPAIGN_TARGET_UNMATCHED: {
    status: 400,
    title: 'Target fits no member',
    detail: (facts) =>
      `The exception${withPrefix(' ', factText(facts.exception))} matches none of the selected clusters.`,
    remedy:
      'Remove the exception, or fix its patterns. Letter case is ignored, and `*` matches any characters.',
    example: { exception: 1 },
  },
  CAMPAIGN_MEMBERS_DENIED: {
    status: 403,
    title: 'Members that the caller may not execute',
    detail: (facts) =>
      `The access policy denies the caller the action execute on members of the campaign${withPrefix(': ', factList(facts.clusters))}.`,
    remedy:
      'Leave these clusters out of the selection, or ask the owner of the access policy file to grant the action on them.',
    example: { clusters: ['prod-1'] },
  },
  CAMPAIGN_GATE_NOT_INDEPENDENT: {
    status: 403,
    title: 'Release of the gate not independent',
    detail: (facts) =>
      `The wave contains clusters that require a second person, but the caller created the campaign${withPrefix(' as ', factText(facts.createdBy))}.`,
    remedy: 'Ask another person who may execute on all members to release the gate.',
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
      'Wait until the job or the campaign has ended, cancel it, or leave these clusters out of the selection.',
    example: { clusters: ['prod-1 (job 01990000-0000-7000-8000-000000000001)'] },
  },
  CAMPAIGN_ACTION_NOT_POSSIBLE: {
    status: 409,
    title: 'Action not possible',
    detail: (facts) =>
      `The action${withPrefix(' ', factText(facts.action))} is not possible now${withPrefix(': ', factText(facts.reason))}.`,
    remedy:
      'Read the status of the campaign and of its members, and send an action that fits them. To stop a running member, cancel its job.',
    example: { action: 'start', reason: 'the campaign has the status Planning' },
  },
} as const satisfies Record<string, ProblemRecord>
