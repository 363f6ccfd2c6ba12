import { ENDPOINT_NEEDS } from '../../contract/routing.ts'
import { cloudOf, regionKey } from '../arm/regions.ts'
import { equalsArm } from '../arm/words.ts'
import { pageEdition } from '../references/pages.ts'
import type { AgentPoolFacts, ClusterFacts } from '../snapshot/snapshot.ts'
import { type CandidateEndpoint, type Condition, type EndpointRow, endpointKey } from './endpoint-list.ts'
import { PUBLISHED_LISTS } from './published-lists.ts'

/** The page of the published lists. */
export const LIST_PAGE = 'outbound-rules-control-egress'
export const LIST_DATE = pageEdition(LIST_PAGE)

/** Whether the cluster has the feature of a row; `unknown` if the bodies from ARM do not show it. */
type Presence = 'present' | 'absent' | 'unknown'

/** The distinct rows of the published list that this cluster needs or may need. */
export function listedEndpoints(cluster: ClusterFacts): CandidateEndpoint[] {
  const presences = presencesIn(cluster)
  const found = new Map<string, CandidateEndpoint>()
  for (const row of PUBLISHED_LISTS[cloudOf(cluster.location)]) {
    const presence = presences[row.when]
    if (presence === 'absent') continue
    const endpoint = fromRow(row, regionKey(cluster.location))
    const key = endpointKey(endpoint)
    found.set(
      key,
      merged(found.get(key), presence === 'present' ? endpoint : { ...endpoint, need: 'conditional' }),
    )
  }
  return [...found.values()]
}

function fromRow({ destination, ...row }: EndpointRow, region: string): CandidateEndpoint {
  const name = destination.replace('<region>', region)
  return { ...row, destination: name, isListed: true, source: 'list', asOf: LIST_DATE }
}

/** An endpoint that several features need has the strictest of their requirements. */
function merged(known: CandidateEndpoint | undefined, more: CandidateEndpoint): CandidateEndpoint {
  if (known === undefined) return more
  const need = ENDPOINT_NEEDS.find((need) => need === known.need || need === more.need) ?? known.need
  const when = known.when === 'always' ? known.when : `${known.when}; ${more.when}`
  return { ...known, need, when }
}

function presencesIn(cluster: ClusterFacts): Record<Condition, Presence> {
  const { features, agentPools } = cluster
  // Nodes of a private cluster, or of a cluster with API Server VNet Integration, do not need egress for it.
  const isPublic = !cluster.enablePrivateCluster && !cluster.enableVnetIntegration
  // Node auto-provisioning chooses images and sizes. The mode `Manual` means that it is disabled.
  const mayHaveOthers = agentPools.length === 0 || equalsArm(cluster.nodeProvisioningMode, 'Auto')
  const usesKeyVault = features.keyVaultSecretsProvider || features.istioPluginCa || features.webAppRouting
  const pools = (presenceIn: (pool: AgentPoolFacts) => Presence) =>
    strongest([...agentPools.map(presenceIn), mayHaveOthers ? 'unknown' : 'absent'])
  return {
    always: 'present',
    'public API server': given(isPublic),
    'pods that use the API server': given(isPublic),
    'Ubuntu pools': pools(usesUbuntu),
    'Windows pools': given(agentPools.some(isWindows)),
    'GPU pools': pools(installsGpuDriver),
    'workload identity': given(features.workloadIdentity),
    'Microsoft Defender': given(features.defender),
    'Key Vault secrets provider, Istio with a plug-in CA, or application routing': given(usesKeyVault),
    'container monitoring': given(features.containerInsights),
    'managed Prometheus': given(features.managedPrometheus),
    'Azure Policy': given(features.azurePolicy),
    'cost analysis': given(features.costAnalysis),
    // Extensions are separate resources.
    'cluster extensions': 'unknown',
    'marketplace extensions': 'unknown',
  }
}

function given(isPresent: boolean): Presence {
  return isPresent ? 'present' : 'absent'
}

function strongest(presences: Presence[]): Presence {
  if (presences.includes('present')) return 'present'
  return presences.includes('unknown') ? 'unknown' : 'absent'
}

function isWindows({ osType }: AgentPoolFacts): boolean {
  return equalsArm(osType, 'Windows')
}

/** Linux SKUs of AKS that are not Ubuntu: Azure Linux, also under its former name, and Flatcar. */
const OTHER_LINUX = /^(AzureLinux|AzureContainerLinux|CBLMariner|Mariner|Flatcar)/i

/** A SKU that ARM does not show, or that is newer than this list, may be Ubuntu. */
function usesUbuntu(pool: AgentPoolFacts): Presence {
  if (isWindows(pool) || OTHER_LINUX.test(pool.osSku ?? '')) return 'absent'
  return /^Ubuntu/i.test(pool.osSku ?? '') ? 'present' : 'unknown'
}

/**
 * Sizes of the N series except NP, which has no GPUs. AKS installs no driver if the pool has the driver `None`. Pools
 * with a size for each machine show no size.
 */
function installsGpuDriver({ vmSize, gpuDriver }: AgentPoolFacts): Presence {
  if (equalsArm(gpuDriver, 'None')) return 'absent'
  if (gpuDriver !== null) return 'present'
  if (vmSize === null) return 'unknown'
  return given(/^standard_n[a-z]/i.test(vmSize) && !/^standard_np/i.test(vmSize))
}
