import { orderedNetworkProfile } from '../egress/change-egress.ts'
import type { ArmRequest } from '../http/arm-request.ts'
import { type JsonObject, objectAt, objectsAt, textAt, withMembers } from '../json.ts'
import { digitsOf } from '../world/identifiers.ts'
import type { World } from '../world/world.ts'
import { isManagedNat, networkProfileOf } from './cluster-facts.ts'
import { locationOf, mergeCluster } from './merge-cluster.ts'
import { wantEgress } from './want-egress.ts'

/** The Kubernetes version that an empty one means here. */
const DEFAULT_VERSION = '1.33'

/**
 * The body of a cluster that is being created: what was sent with the service's defaults, `Creating` everywhere, no
 * identityProfile and no effective addresses yet (recordings 3 and 4).
 */
export function newCluster(world: World, request: ArmRequest, body: JsonObject): JsonObject {
  const { subscription, resourceGroup, names } = request.path
  const name = names[0] ?? ''
  const id = `/subscriptions/${subscription}/resourcegroups/${resourceGroup}/providers/Microsoft.ContainerService/managedClusters/${name}`
  const location = locationOf(body)
  const bare: JsonObject = {
    id,
    location,
    name,
    type: 'Microsoft.ContainerService/ManagedClusters',
    properties: serviceProperties({ id, name, location, resourceGroup: resourceGroup ?? '' }, body),
    identity: { type: 'SystemAssigned', principalId: world.nextGuid(), tenantId: world.nextGuid() },
    sku: { name: 'Base', tier: 'Free' },
  }
  const merged = mergeCluster(bare, withMembers(body, { kubernetesVersion: undefined }))
  const change = wantEgress(bare, merged, request.apiVersion)
  const profile = networkProfileOf(merged)
  const outboundType = isManagedNat(change.to) ? 'managedNATGateway' : change.to
  const networkProfile = orderedNetworkProfile(
    withMembers(profile, {
      outboundType,
      loadBalancerProfile: change.loadBalancerProfile ?? { backendPoolType: 'nodeIPConfiguration' },
      natGatewayProfile: change.natGatewayProfile,
    }),
  )
  return { ...merged, properties: { ...objectAt(merged, 'properties'), networkProfile } }
}

function serviceProperties(
  place: { id: string; name: string; location: string; resourceGroup: string },
  body: JsonObject,
): JsonObject {
  const prefix = textAt(body, 'properties', 'dnsPrefix') ?? place.name
  const host = `${prefix}-${digitsOf(place.id)}`
  const version = textAt(body, 'properties', 'kubernetesVersion') || DEFAULT_VERSION
  return {
    provisioningState: 'Creating',
    powerState: { code: 'Running' },
    kubernetesVersion: version,
    currentKubernetesVersion: version,
    dnsPrefix: prefix,
    fqdn: `${host}.hcp.${place.location}.azmk8s.io`,
    azurePortalFQDN: `${host}.portal.hcp.${place.location}.azmk8s.io`,
    agentPoolProfiles: objectsAt(body, 'properties', 'agentPoolProfiles').map((pool) =>
      newPool(pool, version),
    ),
    nodeResourceGroup: `MC_${place.resourceGroup}_${place.name}_${place.location}`,
    supportPlan: 'KubernetesOfficial',
    networkProfile: {
      networkPlugin: textAt(body, 'properties', 'networkProfile', 'networkPlugin') ?? 'kubenet',
      loadBalancerSku: textAt(body, 'properties', 'networkProfile', 'loadBalancerSku') ?? 'standard',
      outboundType: 'loadBalancer',
      ipFamilies: ['IPv4'],
    },
    maxAgentPools: 100,
    disableLocalAccounts: false,
    securityProfile: {},
    storageProfile: {
      diskCSIDriver: { enabled: true, version: 'v1' },
      fileCSIDriver: { enabled: true },
      snapshotController: { enabled: true },
    },
    oidcIssuerProfile: { enabled: false },
    workloadAutoScalerProfile: {},
  }
}

function newPool(pool: JsonObject, version: string): JsonObject {
  return {
    ...pool,
    provisioningState: 'Creating',
    powerState: { code: 'Running' },
    orchestratorVersion: version,
    currentOrchestratorVersion: version,
  }
}
