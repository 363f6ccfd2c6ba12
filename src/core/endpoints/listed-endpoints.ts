import { type Cloud, ENDPOINT_NEEDS } from '../../contract/routing.ts'
import { regionKey } from '../arm/regions.ts'
import { equalsArm } from '../arm/words.ts'
import type { AgentPoolFacts, ClusterFacts } from '../snapshot/snapshot.ts'
import {
  type CandidateEndpoint,
  type Condition,
  type EndpointList,
  type EndpointRow,
  endpointKey,
} from './endpoint-list.ts'
import { PUBLIC_ENDPOINTS } from './public-endpoints.ts'
import { CHINA_ENDPOINTS, GOVERNMENT_ENDPOINTS } from './sovereign-endpoints.ts'

const LISTS: Record<Cloud, EndpointList> = {
  public: PUBLIC_ENDPOINTS,
  usGovernment: GOVERNMENT_ENDPOINTS,
  china: CHINA_ENDPOINTS,
}

/** The cloud that a region belongs to, told by ARM's names of regions. */
export function cloudOf(location: string): Cloud {
  const region = regionKey(location)
  if (/^us(gov|dod)/.test(region)) return 'usGovernment'
  return region.startsWith('china') ? 'china' : 'public'
}

/** The published list of the cluster's cloud. */
export function publishedListOf(cluster: ClusterFacts): EndpointList {
  return LISTS[cloudOf(cluster.location)]
}

/** The rows of the published list that this cluster needs, each place once. */
export function listedEndpoints(cluster: ClusterFacts): CandidateEndpoint[] {
  const list = publishedListOf(cluster)
  const own = conditionsOf(cluster)
  const found = new Map<string, CandidateEndpoint>()
  for (const row of list.rows) {
    if (!own[row.when]) continue
    const endpoint = fromRow(row, list, regionKey(cluster.location))
    const key = endpointKey(endpoint)
    found.set(key, merged(found.get(key), endpoint))
  }
  return [...found.values()]
}

function fromRow(row: EndpointRow, list: EndpointList, region: string): CandidateEndpoint {
  const { destination, serviceTag, ...rest } = row
  const endpoint = { ...rest, destination: destination.replace('<region>', region), isListed: true }
  const entry: CandidateEndpoint = { ...endpoint, source: 'list', asOf: list.asOf }
  return serviceTag === undefined ? entry : { ...entry, serviceTag }
}

/** What several features need is needed as much as the one that needs it most. */
function merged(known: CandidateEndpoint | undefined, more: CandidateEndpoint): CandidateEndpoint {
  if (known === undefined) return more
  const need = ENDPOINT_NEEDS.find((need) => need === known.need || need === more.need) ?? known.need
  const when = known.when === 'always' ? known.when : `${known.when}; ${more.when}`
  return { ...known, need, when }
}

function conditionsOf(cluster: ClusterFacts): Record<Condition, boolean> {
  const { features, agentPools } = cluster
  return {
    always: true,
    // Nodes of a private cluster, and of one with its API server in the VNet, do not go out for it.
    'public API server': !cluster.enablePrivateCluster && !cluster.enableVnetIntegration,
    'Linux pools': agentPools.length === 0 || agentPools.some((pool) => !equalsArm(pool.osType, 'Windows')),
    'Windows pools': agentPools.some((pool) => equalsArm(pool.osType, 'Windows')),
    'GPU pools': agentPools.some(installsGpuDriver),
    'workload identity': features.workloadIdentity,
    'Microsoft Defender': features.defender,
    'Key Vault secrets provider, Istio with its own authority, or application routing':
      features.keyVaultSecretsProvider || features.istioPluginCa || features.webAppRouting,
    'container monitoring': features.containerInsights,
    'managed Prometheus': features.managedPrometheus,
    'Azure Policy': features.azurePolicy,
    'cost analysis': features.costAnalysis,
  }
}

/** Sizes of the N series but NP, whose boards are no GPUs; AKS installs no driver where the pool says `None`. */
function installsGpuDriver({ vmSize, gpuDriver }: AgentPoolFacts): boolean {
  const isGpu = /^standard_n[a-z]/i.test(vmSize ?? '') && !/^standard_np/i.test(vmSize ?? '')
  return !equalsArm(gpuDriver, 'None') && (isGpu || gpuDriver !== null)
}
