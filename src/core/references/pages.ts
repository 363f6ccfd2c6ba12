/** A page or package that rules are taken from. */
export interface Page {
  /** As sentences name it: the last part of its address, where it has one. */
  title: string
  /** Where it is read today; null for what has no page of its own. */
  url: string | null
  /** The day of the edition that was read; null where it has none. */
  asOf: string | null
}

const LEARN = 'https://learn.microsoft.com/en-us'
const aks = (title: string, asOf: string): Page => ({ title, url: `${LEARN}/azure/aks/${title}`, asOf })
const nat = (title: string, asOf: string | null): Page => ({
  title,
  url: `${LEARN}/azure/nat-gateway/${title}`,
  asOf,
})
const npm = (title: string): Page => ({
  title,
  url: `https://www.npmjs.com/package/${title.replace(/ .*/, '')}`,
  asOf: null,
})

/** Every source that the catalogue and the comments of this code name by a key. */
export const PAGES: Readonly<Record<string, Page>> = {
  EO: aks('egress-outboundtype', '2026-08-05'),
  NG: aks('nat-gateway', '2026-07-07'),
  UDR: aks('egress-udr', '2023-05-10'),
  FW: aks('limit-egress-traffic', '2023-12-05'),
  OR: aks('outbound-rules-control-egress', '2026-06-18'),
  AR: aks('api-server-authorized-ip-ranges', '2026-08-03'),
  ST: aks('api-server-service-tags', '2024-05-19'),
  LB1: aks('load-balancer-standard', '2024-01-23'),
  LB2: aks('configure-load-balancer-standard', '2024-01-23'),
  SN: aks('troubleshoot-source-network-address-translation', '2024-01-23'),
  NIc: aks('concepts-network-isolated', '2026-06-15'),
  NIh: aks('network-isolated', '2025-06-20'),
  PC: aks('private-clusters', '2026-08-05'),
  VI: aks('api-server-vnet-integration', '2026-04-15'),
  SEG: aks('configure-static-egress-gateway', '2026-08-06'),
  NPI: aks('use-node-public-ips', '2026-06-17'),
  KN: aks('configure-kubenet', '2026-04-16'),
  BLB: aks('upgrade-basic-load-balancer-on-aks', '2025-08-29'),
  AUTO: aks('intro-aks-automatic', '2026-07-07'),
  NAP: aks('node-auto-provisioning', '2026-02-15'),
  NDP: aks('node-disruption-policy', '2026-03-11'),
  NDPh: aks('use-node-disruption-policy', '2026-03-11'),
  DS: aks('configure-dual-stack', '2023-12-07'),
  OV: aks('azure-cni-overlay', '2026-07-31'),
  VN: aks('virtual-nodes', '2023-11-06'),
  PX: aks('http-proxy', '2026-02-18'),
  IST: aks('istio-deploy-egress', '2025-04-25'),
  QT: aks('quotas-skus-regions', '2026-08-03'),
  ET: aks('use-etags', '2024-06-10'),
  PERM: aks('aks-service-permissions', '2026-04-19'),
  MI: aks('managed-identity-overview', '2026-08-18'),
  SS: aks('start-stop-cluster', '2026-07-21'),
  SUB: aks('node-pool-unique-subnet', '2025-09-26'),
  ZR: aks('reliability-zone-resiliency-recommendations', '2026-06-05'),
  MLB: aks('use-multiple-standard-load-balancer', '2025-05-13'),
  BIG: aks('best-practices-performance-scale-large', '2026-06-05'),
  SUP: aks('support-policies', '2026-06-09'),
  CNI: aks('concepts-network-cni-overview', '2026-07-10'),
  NRG: aks('node-resource-group-lockdown', '2026-06-30'),
  PREV: aks('concepts-preview-api-life-cycle', '2026-03-31'),
  NSKU: nat('nat-sku', '2026-07-27'),
  NOV: nat('nat-overview', '2022-12-06'),
  NDES: nat('nat-gateway-design', '2023-07-11'),
  NRES: nat('nat-gateway-resource', '2023-07-10'),
  NTS: nat('troubleshoot-nat', '2022-08-29'),
  NZ: nat('nat-availability-zones', null),
  LBO: {
    title: 'load-balancer-outbound-connections',
    url: `${LEARN}/azure/load-balancer/load-balancer-outbound-connections`,
    asOf: '2023-03-06',
  },
  LBR: { title: 'outbound-rules', url: `${LEARN}/azure/load-balancer/outbound-rules`, asOf: '2024-04-11' },
  DOA2: {
    title: 'default-outbound-access',
    url: `${LEARN}/azure/virtual-network/ip-services/default-outbound-access`,
    asOf: '2022-03-02',
  },
  LIM: {
    title: 'azure-virtual-network-limits',
    url: `${LEARN}/azure/azure-resource-manager/management/azure-subscription-service-limits`,
    asOf: '2022-12-05',
  },
  ARM2: {
    title: 'request-limits-and-throttling',
    url: `${LEARN}/azure/azure-resource-manager/management/request-limits-and-throttling`,
    asOf: null,
  },
  ARG1: {
    title: 'guidance-for-throttled-requests',
    url: `${LEARN}/azure/governance/resource-graph/concepts/guidance-for-throttled-requests`,
    asOf: null,
  },
  LOCK: {
    title: 'lock-resources',
    url: `${LEARN}/azure/azure-resource-manager/management/lock-resources`,
    asOf: null,
  },
  SP: {
    title: 'kubernetes-service-principal',
    url: `${LEARN}/azure/aks/kubernetes-service-principal`,
    asOf: null,
  },
  SDK: npm('@azure/arm-containerservice 25.5.0'),
  NSDK: npm('@azure/arm-network 36.0.0'),
  SPEC1: {
    title: 'azure-rest-api-specs pull request 45002',
    url: 'https://github.com/Azure/azure-rest-api-specs/pull/45002',
    asOf: '2026-07-27',
  },
  CLI3: {
    title: 'azure-cli pull request 34017',
    url: 'https://github.com/Azure/azure-cli/pull/34017',
    asOf: '2026-09-02',
  },
  BLOG: {
    title: 'AKS engineering blog "Announcing StandardV2 NAT Gateway for AKS-managed egress"',
    url: null,
    asOf: '2026-09-29',
  },
  RPERR: { title: 'error codes of the AKS resource provider', url: null, asOf: null },
  KARP: { title: 'Karpenter Azure provider, node public IPs', url: null, asOf: null },
  TFMOD: { title: 'third-party Terraform module notes', url: null, asOf: null },
  SA: {
    title: 'AKS troubleshooting',
    url: `${LEARN}/troubleshoot/azure/azure-kubernetes/welcome-azure-kubernetes`,
    asOf: null,
  },
}
