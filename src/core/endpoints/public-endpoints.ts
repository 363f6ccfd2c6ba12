import { type EndpointList, http, https, network } from './endpoint-list.ts'

const TUNNEL =
  'Older tunnel between nodes and control plane. Clusters with the konnectivity agent do not need it.'
const LOG_UPLOAD = 'Ingestion of log data.'
const KEY_VAULT = 'Key Vault secrets provider, Istio with a plug-in CA, or application routing'

/** Azure's public cloud (OR, rulebook 10). */
export const PUBLIC_ENDPOINTS: EndpointList = {
  cloud: 'public',
  asOf: '2026-06-18',
  source: 'outbound-rules-control-egress (OR)',
  rows: [
    ...https(['*.hcp.<region>.azmk8s.io'], {
      reason: 'Connection from nodes to the API server. Do not change its ALPN extension.',
      when: 'public API server',
    }),
    ...https(['mcr.microsoft.com'], { reason: 'Registry for system images.', when: 'always' }),
    ...https(['*.data.mcr.microsoft.com', 'mcr-0001.mcr-msedge.net'], {
      reason: 'Storage of the registry for system images.',
      when: 'always',
    }),
    ...https(['management.azure.com'], {
      reason: 'Calls from Kubernetes to Azure Resource Manager.',
      when: 'always',
    }),
    ...https(['login.microsoftonline.com'], { reason: 'Sign-in to Microsoft Entra ID.', when: 'always' }),
    ...https(['packages.microsoft.com'], { reason: 'Packages for the node image.', when: 'always' }),
    ...https(['acs-mirror.azureedge.net'], {
      reason: 'Binaries such as network plug-ins, from the mirror that is being replaced.',
      when: 'always',
    }),
    ...https(['packages.aks.azure.com'], {
      reason: 'Binaries such as network plug-ins. Replaces the older mirror.',
      when: 'always',
    }),
    network('AzureCloud.<region>', 'UDP', 1194, { reason: TUNNEL, when: 'public API server' }),
    network('AzureCloud.<region>', 'TCP', 9000, { reason: TUNNEL, when: 'public API server' }),
    network('ntp.ubuntu.com', 'UDP', 123, {
      reason: 'Time synchronization of Linux nodes with an image older than March 2021.',
      when: 'Linux pools',
    }),
    ...http(['security.ubuntu.com', 'azure.archive.ubuntu.com', 'changelogs.ubuntu.com'], {
      reason: 'Updates of Linux nodes between node images.',
      when: 'Linux pools',
      need: 'recommended',
    }),
    ...https(['snapshot.ubuntu.com'], {
      reason: 'Updates of Linux nodes between node images.',
      when: 'Linux pools',
      need: 'recommended',
    }),
    ...https(['nvidia.github.io', 'us.download.nvidia.com', 'download.docker.com'], {
      reason: 'Drivers for GPU nodes.',
      when: 'GPU pools',
    }),
    ...https(['onegetcdn.azureedge.net', 'go.microsoft.com'], {
      reason: 'Binaries for Windows nodes.',
      when: 'Windows pools',
    }),
    ...http(['*.mp.microsoft.com', 'www.msftconnecttest.com', 'ctldl.windowsupdate.com'], {
      reason: 'Binaries for Windows nodes.',
      when: 'Windows pools',
    }),
    ...https(['login.microsoftonline.com'], { reason: 'Tokens for workloads.', when: 'workload identity' }),
    ...https(['*.ods.opinsights.azure.com', '*.oms.opinsights.azure.com'], {
      reason: 'Upload of security events.',
      when: 'Microsoft Defender',
    }),
    ...https(['*.cloud.defender.microsoft.com'], {
      reason: 'Upload of security events.',
      when: 'Microsoft Defender',
    }),
    ...https(['*.vault.azure.net'], {
      reason:
        'Secrets and certificates from Key Vault. The source lists vault.azure.net, and each vault is a subdomain of it.',
      when: KEY_VAULT,
    }),
    ...https(
      [
        '*.ods.opinsights.azure.com',
        '*.oms.opinsights.azure.com',
        'dc.services.visualstudio.com',
        '*.in.applicationinsights.azure.com',
        '*.monitoring.azure.com',
        'global.handler.control.monitor.azure.com',
        '<region>.handler.control.monitor.azure.com',
        '*.ingest.monitor.azure.com',
      ],
      { reason: LOG_UPLOAD, when: 'container monitoring', serviceTag: 'AzureMonitor' },
    ),
    ...https(
      [
        '*.monitoring.azure.com',
        'global.handler.control.monitor.azure.com',
        '<region>.handler.control.monitor.azure.com',
        '*.ingest.monitor.azure.com',
        '*.metrics.ingest.monitor.azure.com',
      ],
      { reason: 'Ingestion of metrics.', when: 'managed Prometheus', serviceTag: 'AzureMonitor' },
    ),
    ...https(['data.policy.core.windows.net', 'store.policy.core.windows.net'], {
      reason: 'Download of policies and upload of compliance results.',
      when: 'Azure Policy',
    }),
    ...https(['dc.services.visualstudio.com'], {
      reason: 'Telemetry of the add-on.',
      when: 'Azure Policy',
      need: 'recommended',
    }),
    ...https(['management.azure.com', 'login.microsoftonline.com'], {
      reason: 'Reading of cost data.',
      when: 'cost analysis',
    }),
  ],
}
