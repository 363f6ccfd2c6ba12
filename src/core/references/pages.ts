const LEARN = 'https://learn.microsoft.com/en-us'
const AKS = `${LEARN}/azure/aks/`
const VNET = `${LEARN}/azure/virtual-network/`
const IP_SERVICES = `${VNET}ip-services/`
const ROUTE_SERVER = `${LEARN}/azure/route-server/`
const NAT = `${LEARN}/azure/nat-gateway/`
const FIREWALL = `${LEARN}/azure/firewall/`
const ERROR_CODES = `${LEARN}/troubleshoot/azure/azure-kubernetes/error-codes/`

/** Describes the members of the managed cluster resource. */
export const AKS_SDK = '@azure/arm-containerservice 25.5.0'

export const STANDARD_V2_BLOG =
  'AKS engineering blog "Announcing StandardV2 NAT Gateway for AKS-managed egress"'

/** Every cited page and package, by key: title, URL (the key completes a final slash), date of the edition read. */
export const PAGES = {
  'egress-outboundtype': [
    'Customize cluster egress with outbound types in Azure Kubernetes Service (AKS)',
    AKS,
    '2026-08-05',
  ],
  'nat-gateway': [
    'Create a managed or user-assigned NAT gateway for your Azure Kubernetes Service (AKS) cluster',
    AKS,
    '2026-07-07',
  ],
  'egress-udr': [
    'Customize cluster egress with a user-defined routing table in Azure Kubernetes Service (AKS)',
    AKS,
    '2023-05-10',
  ],
  'limit-egress-traffic': [
    'Limit network traffic with Azure Firewall in Azure Kubernetes Service (AKS)',
    AKS,
    '2023-12-05',
  ],
  'outbound-rules-control-egress': [
    'Outbound network and FQDN rules for Azure Kubernetes Service (AKS) clusters',
    AKS,
    '2026-06-18',
  ],
  'api-server-authorized-ip-ranges': [
    'API server authorized IP ranges in Azure Kubernetes Service (AKS)',
    AKS,
    '2026-08-03',
  ],
  'api-server-service-tags': [
    'Use service tags for API server authorized IP ranges in Azure Kubernetes Service (AKS) (preview)',
    AKS,
    '2024-05-19',
  ],
  'load-balancer-standard': [
    'Use a public standard load balancer in Azure Kubernetes Service (AKS)',
    AKS,
    '2024-01-23',
  ],
  'configure-load-balancer-standard': [
    'Configure a public standard load balancer in Azure Kubernetes Service (AKS)',
    AKS,
    '2024-01-23',
  ],
  'troubleshoot-source-network-address-translation': [
    'Troubleshoot SNAT port exhaustion for a standard load balancer in Azure Kubernetes Service (AKS)',
    AKS,
    '2024-01-23',
  ],
  'concepts-network-isolated': ['Network isolated AKS clusters', AKS, '2026-06-15'],
  'network-isolated': ['Create a network isolated AKS cluster', AKS, '2025-06-20'],
  'private-clusters': ['Create a private Azure Kubernetes Service (AKS) cluster', AKS, '2026-08-05'],
  'api-server-vnet-integration': [
    'API Server VNet Integration in Azure Kubernetes Service (AKS)',
    AKS,
    '2026-04-15',
  ],
  'configure-static-egress-gateway': [
    'Configure Static Egress Gateway in Azure Kubernetes Service (AKS)',
    AKS,
    '2026-08-06',
  ],
  'use-node-public-ips': [
    'Use instance-level public IPs in Azure Kubernetes Service (AKS)',
    AKS,
    '2026-06-17',
  ],
  'configure-kubenet': ['Configure kubenet networking in Azure Kubernetes Service (AKS)', AKS, '2026-04-16'],
  'upgrade-basic-load-balancer-on-aks': [
    'Upgrade from Basic Load Balancer on Azure Kubernetes Service (AKS)',
    AKS,
    '2025-08-29',
  ],
  'intro-aks-automatic': ['Introduction to Azure Kubernetes Service (AKS) Automatic', AKS, '2026-07-07'],
  'aks-automatic-sku-migration': [
    'Migrate between AKS Automatic and AKS Base Clusters',
    `${AKS}automatic/`,
    '2026-07-24',
  ],
  'node-auto-provisioning': [
    'Overview of node auto-provisioning (NAP) in Azure Kubernetes Service (AKS)',
    AKS,
    '2026-02-15',
  ],
  'use-node-auto-provisioning': [
    'Enable or disable node auto-provisioning (NAP) in Azure Kubernetes Service (AKS)',
    AKS,
    '2025-09-29',
  ],
  'node-disruption-policy': [
    'Node Disruption Policy in Azure Kubernetes Service (AKS) (Preview)',
    AKS,
    '2026-03-11',
  ],
  'use-node-disruption-policy': [
    'Configure Node Disruption Policy in Azure Kubernetes Service (AKS) (Preview)',
    AKS,
    '2026-03-11',
  ],
  'configure-dual-stack': [
    'Configure dual-stack networking in Azure Kubernetes Service (AKS)',
    AKS,
    '2023-12-07',
  ],
  'azure-cni-overlay': [
    'Configure Azure CNI Overlay networking in Azure Kubernetes Service (AKS)',
    AKS,
    '2026-07-31',
  ],
  'virtual-nodes': ['Use virtual nodes', AKS, '2023-11-06'],
  'http-proxy': ['HTTP proxy support in Azure Kubernetes Service (AKS)', AKS, '2026-08-26'],
  'istio-deploy-egress': [
    'Deploy egress gateways for Istio service mesh add-on for Azure Kubernetes Service',
    AKS,
    '2025-04-25',
  ],
  'quotas-skus-regions': [
    'Limits for resources, SKUs, and regions in Azure Kubernetes Service (AKS)',
    AKS,
    '2026-08-03',
  ],
  'upgrade-node-image': ['Upgrade Azure Kubernetes Service (AKS) node images', AKS, null],
  'use-etags': [
    'Enhancing concurrency control with entity tags (eTags) in Azure Kubernetes Service',
    AKS,
    '2024-06-10',
  ],
  'aks-service-permissions': ['AKS service permissions reference', AKS, '2026-04-19'],
  'managed-identity-overview': [
    'Overview of managed identities in Azure Kubernetes Service (AKS)',
    AKS,
    '2026-08-18',
  ],
  'start-stop-cluster': ['Stop and start an Azure Kubernetes Service (AKS) cluster', AKS, '2026-07-21'],
  'node-pool-unique-subnet': [
    'Create node pools with unique subnets in Azure Kubernetes Service (AKS)',
    AKS,
    '2025-09-26',
  ],
  'reliability-zone-resiliency-recommendations': [
    'Zone resiliency recommendations for Azure Kubernetes Service (AKS)',
    AKS,
    '2026-06-05',
  ],
  'use-multiple-standard-load-balancer': [
    'Use multiple public load balancers in Azure Kubernetes Service (preview)',
    AKS,
    '2025-05-13',
  ],
  'best-practices-performance-scale-large': [
    'Performance and scaling best practices for large workloads in Azure Kubernetes Service (AKS)',
    AKS,
    '2026-06-05',
  ],
  'support-policies': ['Support policies for Azure Kubernetes Service (AKS)', AKS, '2026-06-09'],
  'concepts-network-cni-overview': [
    'Concepts - CNI networking in Azure Kubernetes Service (AKS)',
    AKS,
    '2026-07-10',
  ],
  'node-resource-group-lockdown': [
    'Deploy a fully managed resource group with node resource group lockdown in Azure Kubernetes Service (AKS)',
    AKS,
    '2026-06-30',
  ],
  resourcegroup: ['ResourceGroup interface', `${LEARN}/javascript/api/@azure/arm-resources/`, null],
  'concepts-preview-api-life-cycle': ['AKS Preview API life cycle', AKS, '2026-03-31'],
  'nat-sku': ['Azure NAT Gateway SKUs', NAT, '2026-07-27'],
  'nat-overview': ['What is Azure NAT Gateway?', NAT, '2022-12-06'],
  'nat-gateway-design': ['Design virtual networks with Azure NAT Gateway', NAT, '2023-07-11'],
  'nat-gateway-resource': ['Azure NAT Gateway resource', NAT, '2023-07-10'],
  'troubleshoot-nat': ['Troubleshoot Azure NAT Gateway', NAT, '2025-11-04'],
  'nat-gateway-v2-migrate': ['Migrate Azure NAT Gateway from Standard to StandardV2', NAT, '2026-07-27'],
  'configuration-infrastructure': [
    'Azure Application Gateway infrastructure configuration',
    `${LEARN}/azure/application-gateway/`,
    '2021-06-14',
  ],
  'vpn-gateway-about-vpn-gateway-settings': [
    'About VPN Gateway configuration settings',
    `${LEARN}/azure/vpn-gateway/`,
    null,
  ],
  'bastion-faq': ['Azure Bastion FAQ', `${LEARN}/azure/bastion/`, null],
  'forced-tunneling': ['Azure Firewall forced tunneling', FIREWALL, null],
  'nat-availability-zones': ['NAT gateway and availability zones', NAT, null],
  'integrate-with-nat-gateway': ['Scale SNAT ports with Azure NAT Gateway', FIREWALL, '2023-10-25'],
  'load-balancer-outbound-connections': [
    'Source Network Address Translation (SNAT) for outbound connections',
    `${LEARN}/azure/load-balancer/`,
    '2023-03-06',
  ],
  'outbound-rules': ['Outbound rules Azure Load Balancer', `${LEARN}/azure/load-balancer/`, '2024-04-11'],
  'public-ip-address-prefix': ['Public IP address prefix', IP_SERVICES, '2025-01-08'],
  'default-outbound-access': ['Default outbound access in Azure', IP_SERVICES, '2022-03-02'],
  'virtual-network-service-endpoints-overview': [
    'Azure virtual network service endpoints',
    VNET,
    '2019-11-08',
  ],
  'storage-network-security-limitations': [
    'Guidelines and limitations for the Azure Storage firewall',
    `${LEARN}/azure/storage/common/`,
    '2025-06-18',
  ],
  'azure-virtual-network-limits': [
    'Azure subscription limits and quotas',
    `${LEARN}/azure/azure-resource-manager/management/azure-subscription-service-limits`,
    '2022-12-05',
  ],
  'request-limits-and-throttling': [
    'Request limits and throttling',
    `${LEARN}/azure/azure-resource-manager/management/`,
    null,
  ],
  'guidance-for-throttled-requests': [
    'Guidance for throttled requests',
    `${LEARN}/azure/governance/resource-graph/concepts/`,
    null,
  ],
  'virtual-networks-udr-overview': ['Azure virtual network traffic routing', VNET, null],
  'route-injection-in-spokes': ['Default route injection in spoke virtual networks', ROUTE_SERVER, null],
  'async-operations': [
    'Track asynchronous Azure operations',
    `${LEARN}/azure/azure-resource-manager/management/`,
    null,
  ],
  'lock-resources': [
    'Protect your Azure resources with a lock',
    `${LEARN}/azure/azure-resource-manager/management/`,
    null,
  ],
  'kubernetes-service-principal': ['Use a service principal with Azure Kubernetes Service (AKS)', AKS, null],
  [AKS_SDK]: [AKS_SDK, 'https://www.npmjs.com/package/@azure/arm-containerservice', null],
  '@azure/arm-network 36.0.0': [
    '@azure/arm-network 36.0.0',
    'https://www.npmjs.com/package/@azure/arm-network',
    null,
  ],
  [STANDARD_V2_BLOG]: [STANDARD_V2_BLOG, null, '2026-09-29'],
  'error codes of the AKS resource provider': ['error codes of the AKS resource provider', null, null],
  'Karpenter Azure provider, node public IPs': ['Karpenter Azure provider, node public IPs', null, null],
  'third-party Terraform module notes': ['third-party Terraform module notes', null, null],
  'AKS troubleshooting': [
    'AKS troubleshooting',
    `${LEARN}/troubleshoot/azure/azure-kubernetes/welcome-azure-kubernetes`,
    null,
  ],
  'operationnotallowed-publicipcountlimitreached-error': [
    'Troubleshoot the OperationNotAllowed or PublicIPCountLimitReached quota error',
    ERROR_CODES,
    null,
  ],
  'requestdisallowedbypolicy-error': [
    'RequestDisallowedByPolicy error when deploying an AKS cluster',
    ERROR_CODES,
    null,
  ],
} satisfies Record<string, [title: string, url: string | null, edition: string | null]>

export type PageKey = keyof typeof PAGES

export const PAGE_KEYS: readonly PageKey[] = Object.keys(PAGES).filter(isPageKey)

export function isPageKey(key: string): key is PageKey {
  return Object.hasOwn(PAGES, key)
}

export function pageTitle(key: PageKey): string {
  return PAGES[key][0]
}

/** The date of the edition that was read; null if there is none. */
export function pageEdition<K extends PageKey>(key: K): (typeof PAGES)[K][2] {
  return PAGES[key][2]
}

/** The URL of a page; null if it has none. */
export function pageUrl(key: PageKey): string | null {
  const url: string | null = PAGES[key][1]
  return url?.endsWith('/') ? `${url}${key}` : url
}
