import {
  COSTS,
  type EndpointList,
  type EndpointTopic,
  GPU_DRIVERS,
  http,
  https,
  IMAGE_STORAGE,
  KEY_VAULT_USERS,
  LINUX_UPDATES,
  LOGS,
  METRICS,
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
  reason:
    'The older tunnel between nodes and control plane; a cluster with the konnectivity agent does without.',
  when: 'public API server',
}

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
    ...https(['mcr.microsoft.com'], SYSTEM_IMAGES),
    ...https(['*.data.mcr.microsoft.com', 'mcr-0001.mcr-msedge.net'], IMAGE_STORAGE),
    ...https(['management.azure.com'], RESOURCE_MANAGER),
    ...https(['login.microsoftonline.com'], SIGN_IN),
    ...https(['packages.microsoft.com'], NODE_PACKAGES),
    ...https(['acs-mirror.azureedge.net'], {
      reason: 'Binaries such as the network plug-ins, from the mirror that is being replaced.',
      when: 'always',
    }),
    ...https(['packages.aks.azure.com'], {
      reason: 'Binaries such as the network plug-ins; takes the place of the older mirror.',
      when: 'always',
    }),
    network('AzureCloud.<region>', 'UDP', 1194, TUNNEL),
    network('AzureCloud.<region>', 'TCP', 9000, TUNNEL),
    network('ntp.ubuntu.com', 'UDP', 123, {
      reason: 'Time of Linux nodes whose image is older than March 2021.',
      when: 'Linux pools',
    }),
    ...http(['security.ubuntu.com', 'azure.archive.ubuntu.com', 'changelogs.ubuntu.com'], LINUX_UPDATES),
    ...https(['snapshot.ubuntu.com'], LINUX_UPDATES),
    ...https(['nvidia.github.io', 'us.download.nvidia.com', 'download.docker.com'], GPU_DRIVERS),
    ...https(['onegetcdn.azureedge.net', 'go.microsoft.com'], WINDOWS_BINARIES),
    ...http(['*.mp.microsoft.com', 'www.msftconnecttest.com', 'ctldl.windowsupdate.com'], WINDOWS_BINARIES),
    ...https(['login.microsoftonline.com'], WORKLOAD_TOKENS),
    ...https(['*.ods.opinsights.azure.com', '*.oms.opinsights.azure.com'], SECURITY_EVENTS),
    ...https(['*.cloud.defender.microsoft.com'], SECURITY_EVENTS),
    ...https(['*.vault.azure.net'], {
      reason:
        'Secrets and certificates out of Key Vault; the page names vault.azure.net, below which each vault is a name.',
      when: KEY_VAULT_USERS,
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
      LOGS,
    ),
    ...https(
      [
        '*.monitoring.azure.com',
        'global.handler.control.monitor.azure.com',
        '<region>.handler.control.monitor.azure.com',
        '*.ingest.monitor.azure.com',
        '*.metrics.ingest.monitor.azure.com',
      ],
      METRICS,
    ),
    ...https(['data.policy.core.windows.net', 'store.policy.core.windows.net'], POLICIES),
    ...https(['dc.services.visualstudio.com'], {
      reason: 'Telemetry of the add-on.',
      when: 'Azure Policy',
      need: 'recommended',
    }),
    ...https(['management.azure.com', 'login.microsoftonline.com'], COSTS),
  ],
}
