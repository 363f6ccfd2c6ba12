import type { JsonObject } from '../lib/json.ts'
import { digitsOf, guidOf, TENANT } from '../world/identifiers.ts'
import { clusterId, LOCATION, RESOURCE_GROUP, SUBSCRIPTION } from './customer-network.ts'

/** The differences between demo clusters. */
export interface ClusterSpec {
  name: string
  outboundType: string
  loadBalancerProfile?: JsonObject
  natGatewayProfile?: JsonObject
  /** One subnet per pool; none for a managed VNet. */
  subnetIds?: string[]
  networkPlugin?: 'azure' | 'kubenet'
  isDualStack?: boolean
  isPrivate?: boolean
  isWindows?: boolean
  artifactSource?: 'Direct' | 'Cache'
  provisioningState?: string
  powerState?: string
}

const VERSION = '1.33'
const FULL_VERSION = '1.33.5'

/** A cluster body in the form of 2025 and 2026 (test/data/recordings). Effective addresses and ETags come later. */
export function clusterBody(spec: ClusterSpec): JsonObject {
  const id = clusterId(spec.name)
  return {
    id,
    location: LOCATION,
    name: spec.name,
    type: 'Microsoft.ContainerService/ManagedClusters',
    kind: 'Base',
    tags: { environment: 'demo' },
    properties: clusterProperties(spec, id),
    identity: identity(spec),
    sku: { name: 'Base', tier: 'Standard' },
  }
}

function clusterProperties(spec: ClusterSpec, id: string): JsonObject {
  const host = `${spec.name}-dns-${digitsOf(id)}`
  const privateHost = `${spec.name}-dns-${digitsOf(id)}.${guidOf(1)}.privatelink.${LOCATION}.azmk8s.io`
  const access =
    spec.isPrivate === true
      ? { enablePrivateCluster: true, privateDNSZone: 'system', enablePrivateClusterPublicFQDN: false }
      : undefined
  return {
    provisioningState: spec.provisioningState ?? 'Succeeded',
    powerState: { code: spec.powerState ?? 'Running' },
    kubernetesVersion: VERSION,
    currentKubernetesVersion: FULL_VERSION,
    dnsPrefix: `${spec.name}-dns`,
    ...(spec.isPrivate === true
      ? { privateFQDN: privateHost }
      : { fqdn: `${host}.hcp.${LOCATION}.azmk8s.io` }),
    azurePortalFQDN: `${host}.portal.hcp.${LOCATION}.azmk8s.io`,
    agentPoolProfiles: pools(spec),
    linuxProfile: { adminUsername: 'azureuser', ssh: { publicKeys: [{ keyData: 'ssh-rsa AAAA' }] } },
    ...(spec.isWindows === true
      ? { windowsProfile: { adminUsername: 'azureuser', enableCSIProxy: true } }
      : {}),
    servicePrincipalProfile: { clientId: 'msi' },
    nodeResourceGroup: `MC_${RESOURCE_GROUP}_${spec.name}_${LOCATION}`,
    enableRBAC: true,
    supportPlan: 'KubernetesOfficial',
    networkProfile: networkProfile(spec),
    maxAgentPools: 100,
    ...(access === undefined ? {} : { apiServerAccessProfile: access }),
    identityProfile: {
      kubeletidentity: {
        resourceId: `/subscriptions/${SUBSCRIPTION}/resourcegroups/MC_${RESOURCE_GROUP}_${spec.name}_${LOCATION}/providers/Microsoft.ManagedIdentity/userAssignedIdentities/${spec.name}-agentpool`,
        clientId: guidOf(2),
        objectId: guidOf(3),
      },
    },
    autoUpgradeProfile: { upgradeChannel: 'patch', nodeOSUpgradeChannel: 'NodeImage' },
    disableLocalAccounts: false,
    securityProfile: {},
    storageProfile: {
      diskCSIDriver: { enabled: true },
      fileCSIDriver: { enabled: true },
      snapshotController: { enabled: true },
    },
    oidcIssuerProfile: { enabled: false },
    nodeResourceGroupProfile: { restrictionLevel: 'Unrestricted' },
    workloadAutoScalerProfile: {},
    metricsProfile: { costAnalysis: { enabled: false } },
    resourceUID: digitsOf(id).padStart(24, '6'),
    nodeProvisioningProfile: { mode: 'Manual', defaultNodePools: 'Auto' },
    bootstrapProfile: { artifactSource: spec.artifactSource ?? 'Direct' },
  }
}

function networkProfile(spec: ClusterSpec): JsonObject {
  const isKubenet = spec.networkPlugin === 'kubenet'
  const podCidrs = spec.isDualStack === true ? ['10.244.0.0/16', 'fd12:3456:789a::/64'] : ['10.244.0.0/16']
  const serviceCidrs = spec.isDualStack === true ? ['10.0.0.0/16', 'fd12:3456:789a:1::/108'] : ['10.0.0.0/16']
  return {
    networkPlugin: isKubenet ? 'kubenet' : 'azure',
    ...(isKubenet ? {} : { networkPluginMode: 'overlay' }),
    networkPolicy: 'none',
    ...(isKubenet ? {} : { networkDataplane: 'azure' }),
    loadBalancerSku: 'standard',
    loadBalancerProfile: spec.loadBalancerProfile ?? { backendPoolType: 'nodeIPConfiguration' },
    ...(spec.natGatewayProfile === undefined ? {} : { natGatewayProfile: spec.natGatewayProfile }),
    podCidr: podCidrs[0] ?? '',
    serviceCidr: serviceCidrs[0] ?? '',
    dnsServiceIP: '10.0.0.10',
    outboundType: spec.outboundType,
    podCidrs,
    serviceCidrs,
    ipFamilies: spec.isDualStack === true ? ['IPv4', 'IPv6'] : ['IPv4'],
  }
}

/** A system pool and a user pool, in separate subnets if two subnets are given, and optionally a Windows pool. */
function pools(spec: ClusterSpec): JsonObject[] {
  const subnets = spec.subnetIds ?? []
  const result = [
    pool(spec, 'System', 'system', subnets[0]),
    pool(spec, 'User', 'user', subnets[1] ?? subnets[0]),
  ]
  if (spec.isWindows === true)
    result.push({
      ...pool(spec, 'User', 'win', subnets[0]),
      osType: 'Windows',
      osSKU: 'Windows2022',
      nodeImageVersion: 'AKSWindows-2022-containerd-20348.4294.251016',
      windowsProfile: { disableOutboundNat: true },
    })
  return result
}

function pool(spec: ClusterSpec, mode: string, name: string, subnetId: string | undefined): JsonObject {
  return {
    name,
    count: 2,
    vmSize: 'Standard_D4s_v5',
    osDiskSizeGB: 128,
    osDiskType: 'Managed',
    kubeletDiskType: 'OS',
    workloadRuntime: 'OCIContainer',
    ...(subnetId === undefined ? {} : { vnetSubnetID: subnetId }),
    maxPods: 110,
    type: 'VirtualMachineScaleSets',
    availabilityZones: ['1', '2', '3'],
    enableAutoScaling: false,
    provisioningState: spec.provisioningState ?? 'Succeeded',
    powerState: { code: spec.powerState ?? 'Running' },
    orchestratorVersion: VERSION,
    currentOrchestratorVersion: FULL_VERSION,
    enableNodePublicIP: false,
    mode,
    enableEncryptionAtHost: false,
    enableUltraSSD: false,
    osType: 'Linux',
    osSKU: 'Ubuntu',
    nodeImageVersion: 'AKSUbuntu-2204gen2containerd-202510.19.0',
    upgradeSettings: { maxSurge: '10%', maxUnavailable: '0' },
    enableFIPS: false,
    securityProfile: { enableVTPM: false, enableSecureBoot: false },
  }
}

/**
 * A cluster in a customer-managed network has a user-assigned identity, because it needs permissions there
 * (configure-kubenet).
 */
function identity(spec: ClusterSpec): JsonObject {
  if ((spec.subnetIds ?? []).length === 0)
    return { type: 'SystemAssigned', principalId: principalOf(spec), tenantId: TENANT }
  const id = `/subscriptions/${SUBSCRIPTION}/resourcegroups/${RESOURCE_GROUP}/providers/Microsoft.ManagedIdentity/userAssignedIdentities/id-${spec.name}`
  return {
    type: 'UserAssigned',
    userAssignedIdentities: { [id]: { clientId: guidOf(5), principalId: principalOf(spec) } },
  }
}

/** Every cluster has a separate identity, so that a test can remove the permissions of one cluster. */
function principalOf({ name }: ClusterSpec): string {
  return guidOf(Number(digitsOf(`identity of ${name}`)))
}
