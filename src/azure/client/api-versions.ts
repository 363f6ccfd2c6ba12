import { LATEST_API_VERSION } from '../../core/arm/outbound-type.ts'

/** Clusters are read on the newest stable version: older versions hide `natGatewayProfile.sku`. */
export const READ_API_VERSION = LATEST_API_VERSION

/** The version of each read: the newest stable one. Policy exemptions have had previews only. */
export const API_VERSIONS = {
  network: '2026-01-01',
  compute: '2024-07-01',
  metrics: '2023-10-01',
  privateDns: '2024-06-01',
  resourceGraph: '2024-04-01',
  subscriptions: '2022-12-01',
  resourceGroups: '2022-09-01',
  locks: '2020-05-01',
  permissions: '2022-04-01',
  roleAssignments: '2022-04-01',
  roleDefinitions: '2022-04-01',
  policyAssignments: '2023-04-01',
  policyDefinitions: '2023-04-01',
  policySetDefinitions: '2023-04-01',
  policyExemptions: '2022-07-01-preview',
  firewallPolicyRules: '2024-05-01',
  sqlFirewallRules: '2021-11-01',
  postgreSqlFirewallRules: '2022-12-01',
  mySqlFirewallRules: '2023-12-30',
  eventHubRuleSets: '2024-01-01',
  serviceBusRuleSets: '2021-11-01',
  webAppConfig: '2024-04-01',
  apiManagementPolicy: '2022-08-01',
} as const
