import type {
  InventoryChange,
  InventoryCluster,
  InventoryFacts,
  InventoryRefresh,
  InventorySummary,
} from '../../contract/inventory.ts'
import { EXAMPLE_JOB, EXAMPLE_PLAN } from './jobs.ts'

const FACTS: InventoryFacts = {
  id: '/subscriptions/11111111-1111-1111-1111-111111111111/resourceGroups/rg-demo/providers/Microsoft.ContainerService/managedClusters/lb-byo-nat-attached',
  subscriptionId: '11111111-1111-1111-1111-111111111111',
  resourceGroup: 'rg-demo',
  name: 'lb-byo-nat-attached',
  location: 'eastus',
  tags: { team: 'payments' },
  vnet: 'byo',
  declared: { outboundType: 'loadBalancer', natGatewaySku: null },
  effective: 'natGateway',
  addresses: ['20.1.2.3'],
  isComplete: true,
  authorizedRanges: { mode: 'enforced', count: 2, coversEgress: false },
  apiServer: 'public',
  provisioningState: 'Succeeded',
  powerState: 'Running',
  kubernetesVersion: '1.34.2',
  flags: ['rangesUncovered', 'pathDiffers'],
}

export const EXAMPLE_CLUSTER: InventoryCluster = {
  ...FACTS,
  asOf: '2026-09-01T00:00:00.000Z',
  lastPlan: {
    id: EXAMPLE_PLAN.id,
    status: EXAMPLE_PLAN.status,
    to: 'userAssignedNATGateway',
    createdAt: EXAMPLE_PLAN.createdAt,
  },
  lastJob: {
    id: EXAMPLE_JOB.id,
    status: EXAMPLE_JOB.status,
    to: 'userAssignedNATGateway',
    createdAt: '2026-09-01T00:05:00.000Z',
  },
  campaign: null,
}

export const EXAMPLE_SUMMARY: InventorySummary = {
  clusters: 2,
  oldestAsOf: '2026-09-01T00:00:00.000Z',
  byOutboundType: { loadBalancer: 2 },
  byPath: { loadBalancer: 1, natGateway: 1 },
  byFlag: { rangesUncovered: 1, pathDiffers: 1 },
  byLocation: { eastus: 2 },
  bySubscription: { '11111111-1111-1111-1111-111111111111': 2 },
}

export const EXAMPLE_CHANGE: InventoryChange = {
  at: '2026-09-01T00:00:00.000Z',
  kind: 'egressChanged',
  message: 'The egress path changed from `loadBalancer` to `natGateway`.',
  jobId: null,
  before: { ...FACTS, effective: 'loadBalancer', flags: [] },
  after: FACTS,
}

export const EXAMPLE_REFRESH: InventoryRefresh = {
  id: '01990000-0000-7000-8000-000000000013',
  status: 'succeeded',
  requestedAt: '2026-09-01T00:00:00.000Z',
  requestedBy: null,
  startedAt: '2026-09-01T00:00:01.000Z',
  endedAt: '2026-09-01T00:00:09.000Z',
  result: { source: 'resourceGraph', clusters: 2, changed: 1, unconfirmed: 0, unread: [], error: null },
}
