import type { AllowListImpact, AllowListType } from '../../contract/allow-lists.ts'
import { isSameRegion } from '../arm/regions.ts'
import { idKey } from '../arm/resource-id.ts'
import { equalsArm } from '../arm/words.ts'
import type { ProjectedEgress } from '../egress/projected-egress.ts'
import type { AllowListResource } from '../snapshot/allow-list-facts.ts'
import type { Snapshot } from '../snapshot/snapshot.ts'

type Ineffective = AllowListImpact['ineffective']

/** A service endpoint. `regional`: it carries only traffic to resources in the region of the virtual network. */
interface ServiceEndpoint {
  service: string
  regional?: true
}

/** The service endpoints of each type of resource with IP rules (virtual-network-service-endpoints-overview). */
const SERVICE_ENDPOINTS: Partial<Record<AllowListType, ServiceEndpoint[]>> = {
  // The regional endpoint also covers the paired region, which ARM does not show.
  'Microsoft.Storage/storageAccounts': [
    { service: 'Microsoft.Storage', regional: true },
    { service: 'Microsoft.Storage.Global' },
  ],
  'Microsoft.Sql/servers': [{ service: 'Microsoft.Sql', regional: true }],
  'Microsoft.KeyVault/vaults': [{ service: 'Microsoft.KeyVault' }],
  'Microsoft.CognitiveServices/accounts': [{ service: 'Microsoft.CognitiveServices' }],
  'Microsoft.ContainerRegistry/registries': [{ service: 'Microsoft.ContainerRegistry' }],
  'Microsoft.DocumentDB/databaseAccounts': [{ service: 'Microsoft.AzureCosmosDB' }],
  'Microsoft.EventHub/namespaces': [{ service: 'Microsoft.EventHub' }],
  'Microsoft.ServiceBus/namespaces': [{ service: 'Microsoft.ServiceBus' }],
  'Microsoft.Web/sites': [{ service: 'Microsoft.Web' }],
  'Microsoft.Web/sites/slots': [{ service: 'Microsoft.Web' }],
}

/**
 * The reason why IP rules of a resource certainly do not apply to traffic of the cluster; null if they apply or may
 * apply. Traffic through a service endpoint has private source addresses (virtual-network-service-endpoints-overview).
 * So does traffic to a storage account in the same region (storage-network-security-limitations).
 */
export function ineffectiveRules(
  { type, location }: Pick<AllowListResource, 'type' | 'location'>,
  snapshot: Snapshot,
  after: ProjectedEgress,
): Ineffective {
  const { cluster, subnets } = snapshot
  const isNear = location !== null && isSameRegion(location, cluster.location)
  if (type === 'Microsoft.Storage/storageAccounts' && isNear && leavesInRegion(after, snapshot))
    return { reason: 'sameRegion', subnetIds: subnets.map(({ id }) => id), forAll: true }
  const services = (SERVICE_ENDPOINTS[type] ?? []).filter(({ regional }) => regional !== true || isNear)
  const direct = subnets.filter(({ serviceEndpoints }) =>
    services.some(({ service }) => serviceEndpoints.some((name) => equalsArm(name, service))),
  )
  if (direct.length === 0) return null
  return {
    reason: 'serviceEndpoint',
    subnetIds: direct.map(({ id }) => id),
    forAll: direct.length === subnets.length,
  }
}

/** Whether all traffic leaves in the region of the cluster. An appliance may be in another region, for which IP rules apply. */
function leavesInRegion(
  { known, unknowable }: ProjectedEgress,
  { cluster, publicIps, publicIpPrefixes }: Snapshot,
): boolean {
  const isInRegion = (id: string | null) => {
    const resource = publicIps[idKey(id ?? '')] ?? publicIpPrefixes[idKey(id ?? '')]
    return resource !== undefined && isSameRegion(resource.location, cluster.location)
  }
  return !unknowable && known.every(({ resourceId }) => isInRegion(resourceId))
}
