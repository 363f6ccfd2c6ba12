import type { EffectivePath } from '../plan-egress.ts'
import { spokenPath } from '../spoken-paths.ts'
import { entry, listed } from './entry.ts'

/** What the cluster has switched on and how it meets a change of egress. Source: rulebook 9. */
export const FEATURE_FINDINGS = {
  HTTP_PROXY_PATH: entry({
    severity: 'warning',
    message: () =>
      'Nodes and pods go through an HTTP proxy, which they reach over the network or over the very egress that changes.',
    remedy: () =>
      "Make sure that the proxy is reached from the new egress and that its own allow-list has the new addresses. Changing the cluster's proxy settings later reimages every pool.",
    confidence: 'inferred',
    source: 'http-proxy (PX); node-disruption-policy (NDP)',
  }),
  ISTIO_EGRESS: entry({
    severity: 'warning',
    message: () =>
      'An egress gateway of the Istio add-on is enabled; it rides on a static egress gateway, whose addresses stay only while nothing on its subnet outranks them.',
    remedy: () =>
      "Keep the gateway pool's subnet without a NAT gateway and without a default route, and test the gateway after the change.",
    confidence: 'inferred',
    source: 'istio-deploy-egress (IST); configure-static-egress-gateway (SEG)',
  }),
  SEG_LIMITS: entry({
    severity: 'info',
    message: () =>
      'A static egress gateway does not support pod subnets or dual-stack clusters, and this cluster has one of them.',
    remedy: () => 'Do not count on the addresses of the gateway.',
    confidence: 'documented',
    source: 'configure-static-egress-gateway (SEG)',
  }),
  VIRTUAL_NODES: entry({
    severity: 'warning',
    message: () =>
      'Virtual nodes are enabled: their pods are in a subnet of their own, which AKS neither checks nor moves with this change.',
    remedy: () =>
      'See to the NAT gateway or the route of that subnet yourself; outbound rules of the load balancer never covered it.',
    confidence: 'inferred',
    source: 'virtual-nodes (VN)',
  }),
  MULTI_SLB: entry({
    severity: 'info',
    message: () => 'The cluster has several load balancers, and only the first of them carries egress.',
    remedy: () => 'Nothing to do.',
    confidence: 'documented',
    source: 'use-multiple-standard-load-balancer (MLB)',
  }),
  PRIVATE_CLUSTER_LB_PIP: entry({
    severity: 'info',
    message: () =>
      'The cluster is private, but with loadBalancer it gets a public address for its egress all the same.',
    remedy: () => 'Choose userDefinedRouting where no public address is wanted and the network allows it.',
    confidence: 'documented',
    source: 'upgrade-basic-load-balancer-on-aks (BLB), questions and answers',
  }),
  KONNECTIVITY: entry({
    severity: 'warning',
    message: () =>
      'Nodes dial the API server anew from the new addresses: logs, exec, port-forward and webhooks are interrupted while they do.',
    remedy: () => 'Expect it in the maintenance window, and look at failing webhooks first afterwards.',
    confidence: 'inferred',
    source: 'EO',
  }),
  TRUSTED_ACCESS_AND_MONITORING: entry<{ senders: string[] }>({
    severity: 'info',
    message: (f) =>
      `Agents send data out of the cluster and have a gap during the change: ${listed(f.senders)}.`,
    remedy: () => 'Expect missing data, and alerts about it, while egress moves.',
    confidence: 'inferred',
    source: 'outbound-rules-control-egress (OR)',
  }),
  NODE_PUBLIC_IP_LB_SOURCE: entry<{ pools: string[] }>({
    severity: 'info',
    message: (f) =>
      `Nodes of ${listed(f.pools)} have public IPs and leave by them already, not by the load balancer.`,
    remedy: () => 'Nothing to do; the ledger of addresses takes it into account.',
    confidence: 'observed',
    source: 'Karpenter Azure provider, node public IPs (KARP)',
  }),
  NODE_PUBLIC_IP_NAT_TARGET: entry<{ pools: string[] }>({
    severity: 'warning',
    message: (f) =>
      `Nodes of ${listed(f.pools)} have public IPs, which the NAT gateway outranks: they will leave by the addresses of the gateway. What comes in on their own addresses goes on working.`,
    remedy: () => 'Replace the addresses of the nodes by those of the gateway in allow-lists elsewhere.',
    confidence: 'documented',
    source: 'nat-gateway-design (NDES)',
  }),
  NODEIP_POOL_DEFAULT_OUTBOUND: entry<{ subnets: string[] }>({
    severity: 'warning',
    message: (f) =>
      `The load balancer keeps its nodes by address (NodeIP), and such a pool may give them default outbound access on ${listed(f.subnets)}.`,
    remedy: () => 'Make the subnets private (defaultOutboundAccess false), or test that nothing leaves.',
    confidence: 'inferred',
    source: 'outbound-rules (LBR)',
  }),
  POD_SUBNET: entry<{
    pools: { pool: string; podSubnet: string; nodes: EffectivePath; pods: EffectivePath }[]
  }>({
    severity: 'warning',
    message: (f) =>
      `Pods have addresses of a subnet of their own and leave another way than their nodes after the change: ${listed(f.pools.map((each) => `those of ${each.pool} from ${each.podSubnet} by ${spokenPath(each.pods)}, its nodes by ${spokenPath(each.nodes)}`))}.`,
    remedy: () => 'Attach to the pod subnets what is attached to the node subnets.',
    confidence: 'inferred',
    source: 'AKS release notes 2023-08-06',
  }),
  WINDOWS_OUTBOUNDNAT_UDR: entry<{ pools: string[] }>({
    severity: 'warning',
    message: (f) =>
      `Windows pools have OutboundNAT disabled: ${listed(f.pools)}. The documentation allows that with userDefinedRouting, the description of the API only with a NAT gateway.`,
    remedy: () => 'Try the change on a cluster with such a pool first.',
    confidence: 'documented',
    source: 'NG; AKS release notes 2023-09-03; contradicted by SDK',
  }),
  WINDOWS_OUTBOUNDNAT_NODEPIP: entry<{ pools: string[] }>({
    severity: 'blocker',
    message: (f) =>
      `Windows pools have OutboundNAT disabled and public IPs on their nodes, which cannot be combined: ${listed(f.pools)}.`,
    remedy: () => 'Replace these pools by ones that have only one of the two.',
    confidence: 'documented',
    source: 'SDK',
  }),
  WINDOWS_NEW_OPTION: entry<{ pools: string[] }>({
    severity: 'info',
    message: (f) =>
      `With this target OutboundNAT can be disabled on Windows pools, but on new ones only, not on ${listed(f.pools)}.`,
    remedy: () => 'Add new Windows pools with OutboundNAT disabled where that is wanted.',
    confidence: 'documented',
    source: 'nat-gateway (NG)',
  }),
}
