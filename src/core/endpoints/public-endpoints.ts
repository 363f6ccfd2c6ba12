import { type EndpointList, http, https, network } from './endpoint-list.ts'

const TUNNEL =
  'The older tunnel between nodes and control plane; a cluster with the konnectivity agent does without.'
const LOG_UPLOAD = 'Takes in log data.'
const KEY_VAULT = 'Key Vault secrets provider, Istio with its own authority, or application routing'

/** Azure's public cloud (outbound-rules-control-egress). */
export const PUBLIC_ENDPOINTS: EndpointList = {
  cloud: 'public',
  asOf: '2026-06-18',
  source: 'outbound-rules-control-egress (OR)',
  rows: [
    ...https(['*.hcp.<region>.azmk8s.io'], {
      reason: 'Nodes reach the API server by it; its ALPN must be left as it is.',
      when: 'public API server',
    }),
    ...https(['mcr.microsoft.com'], { reason: 'Registry of the system images.', when: 'always' }),
    ...https(['*.data.mcr.microsoft.com', 'mcr-0001.mcr-msedge.net'], {
      reason: 'Storage behind the registry of the system images.',
      when: 'always',
    }),
    ...https(['management.azure.com'], { reason: 'Kubernetes acts on Azure through it.', when: 'always' }),
    ...https(['login.microsoftonline.com'], { reason: 'Sign-in to Microsoft Entra ID.', when: 'always' }),
    ...https(['packages.microsoft.com'], { reason: 'Packages of the node image.', when: 'always' }),
    ...https(['acs-mirror.azureedge.net'], {
      reason: 'Binaries such as the network plug-ins, from the mirror that is being replaced.',
      when: 'always',
    }),
    ...https(['packages.aks.azure.com'], {
      reason: 'Binaries such as the network plug-ins; takes the place of the older mirror.',
      when: 'always',
    }),
    network('AzureCloud.<region>', 'UDP', 1194, { reason: TUNNEL, when: 'public API server' }),
    network('AzureCloud.<region>', 'TCP', 9000, { reason: TUNNEL, when: 'public API server' }),
    network('ntp.ubuntu.com', 'UDP', 123, {
      reason: 'Time of Linux nodes whose image is older than March 2021.',
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
      reason: 'Drivers of GPU nodes.',
      when: 'GPU pools',
    }),
    ...https(['onegetcdn.azureedge.net', 'go.microsoft.com'], {
      reason: 'Binaries of Windows nodes.',
      when: 'Windows pools',
    }),
    ...http(['*.mp.microsoft.com', 'www.msftconnecttest.com', 'ctldl.windowsupdate.com'], {
      reason: 'Binaries of Windows nodes.',
      when: 'Windows pools',
    }),
    ...https(['login.microsoftonline.com'], { reason: 'Tokens of workloads.', when: 'workload identity' }),
    ...https(['*.ods.opinsights.azure.com', '*.oms.opinsights.azure.com'], {
      reason: 'Security events go up by it.',
      when: 'Microsoft Defender',
    }),
    ...https(['*.cloud.defender.microsoft.com'], {
      reason: 'Security events go up by it.',
      when: 'Microsoft Defender',
    }),
    ...https(['*.vault.azure.net'], {
      reason:
        'Secrets and certificates out of Key Vault; the page names vault.azure.net, below which each vault is a name.',
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
      { reason: 'Takes in metrics.', when: 'managed Prometheus', serviceTag: 'AzureMonitor' },
    ),
    ...https(['data.policy.core.windows.net', 'store.policy.core.windows.net'], {
      reason: 'Policies come from it, and compliance is told to it.',
      when: 'Azure Policy',
    }),
    ...https(['dc.services.visualstudio.com'], {
      reason: 'Telemetry of the add-on.',
      when: 'Azure Policy',
      need: 'recommended',
    }),
    ...https(['management.azure.com', 'login.microsoftonline.com'], {
      reason: 'Costs are read through it.',
      when: 'cost analysis',
    }),
  ],
}
