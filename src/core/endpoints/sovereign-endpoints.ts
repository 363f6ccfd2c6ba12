import { type EndpointList, http, https, network } from './endpoint-list.ts'

const TUNNEL = 'Tunnel between nodes and control plane.'

/**
 * Azure operated by 21Vianet (OR, its own tables). The table that could be read is older than the public cloud's;
 * `mcr.azure.cn` is of 2026-06-18. It lists no name for Key Vault.
 */
export const CHINA_ENDPOINTS: EndpointList = {
  cloud: 'china',
  asOf: '2023-06-13',
  source: 'outbound-rules-control-egress (OR), Azure operated by 21Vianet',
  rows: [
    ...https(['*.hcp.<region>.cx.prod.service.azk8s.cn', '*.tun.<region>.cx.prod.service.azk8s.cn'], {
      reason: 'Connection from nodes to the API server.',
      when: 'public API server',
    }),
    ...https(['mcr.microsoft.com', 'mcr.azure.cn'], {
      reason: 'Registry for system images.',
      when: 'always',
    }),
    ...https(['*.data.mcr.microsoft.com'], {
      reason: 'Storage of the registry for system images.',
      when: 'always',
    }),
    ...https(['management.chinacloudapi.cn'], {
      reason: 'Calls from Kubernetes to Azure Resource Manager.',
      when: 'always',
    }),
    ...https(['login.chinacloudapi.cn'], { reason: 'Sign-in to Microsoft Entra ID.', when: 'always' }),
    ...https(['packages.microsoft.com'], { reason: 'Packages for the node image.', when: 'always' }),
    ...https(['*.azk8s.cn'], { reason: 'Binaries such as network plug-ins.', when: 'always' }),
    network('AzureCloud.<region>', 'UDP', 1194, {
      reason: TUNNEL,
      when: 'public API server',
      need: 'required',
    }),
    network('AzureCloud.<region>', 'TCP', 9000, {
      reason: TUNNEL,
      when: 'public API server',
      need: 'required',
    }),
    network('AzureCloud.<region>', 'TCP', 22, {
      reason: TUNNEL,
      when: 'public API server',
      need: 'required',
    }),
    network('ntp.ubuntu.com', 'UDP', 123, {
      reason: 'Time synchronization of Linux nodes.',
      when: 'Linux pools',
    }),
    ...http(['security.ubuntu.com', 'azure.archive.ubuntu.com', 'changelogs.ubuntu.com'], {
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
    ...https(['login.microsoftonline.cn'], { reason: 'Tokens for workloads.', when: 'workload identity' }),
    ...https(['login.microsoftonline.cn', '*.ods.opinsights.azure.cn', '*.oms.opinsights.azure.cn'], {
      reason: 'Upload of security events.',
      when: 'Microsoft Defender',
    }),
    ...https(
      [
        'dc.services.visualstudio.cn',
        '*.ods.opinsights.azure.cn',
        '*.oms.opinsights.azure.cn',
        'global.handler.control.monitor.azure.cn',
        '<region>.handler.control.monitor.azure.cn',
      ],
      { reason: 'Ingestion of log data.', when: 'container monitoring', serviceTag: 'AzureMonitor' },
    ),
    ...https(['global.handler.control.monitor.azure.cn', '<region>.handler.control.monitor.azure.cn'], {
      reason: 'Ingestion of metrics.',
      when: 'managed Prometheus',
      serviceTag: 'AzureMonitor',
    }),
    ...https(['data.policy.azure.cn', 'store.policy.azure.cn'], {
      reason: 'Download of policies and upload of compliance results.',
      when: 'Azure Policy',
    }),
    ...https(['management.chinacloudapi.cn', 'login.microsoftonline.cn'], {
      reason: 'Reading of cost data.',
      when: 'cost analysis',
    }),
  ],
}

const KEY_VAULT = 'Key Vault secrets provider, Istio with a plug-in CA, or application routing'

/**
 * Azure Government (OR, its own tables). The table that could be read is older than the public cloud's; it names no
 * successor of the mirror for binaries, which Azure/AKS issue 4792 announces for all clouds.
 */
export const GOVERNMENT_ENDPOINTS: EndpointList = {
  cloud: 'usGovernment',
  asOf: '2023-06-13',
  source: 'outbound-rules-control-egress (OR), Azure US Government; Azure/AKS issue 4792',
  rows: [
    ...https(['*.hcp.<region>.cx.aks.containerservice.azure.us'], {
      reason: 'Connection from nodes to the API server.',
      when: 'public API server',
    }),
    ...https(['mcr.microsoft.com'], { reason: 'Registry for system images.', when: 'always' }),
    ...https(['*.data.mcr.microsoft.com'], {
      reason: 'Storage of the registry for system images.',
      when: 'always',
    }),
    ...https(['management.usgovcloudapi.net'], {
      reason: 'Calls from Kubernetes to Azure Resource Manager.',
      when: 'always',
    }),
    ...https(['login.microsoftonline.us'], { reason: 'Sign-in to Microsoft Entra ID.', when: 'always' }),
    ...https(['packages.microsoft.com'], { reason: 'Packages for the node image.', when: 'always' }),
    ...https(['acs-mirror.azureedge.net'], {
      reason: 'Binaries such as network plug-ins.',
      when: 'always',
    }),
    ...https(['packages.aks.azure.com'], {
      reason: 'Binaries such as network plug-ins. Replaces the older mirror.',
      when: 'always',
      need: 'conditional',
    }),
    network('AzureCloud.<region>', 'UDP', 1194, {
      reason: TUNNEL,
      when: 'public API server',
      need: 'required',
    }),
    network('AzureCloud.<region>', 'TCP', 9000, {
      reason: TUNNEL,
      when: 'public API server',
      need: 'required',
    }),
    network('ntp.ubuntu.com', 'UDP', 123, {
      reason: 'Time synchronization of Linux nodes.',
      when: 'Linux pools',
    }),
    ...http(['security.ubuntu.com', 'azure.archive.ubuntu.com', 'changelogs.ubuntu.com'], {
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
    ...https(['login.microsoftonline.us'], { reason: 'Tokens for workloads.', when: 'workload identity' }),
    ...https(['*.ods.opinsights.azure.us', '*.oms.opinsights.azure.us'], {
      reason: 'Upload of security events.',
      when: 'Microsoft Defender',
    }),
    ...https(['*.vault.usgovcloudapi.net'], {
      reason: 'Secrets and certificates from Key Vault.',
      when: KEY_VAULT,
    }),
    ...https(
      [
        'dc.services.visualstudio.us',
        '*.ods.opinsights.azure.us',
        '*.oms.opinsights.azure.us',
        'global.handler.control.monitor.azure.us',
        '<region>.handler.control.monitor.azure.us',
      ],
      { reason: 'Ingestion of log data.', when: 'container monitoring', serviceTag: 'AzureMonitor' },
    ),
    ...https(['global.handler.control.monitor.azure.us', '<region>.handler.control.monitor.azure.us'], {
      reason: 'Ingestion of metrics.',
      when: 'managed Prometheus',
      serviceTag: 'AzureMonitor',
    }),
    ...https(['data.policy.azure.us', 'store.policy.azure.us'], {
      reason: 'Download of policies and upload of compliance results.',
      when: 'Azure Policy',
    }),
    ...https(['management.usgovcloudapi.net', 'login.microsoftonline.us'], {
      reason: 'Reading of cost data.',
      when: 'cost analysis',
    }),
  ],
}
