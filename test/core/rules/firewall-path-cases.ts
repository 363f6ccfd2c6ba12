import {
  aByoSnapshot,
  aKubernetesBalancer,
  aVirtualNetwork,
  GROUP,
  keyed,
  NETWORK,
} from '../../support/a-cluster.ts'
import { applicationRules, DOCUMENTED_RULES } from '../../support/a-firewall.ts'
import {
  behindFirewall,
  FIREWALL_IP,
  type RuleCases,
  toAppliance,
  withAppliance,
} from '../../support/rule-cases.ts'

const VNET = `${GROUP}/${NETWORK}/virtualNetworks/vnet`

export const CASES: RuleCases = {
  UDR_FIREWALL_RULES: {
    severity: 'acknowledge',
    snapshot: aByoSnapshot(toAppliance, withAppliance),
    target: 'userDefinedRouting',
    facts: { blocked: [], notProven: [], notChecked: 10 },
    message:
      /this service could not check 10 endpoints, because no Azure Firewall is known at the next hop of the default route/,
  },
  FIREWALL_DNS_PROXY_OFF: {
    severity: 'acknowledge',
    snapshot: {
      ...behindFirewall({ dnsProxy: false }),
      virtualNetworks: keyed([aVirtualNetwork({ id: VNET, dnsServers: ['10.9.0.4'] })]),
    },
    target: 'userDefinedRouting',
    facts: { servers: ['10.9.0.4'], firewalls: ['fw'] },
    message:
      /the virtual network uses the firewall `fw` \(10\.9\.0\.4\) for DNS, but the DNS proxy of this firewall is off/,
  },
  FIREWALL_FQDN_TAG_MISSING: {
    severity: 'warning',
    snapshot: behindFirewall({ collections: [applicationRules([{ fqdns: ['mcr.microsoft.com'] }])] }),
    target: 'userDefinedRouting',
    facts: { firewall: 'fw', sources: ['10.1.0.0/24'] },
  },
  FIREWALL_NETWORK_RULES_MISSING: {
    severity: 'warning',
    snapshot: behindFirewall({ collections: DOCUMENTED_RULES.slice(1) }),
    target: 'userDefinedRouting',
    facts: {
      firewall: 'fw',
      endpoints: ['AzureCloud.eastus:1194 (UDP)', 'AzureCloud.eastus:9000 (TCP)'],
      lacksDnsProxy: false,
    },
    message:
      /^The firewall `fw` may block .*, which commands such as `kubectl logs` need without the konnectivity/,
  },
  UDR_SNAT_FIREWALL_SMALL: {
    severity: 'warning',
    snapshot: behindFirewall({ publicIpIds: [FIREWALL_IP] }),
    target: 'userDefinedRouting',
    facts: { firewall: 'fw', addresses: 1, advised: 20 },
  },
  UDR_AZFW_PRIVATE_RANGES: {
    severity: 'info',
    snapshot: behindFirewall({}),
    target: 'userDefinedRouting',
    facts: { firewall: 'fw' },
  },
  UDR_FW_ROUTE_SELF: {
    severity: 'info',
    snapshot: {
      ...behindFirewall({ publicIpIds: [FIREWALL_IP] }),
      loadBalancers: keyed([aKubernetesBalancer(['web'])]),
    },
    target: 'userDefinedRouting',
    facts: { routeTables: ['table'], services: ['web'] },
    // Without a public Service, the route would only break pods that resolve names to the firewall.
    absent: { snapshot: behindFirewall({ publicIpIds: [FIREWALL_IP] }) },
  },
  REIMAGE_NEEDS_EGRESS: {
    severity: 'blocker',
    snapshot: behindFirewall({
      collections: [applicationRules([{ fqdns: ['*.microsoft.com', '*.azure.com'] }])],
    }),
    target: 'userDefinedRouting',
    given: { upgradeNodeImages: true },
    facts: {
      blocked: [
        '*.hcp.eastus.azmk8s.io',
        'mcr-0001.mcr-msedge.net',
        'login.microsoftonline.com',
        'acs-mirror.azureedge.net',
      ],
    },
  },
  REIMAGE_EGRESS_UNPROVEN: {
    severity: 'acknowledge',
    snapshot: aByoSnapshot(
      { ...toAppliance, natGatewayId: `${GROUP}/${NETWORK}/natGateways/gateway` },
      withAppliance,
    ),
    target: 'userAssignedNATGateway',
    given: { upgradeNodeImages: true },
  },
}
