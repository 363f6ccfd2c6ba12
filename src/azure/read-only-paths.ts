/**
 * What ARM shows in a managed cluster's body and does not take back, as paths where `*` is any key or
 * any item of a list; letter case does not count. Sources: the `readonly` markers of
 * @azure/arm-containerservice 25.5.0, and what the Azure CLI leaves out of its PUTs in the recordings
 * (cli-rules 4; so the pools' `nodeImageVersion`, which newer models no longer mark).
 */
export const READ_ONLY_PATHS: readonly string[] = [
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
]
