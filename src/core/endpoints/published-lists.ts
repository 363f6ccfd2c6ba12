import type { Cloud } from '../../contract/routing.ts'
import {
  type EndpointRow,
  type EndpointTopic,
  http,
  https,
  KEY_VAULT_USERS,
  network,
} from './endpoint-list.ts'

/*
 * The tables of outbound-rules-control-egress, whose date is in core/references/pages.ts. The page has one table for
 * updates, GPU pools and Windows pools in all clouds, and a table for each cloud with the other endpoints.
 */

const SYSTEM_IMAGES: EndpointTopic = { reason: 'Registry for system images.', when: 'always' }
const IMAGE_STORAGE: EndpointTopic = { reason: 'Storage of the registry for system images.', when: 'always' }
const RESOURCE_MANAGER: EndpointTopic = {
  reason: 'Calls from Kubernetes to Azure Resource Manager.',
  when: 'always',
}
const SIGN_IN: EndpointTopic = { reason: 'Sign-in to Microsoft Entra ID.', when: 'always' }
const NODE_PACKAGES: EndpointTopic = { reason: 'Packages for the node image.', when: 'always' }
const NODE_BINARIES: EndpointTopic = { reason: 'Binaries such as network plug-ins.', when: 'always' }
const OLD_MIRROR: EndpointTopic = {
  reason: 'Binaries such as network plug-ins, from the older mirror, which is being replaced.',
  when: 'always',
}
const NEW_MIRROR: EndpointTopic = {
  reason: 'Binaries such as network plug-ins, from the mirror that replaces the older mirror.',
  when: 'always',
}
const API_SERVER: EndpointTopic = {
  reason:
    'Connection from nodes to the API server. The firewall must not change the ALPN extension of this TLS connection.',
  when: 'public API server',
}
const WORKLOAD_TOKENS: EndpointTopic = { reason: 'Tokens for workloads.', when: 'workload identity' }
const SECURITY_EVENTS: EndpointTopic = { reason: 'Upload of security events.', when: 'Microsoft Defender' }
const KEY_VAULTS: EndpointTopic = {
  reason: 'Secrets and certificates from Key Vault. Each vault is a subdomain.',
  when: KEY_VAULT_USERS,
}
const METRICS: EndpointTopic = {
  reason: 'Ingestion of metrics.',
  when: 'managed Prometheus',
  serviceTag: 'AzureMonitor',
}
const LOGS: EndpointTopic = {
  reason: 'Ingestion of log data.',
  when: 'container monitoring',
  serviceTag: 'AzureMonitor',
}
const POLICIES: EndpointTopic = {
  reason: 'Download of policies and upload of compliance results.',
  when: 'Azure Policy',
}
const COSTS: EndpointTopic = { reason: 'Reading of cost data.', when: 'cost analysis' }
const EXTENSIONS: EndpointTopic = {
  reason: 'Configuration and status of cluster extensions.',
  when: 'cluster extensions',
}
const MARKETPLACE: EndpointTopic = {
  reason: 'Images, metrics and billing of extensions from Azure Marketplace.',
  when: 'marketplace extensions',
}

const TUNNEL: EndpointTopic = {
  reason: 'Tunnel between nodes and control plane.',
  when: 'public API server',
}
/** Only the table of the public cloud states which clusters do not need the tunnel. */
const OLD_TUNNEL: EndpointTopic = {
  reason:
    'Older tunnel between nodes and control plane. Clusters with the konnectivity agent do not need this endpoint.',
  when: 'public API server',
  need: 'conditional',
}
const CONTROL_PLANE = 'AzureCloud.<region>'

function tunnel(topic: EndpointTopic): EndpointRow[] {
  return [network(CONTROL_PLANE, 'UDP', 1194, topic), network(CONTROL_PLANE, 'TCP', 9000, topic)]
}

const LINUX_UPDATES: EndpointTopic = {
  reason: 'Updates of Ubuntu nodes between node images.',
  when: 'Ubuntu pools',
  need: 'recommended',
}
const GPU_DRIVERS: EndpointTopic = { reason: 'Drivers for GPU nodes.', when: 'GPU pools' }
const WINDOWS_BINARIES: EndpointTopic = { reason: 'Binaries for Windows nodes.', when: 'Windows pools' }

/** The endpoints that nodes in every cloud need. Other Linux distributions do not use the hosts of Ubuntu (inferred). */
const EVERY_CLOUD: EndpointRow[] = [
  ...https(['mcr.microsoft.com'], SYSTEM_IMAGES),
  ...https(['*.data.mcr.microsoft.com'], IMAGE_STORAGE),
  ...https(['packages.microsoft.com'], NODE_PACKAGES),
  network(CONTROL_PLANE, 'TCP', 443, {
    reason:
      'Connection to the IP address of the API server from pods that call it, such as ingress controllers. Pods with the annotation `kubernetes.azure.com/set-kube-service-host-fqdn` connect to the host name of the API server instead.',
    when: 'pods that use the API server',
  }),
  network('ntp.ubuntu.com', 'UDP', 123, {
    reason: 'Time synchronization of Ubuntu nodes with an image older than March 2021.',
    when: 'Ubuntu pools',
    need: 'conditional',
  }),
  ...http(['security.ubuntu.com', 'azure.archive.ubuntu.com', 'changelogs.ubuntu.com'], LINUX_UPDATES),
  ...https(['snapshot.ubuntu.com'], LINUX_UPDATES),
  ...https(['nvidia.github.io', 'us.download.nvidia.com', 'download.docker.com'], GPU_DRIVERS),
  ...https(['onegetcdn.azureedge.net', 'go.microsoft.com'], WINDOWS_BINARIES),
  ...http(['*.mp.microsoft.com', 'www.msftconnecttest.com', 'ctldl.windowsupdate.com'], WINDOWS_BINARIES),
]

/** Azure Monitor in a cloud whose names end like this; telemetry of the agent goes to the public cloud everywhere. */
function monitor(domain: string): EndpointRow[] {
  const control = ['global', '<region>'].map((name) => `${name}.handler.control.monitor.${domain}`)
  const ingestion = `*.ingest.monitor.${domain}`
  return [
    ...https([`*.ods.opinsights.${domain}`, `*.oms.opinsights.${domain}`], LOGS),
    ...https(['dc.services.visualstudio.com', '*.in.applicationinsights.azure.com'], LOGS),
    ...https([...control, ingestion], LOGS),
    ...https([...control, ingestion, `*.metrics.ingest.monitor.${domain}`], METRICS),
  ]
}

/** Defender in a cloud whose names end like this; `*.cloud.defender.microsoft.com` is the same in all of them. */
function defender(signIn: string, domain: string): EndpointRow[] {
  const workspaces = [`*.ods.opinsights.${domain}`, `*.oms.opinsights.${domain}`]
  return https([signIn, ...workspaces, '*.cloud.defender.microsoft.com'], SECURITY_EVENTS)
}

const PUBLIC: EndpointRow[] = [
  ...https(['*.hcp.<region>.azmk8s.io'], API_SERVER),
  ...EVERY_CLOUD,
  ...https(['mcr-0001.mcr-msedge.net'], IMAGE_STORAGE),
  ...https(['management.azure.com'], RESOURCE_MANAGER),
  ...https(['login.microsoftonline.com'], SIGN_IN),
  ...https(['acs-mirror.azureedge.net'], OLD_MIRROR),
  ...https(['packages.aks.azure.com'], NEW_MIRROR),
  ...tunnel(OLD_TUNNEL),
  ...https(['login.microsoftonline.com'], WORKLOAD_TOKENS),
  ...defender('login.microsoftonline.com', 'azure.com'),
  ...https(['*.vault.azure.net'], KEY_VAULTS),
  ...monitor('azure.com'),
  ...[LOGS, METRICS].flatMap((topic) => https(['*.monitoring.azure.com'], topic)),
  ...https(['data.policy.core.windows.net', 'store.policy.core.windows.net'], POLICIES),
  ...https(['dc.services.visualstudio.com'], {
    reason: 'Telemetry of the add-on.',
    when: 'Azure Policy',
    need: 'recommended',
  }),
  ...https(['management.azure.com', 'login.microsoftonline.com'], COSTS),
  ...https(['<region>.dp.kubernetesconfiguration.azure.com'], EXTENSIONS),
  ...https(['arcmktplaceprod.azurecr.io'], MARKETPLACE),
  ...https(
    ['centralindia', 'japaneast', 'westus2', 'westeurope', 'eastus'].map(
      (region) => `arcmktplaceprod.${region}.data.azurecr.io`,
    ),
    MARKETPLACE,
  ),
  ...https(
    ['*.ingestion.msftcloudes.com', '*.microsoftmetrics.com', 'marketplaceapi.microsoft.com'],
    MARKETPLACE,
  ),
]

const GOVERNMENT: EndpointRow[] = [
  ...https(['*.hcp.<region>.cx.aks.containerservice.azure.us'], API_SERVER),
  ...EVERY_CLOUD,
  ...https(['management.usgovcloudapi.net'], RESOURCE_MANAGER),
  ...https(['login.microsoftonline.us'], SIGN_IN),
  ...https(['acs-mirror.azureedge.net'], OLD_MIRROR),
  ...https(['packages.aks.azure.com'], NEW_MIRROR),
  ...tunnel(TUNNEL),
  ...https(['login.microsoftonline.us'], WORKLOAD_TOKENS),
  ...defender('login.microsoftonline.us', 'azure.us'),
  ...https(['*.vault.usgovcloudapi.net'], KEY_VAULTS),
  ...monitor('azure.us'),
  ...https(['data.policy.azure.us', 'store.policy.azure.us'], POLICIES),
  ...https(['management.usgovcloudapi.net', 'login.microsoftonline.us'], COSTS),
  ...https(['<region>.dp.kubernetesconfiguration.azure.us'], EXTENSIONS),
]

/** For this cloud, the page lists no name for Key Vault or extensions, and Defender was retired on 2026-08-18. */
const CHINA: EndpointRow[] = [
  ...https(
    ['*.hcp.<region>.cx.prod.service.azk8s.cn', '*.tun.<region>.cx.prod.service.azk8s.cn'],
    API_SERVER,
  ),
  ...EVERY_CLOUD,
  ...https(['mcr.azure.cn', '*.data.mcr.azure.cn'], SYSTEM_IMAGES),
  ...https(['management.chinacloudapi.cn'], RESOURCE_MANAGER),
  ...https(['login.chinacloudapi.cn'], SIGN_IN),
  ...https(['*.azk8s.cn'], NODE_BINARIES),
  ...tunnel(TUNNEL),
  network(CONTROL_PLANE, 'TCP', 22, TUNNEL),
  ...https(['login.chinacloudapi.cn'], WORKLOAD_TOKENS),
  ...monitor('azure.cn'),
  ...https(['data.policy.azure.cn', 'store.policy.azure.cn'], POLICIES),
  ...https(['management.chinacloudapi.cn', 'login.microsoftonline.cn'], COSTS),
]

/** The list of each cloud. */
export const PUBLISHED_LISTS: Record<Cloud, readonly EndpointRow[]> = {
  public: PUBLIC,
  usGovernment: GOVERNMENT,
  china: CHINA,
}
