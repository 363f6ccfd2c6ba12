import type { InventoryCluster } from '../../contract/inventory.ts'
import { toCsv } from '../plan/ip-changes.ts'

type Cell = string | boolean | null

/** One column for each fact; lists are in one cell, separated by spaces. */
const COLUMNS: Record<string, (cluster: InventoryCluster) => Cell> = {
  subscriptionId: ({ subscriptionId }) => subscriptionId,
  resourceGroup: ({ resourceGroup }) => resourceGroup,
  name: ({ name }) => name,
  location: ({ location }) => location,
  vnet: ({ vnet }) => vnet,
  outboundType: ({ declared }) => declared.outboundType,
  natGatewaySku: ({ declared }) => declared.natGatewaySku,
  effective: ({ effective }) => effective,
  addresses: ({ addresses }) => addresses.join(' '),
  isComplete: ({ isComplete }) => isComplete,
  authorizedRanges: ({ authorizedRanges }) => authorizedRanges.mode,
  coversEgress: ({ authorizedRanges }) => authorizedRanges.coversEgress,
  apiServer: ({ apiServer }) => apiServer,
  provisioningState: ({ provisioningState }) => provisioningState,
  powerState: ({ powerState }) => powerState,
  kubernetesVersion: ({ kubernetesVersion }) => kubernetesVersion,
  flags: ({ flags }) => flags.join(' '),
  lastPlan: ({ lastPlan }) => lastPlan?.id ?? null,
  lastPlanStatus: ({ lastPlan }) => lastPlan?.status ?? null,
  lastJob: ({ lastJob }) => lastJob?.id ?? null,
  lastJobStatus: ({ lastJob }) => lastJob?.status ?? null,
  campaign: ({ campaign }) => campaign?.id ?? null,
  campaignName: ({ campaign }) => campaign?.name ?? null,
  tags: ({ tags }) =>
    Object.entries(tags)
      .map(([name, value]) => `${name}=${value}`)
      .join(' '),
  id: ({ id }) => id,
  asOf: ({ asOf }) => asOf,
}

/** Clusters as CSV (RFC 4180), safe to open in a spreadsheet. */
export function inventoryCsv(clusters: readonly InventoryCluster[]): string {
  const rows = clusters.map((cluster) => Object.values(COLUMNS).map((read) => read(cluster)))
  return toCsv([Object.keys(COLUMNS), ...rows])
}
