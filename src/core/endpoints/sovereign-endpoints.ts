import {
  API_SERVER,
  COSTS,
  type EndpointList,
  type EndpointTopic,
  GPU_DRIVERS,
  http,
  https,
  IMAGE_STORAGE,
  KEY_VAULT_USERS,
  LINUX_TIME,
  LINUX_UPDATES,
  LOGS,
  METRICS,
  NODE_BINARIES,
  NODE_PACKAGES,
  network,
  POLICIES,
  RESOURCE_MANAGER,
  SECURITY_EVENTS,
  SIGN_IN,
  SYSTEM_IMAGES,
  WINDOWS_BINARIES,
  WORKLOAD_TOKENS,
} from './endpoint-list.ts'

const TUNNEL: EndpointTopic = {
  reason: 'The tunnel between nodes and control plane.',
  when: 'public API server',
  need: 'required',
}

/**
 * Azure operated by 21Vianet (outbound-rules-control-egress, its own tables). The table that could be read is older
 * than the public cloud's; `mcr.azure.cn` is of 2026-06-18. It lists no name for Key Vault.
 */
export const CHINA_ENDPOINTS: EndpointList = {
  cloud: 'china',
  asOf: '2023-06-13',
  source: 'outbound-rules-control-egress (OR), Azure operated by 21Vianet',
  rows: [
    ...https(
      ['*.hcp.<region>.cx.prod.service.azk8s.cn', '*.tun.<region>.cx.prod.service.azk8s.cn'],
      API_SERVER,
    ),
    ...https(['mcr.microsoft.com', 'mcr.azure.cn'], SYSTEM_IMAGES),
    ...https(['*.data.mcr.microsoft.com'], IMAGE_STORAGE),
    ...https(['management.chinacloudapi.cn'], RESOURCE_MANAGER),
    ...https(['login.chinacloudapi.cn'], SIGN_IN),
    ...https(['packages.microsoft.com'], NODE_PACKAGES),
    ...https(['*.azk8s.cn'], NODE_BINARIES),
    network('AzureCloud.<region>', 'UDP', 1194, TUNNEL),
    network('AzureCloud.<region>', 'TCP', 9000, TUNNEL),
    network('AzureCloud.<region>', 'TCP', 22, TUNNEL),
    network('ntp.ubuntu.com', 'UDP', 123, LINUX_TIME),
    ...http(['security.ubuntu.com', 'azure.archive.ubuntu.com', 'changelogs.ubuntu.com'], LINUX_UPDATES),
    ...https(['nvidia.github.io', 'us.download.nvidia.com', 'download.docker.com'], GPU_DRIVERS),
    ...https(['onegetcdn.azureedge.net', 'go.microsoft.com'], WINDOWS_BINARIES),
    ...http(['*.mp.microsoft.com', 'www.msftconnecttest.com', 'ctldl.windowsupdate.com'], WINDOWS_BINARIES),
    ...https(['login.microsoftonline.cn'], WORKLOAD_TOKENS),
    ...https(
      ['login.microsoftonline.cn', '*.ods.opinsights.azure.cn', '*.oms.opinsights.azure.cn'],
      SECURITY_EVENTS,
    ),
    ...https(
      [
        'dc.services.visualstudio.cn',
        '*.ods.opinsights.azure.cn',
        '*.oms.opinsights.azure.cn',
        'global.handler.control.monitor.azure.cn',
        '<region>.handler.control.monitor.azure.cn',
      ],
      LOGS,
    ),
    ...https(
      ['global.handler.control.monitor.azure.cn', '<region>.handler.control.monitor.azure.cn'],
      METRICS,
    ),
    ...https(['data.policy.azure.cn', 'store.policy.azure.cn'], POLICIES),
    ...https(['management.chinacloudapi.cn', 'login.microsoftonline.cn'], COSTS),
  ],
}

/**
 * Azure Government (outbound-rules-control-egress, its own tables). The table that could be read is older than the
 * public cloud's; it names no successor of the mirror for binaries, which Azure/AKS issue 4792 announces for all
 * clouds.
 */
export const GOVERNMENT_ENDPOINTS: EndpointList = {
  cloud: 'usGovernment',
  asOf: '2023-06-13',
  source: 'outbound-rules-control-egress (OR), Azure US Government; Azure/AKS issue 4792',
  rows: [
    ...https(['*.hcp.<region>.cx.aks.containerservice.azure.us'], API_SERVER),
    ...https(['mcr.microsoft.com'], SYSTEM_IMAGES),
    ...https(['*.data.mcr.microsoft.com'], IMAGE_STORAGE),
    ...https(['management.usgovcloudapi.net'], RESOURCE_MANAGER),
    ...https(['login.microsoftonline.us'], SIGN_IN),
    ...https(['packages.microsoft.com'], NODE_PACKAGES),
    ...https(['acs-mirror.azureedge.net'], NODE_BINARIES),
    ...https(['packages.aks.azure.com'], {
      reason: 'Binaries such as the network plug-ins; takes the place of the older mirror.',
      when: 'always',
      need: 'conditional',
    }),
    network('AzureCloud.<region>', 'UDP', 1194, TUNNEL),
    network('AzureCloud.<region>', 'TCP', 9000, TUNNEL),
    network('ntp.ubuntu.com', 'UDP', 123, LINUX_TIME),
    ...http(['security.ubuntu.com', 'azure.archive.ubuntu.com', 'changelogs.ubuntu.com'], LINUX_UPDATES),
    ...https(['nvidia.github.io', 'us.download.nvidia.com', 'download.docker.com'], GPU_DRIVERS),
    ...https(['onegetcdn.azureedge.net', 'go.microsoft.com'], WINDOWS_BINARIES),
    ...http(['*.mp.microsoft.com', 'www.msftconnecttest.com', 'ctldl.windowsupdate.com'], WINDOWS_BINARIES),
    ...https(['login.microsoftonline.us'], WORKLOAD_TOKENS),
    ...https(['*.ods.opinsights.azure.us', '*.oms.opinsights.azure.us'], SECURITY_EVENTS),
    ...https(['*.vault.usgovcloudapi.net'], {
      reason: 'Secrets and certificates out of Key Vault.',
      when: KEY_VAULT_USERS,
    }),
    ...https(
      [
        'dc.services.visualstudio.us',
        '*.ods.opinsights.azure.us',
        '*.oms.opinsights.azure.us',
        'global.handler.control.monitor.azure.us',
        '<region>.handler.control.monitor.azure.us',
      ],
      LOGS,
    ),
    ...https(
      ['global.handler.control.monitor.azure.us', '<region>.handler.control.monitor.azure.us'],
      METRICS,
    ),
    ...https(['data.policy.azure.us', 'store.policy.azure.us'], POLICIES),
    ...https(['management.usgovcloudapi.net', 'login.microsoftonline.us'], COSTS),
  ],
}
