import type { Json, JsonObject } from '../../contract/json.ts'
import { equalsArm } from '../../core/arm/words.ts'
import { pointerKeys } from './apply-field-changes.ts'

/**
 * What ARM returns in a body and does not accept in a PUT, as JSON pointers where `*` is any key or any item of a list;
 * letter case does not count. Sources for clusters: the `readonly` markers of @azure/arm-containerservice 25.5.0, and
 * what the Azure CLI leaves out of its PUTs in the recordings (so the pools' `nodeImageVersion`, which newer models do
 * not mark any more). For Microsoft.Network: the models of @azure/arm-network 39.0.0; ARM would ignore these at best,
 * and `ipConfigurations` of a subnet alone can be megabytes.
 */
const READ_ONLY_FIELDS = {
  managedCluster: [
    '/id',
    '/name',
    '/type',
    '/systemData',
    '/eTag',
    '/identity/principalId',
    '/identity/tenantId',
    '/identity/userAssignedIdentities/*/principalId',
    '/identity/userAssignedIdentities/*/clientId',
    '/properties/provisioningState',
    '/properties/powerState',
    '/properties/maxAgentPools',
    '/properties/controlPlanePluginProfiles',
    '/properties/currentKubernetesVersion',
    '/properties/fqdn',
    '/properties/privateFQDN',
    '/properties/azurePortalFQDN',
    '/properties/resourceUID',
    '/properties/status',
    '/properties/agentPoolProfiles/*/eTag',
    '/properties/agentPoolProfiles/*/provisioningState',
    '/properties/agentPoolProfiles/*/currentOrchestratorVersion',
    '/properties/agentPoolProfiles/*/nodeImageVersion',
    '/properties/agentPoolProfiles/*/status',
    '/properties/agentPoolProfiles/*/localDNSProfile/state',
    '/properties/networkProfile/loadBalancerProfile/effectiveOutboundIPs',
    '/properties/networkProfile/natGatewayProfile/effectiveOutboundIPs',
    '/properties/addonProfiles/*/identity',
    '/properties/ingressProfile/webAppRouting/identity',
    '/properties/oidcIssuerProfile/issuerURL',
    '/properties/podIdentityProfile/userAssignedIdentities/*/provisioningState',
    '/properties/podIdentityProfile/userAssignedIdentities/*/provisioningInfo',
    '/properties/privateLinkResources/*/privateLinkServiceID',
  ],
  network: [
    '/etag',
    '/properties/provisioningState',
    '/properties/resourceGuid',
    '/properties/ipConfigurations',
    '/properties/ipConfigurationProfiles',
    '/properties/privateEndpoints',
    '/properties/resourceNavigationLinks',
    '/properties/serviceAssociationLinks',
    '/properties/purpose',
    '/properties/subnets',
    '/properties/ipAddress',
    '/properties/ipConfiguration',
  ],
} as const

/** The only resource whose `subnets` can be written. */
const VIRTUAL_NETWORK = /\/virtualNetworks$/i

/** A body as it may be PUT: without read-only fields, all else in its order. The given body is left as it is. */
export function toWritableBody(body: JsonObject, provider: keyof typeof READ_ONLY_FIELDS): JsonObject {
  const writable = structuredClone(body)
  const isVirtualNetwork = VIRTUAL_NETWORK.test(String(body.type ?? ''))
  for (const path of READ_ONLY_FIELDS[provider])
    if (path !== '/properties/subnets' || !isVirtualNetwork) deleteAt(writable, pointerKeys(path))
  return writable
}

function deleteAt(value: Json | undefined, keys: string[]): void {
  const [key = '', ...rest] = keys
  if (typeof value !== 'object' || value === null) return
  if (Array.isArray(value)) {
    if (key === '*') for (const item of value) deleteAt(item, rest)
    return
  }
  for (const name of Object.keys(value)) {
    if (key !== '*' && !equalsArm(name, key)) continue
    if (rest.length === 0) delete value[name]
    else deleteAt(value[name], rest)
  }
}
