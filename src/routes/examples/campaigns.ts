import type {
  Campaign,
  CampaignEvent,
  CampaignIpChanges,
  CampaignMember,
  MemberCounts,
} from '../../contract/campaign.ts'
import type { CampaignPlanning } from '../../contract/campaign-planning.ts'
import { MEMBER_STATUSES } from '../../contract/campaign-requests.ts'
import { EXAMPLE_JOB } from './jobs.ts'

const AT = '2026-09-01T00:00:00.000Z'

function counts(present: Partial<MemberCounts>): MemberCounts {
  const all = Object.fromEntries(MEMBER_STATUSES.map((status) => [status, 0])) as MemberCounts
  return { ...all, ...present }
}

/** A running campaign with a canary wave. */
export const EXAMPLE_CAMPAIGN: Campaign = {
  id: '01990000-0000-7000-8000-000000000008',
  name: 'NAT gateways for all clusters',
  status: 'Running',
  waitsFor: { code: 'GATE', message: 'Wave 2 waits for the release of its gate.' },
  createdAt: AT,
  createdBy: 'anonymous',
  reason: 'CHG-1234',
  target: { outboundType: 'userAssignedNATGateway' },
  targetRules: [],
  onFailure: 'stop',
  acknowledge: ['EGRESS_IP_LOST'],
  startedAt: AT,
  finishedAt: null,
  members: counts({ Succeeded: 1, Ready: 1 }),
  waves: [
    {
      number: 1,
      name: 'canary',
      status: 'Finished',
      settings: { name: 'canary', count: 1, soakMinutes: 60 },
      gate: { kind: 'automatic', releasedAt: null, releasedBy: null },
      startedAt: AT,
      finishedAt: AT,
      failures: 0,
      members: counts({ Succeeded: 1 }),
    },
    {
      number: 2,
      name: null,
      status: 'Pending',
      settings: { gate: 'manual', maxConcurrent: 10, maxFailures: 2 },
      gate: { kind: 'manual', releasedAt: null, releasedBy: null },
      startedAt: null,
      finishedAt: null,
      failures: 0,
      members: counts({ Ready: 1 }),
    },
  ],
}

export const EXAMPLE_MEMBER: CampaignMember = {
  id: '01990000-0000-7000-8000-000000000009',
  clusterId: EXAMPLE_JOB.cluster.id,
  wave: 1,
  movedBecause: null,
  status: 'Succeeded',
  waitsFor: null,
  isPaused: false,
  planId: EXAMPLE_JOB.planId,
  jobId: EXAMPLE_JOB.id,
}

export const EXAMPLE_CAMPAIGN_PLANNING: CampaignPlanning = {
  campaignId: EXAMPLE_CAMPAIGN.id,
  members: 2,
  leftOut: 0,
  verdicts: { applicable: 2, blocked: 0, noChange: 0 },
  blockers: [],
  acknowledgements: [{ code: 'EGRESS_IP_LOST', members: 2, acknowledged: true }],
  missingPermissions: [],
  addresses: [
    { address: '20.1.2.3', family: 'IPv4', change: 'lost', members: 1, advice: 'removeAfter' },
    {
      address: '20.9.8.7',
      family: 'IPv4',
      change: 'added',
      members: 2,
      advice: 'allowBefore',
      newFor: { count: 1, clusterIds: [EXAMPLE_MEMBER.clusterId] },
    },
  ],
  addressesKnownLater: 0,
  allowLists: [
    {
      resourceId:
        '/subscriptions/11111111-1111-1111-1111-111111111111/resourceGroups/rg-demo/providers/Microsoft.Storage/storageAccounts/backups',
      type: 'Microsoft.Storage/storageAccounts',
      members: 2,
      add: ['20.9.8.7'],
      addLater: 0,
      removeLater: ['20.1.2.3'],
    },
  ],
  publicIpQuotas: [
    {
      subscriptionId: '11111111-1111-1111-1111-111111111111',
      location: 'westeurope',
      name: 'PublicIPAddresses',
      current: 12,
      limit: 1000,
      atPeak: 14,
      exceeded: false,
    },
  ],
  cost: {
    unknownMembers: 1,
    sums: [
      {
        currency: 'USD',
        members: 1,
        before: 21.9,
        after: 36.5,
        difference: 14.6,
        pricesAsOf: '2026-08-01',
        priceSources: ['Azure retail prices'],
        assumptions: ['One month has 730 hours.'],
      },
    ],
  },
  duration: {
    total: null,
    because: 'No finished job has measured these steps: change-outbound-type (members: 1).',
    measuredJobs: 0,
    unmeasured: [{ step: 'change-outbound-type', members: 1 }],
  },
}

export const EXAMPLE_CAMPAIGN_IP_CHANGES: CampaignIpChanges = {
  campaignId: EXAMPLE_CAMPAIGN.id,
  items: [
    {
      cidr: '20.1.2.3/32',
      address: '20.1.2.3',
      family: 'IPv4',
      change: 'lost',
      advice: 'removeNow',
      members: 1,
    },
    {
      cidr: '20.9.8.7/32',
      address: '20.9.8.7',
      family: 'IPv4',
      change: 'added',
      advice: 'allowNow',
      members: 2,
      newFor: { count: 1, clusterIds: [EXAMPLE_MEMBER.clusterId] },
    },
  ],
  addressesKnownLater: 0,
}

export const EXAMPLE_CAMPAIGN_EVENT: CampaignEvent = {
  sequence: 1,
  at: AT,
  type: 'planned',
  memberId: null,
  message: 'All members are planned.',
}
