import type { Finding } from '../../contract/finding.ts'
import type { PlanningContext } from '../context/planning-context.ts'
import { listed } from '../lib/text.ts'
import { documented, inferred } from '../references/references.ts'
import { isKubenet } from '../snapshot/network-profile.ts'
import { type Check, rule } from './rule.ts'

/** Features of the cluster that a change of the outbound type affects. */
export const checkClusterFeatures: Check = (context) => {
  if (context.from === context.to) return []
  return [...otherPaths(context), ...kinds(context)]
}

export const HTTP_PROXY_PATH = rule('HTTP_PROXY_PATH', {
  severity: 'warning',
  message:
    'Nodes and pods may lose access to their HTTP proxy if they reach the proxy over the egress path that changes.',
  remedy:
    'Make sure that the proxy is reachable over the new egress path, and that its allow list contains the new egress addresses. If you change the HTTP proxy settings of the cluster, AKS reimages all node pools.',
  source: inferred('http-proxy', 'node-disruption-policy'),
})

export const ISTIO_EGRESS = rule('ISTIO_EGRESS', {
  severity: 'warning',
  message:
    'After the change, Istio egress may use other source addresses: if the subnet of the static egress gateway has a NAT gateway or default route, the addresses of the static egress gateway have no effect.',
  remedy:
    'Test which source addresses Istio egress uses after the change. If Istio egress no longer uses the addresses of the static egress gateway, find every allow list that contains these addresses. Add the new egress addresses of the cluster to these lists.',
  source: inferred('istio-deploy-egress', 'configure-static-egress-gateway'),
})

export const VIRTUAL_NODES = rule('VIRTUAL_NODES', {
  severity: 'warning',
  message: 'Pods on virtual nodes use a separate subnet, whose egress AKS neither checks nor changes.',
  remedy:
    'Make sure that a NAT gateway or default route on the subnet of the virtual nodes carries the egress of these pods. The outbound rules of the load balancer never apply to this subnet.',
  source: inferred('virtual-nodes'),
})

export const AUTHORIZED_VIRTUAL_NODES = rule('AUTHORIZED_VIRTUAL_NODES', {
  severity: 'warning',
  message:
    'AKS does not support virtual nodes together with authorized IP ranges, but the cluster uses both.',
  remedy:
    'Disable virtual nodes, or disable the authorized IP ranges, which opens the API server to every address. While both are enabled, pods on virtual nodes may lose access to the API server at any time.',
  source: documented('virtual-nodes'),
})

/** Traffic that does not use the egress path of the nodes. */
function otherPaths({ snapshot: { cluster } }: PlanningContext): Finding[] {
  return [
    ...HTTP_PROXY_PATH.when(cluster.features.httpProxy !== null, {}),
    ...ISTIO_EGRESS.when(cluster.features.istioEgressGateway, {}),
    ...VIRTUAL_NODES.when(cluster.virtualNodes, {}),
    ...AUTHORIZED_VIRTUAL_NODES.when(
      cluster.virtualNodes && cluster.authorizedIPRanges.length > 0 && !cluster.enablePrivateCluster,
      {},
    ),
  ]
}

export const KUBENET_RETIRING = rule('KUBENET_RETIRING', {
  severity: 'info',
  message: 'The cluster uses kubenet, whose support ends on 2028-03-31.',
  remedy:
    'Consider migrating the cluster to Azure CNI Overlay before this change: Azure CNI Overlay needs no route table for pods.',
  source: documented('configure-kubenet'),
})

export const PRIVATE_CLUSTER_LB_PIP = rule('PRIVATE_CLUSTER_LB_PIP', {
  severity: 'info',
  message:
    'The cluster is private, but the outbound type `loadBalancer` still gives the cluster a public address for egress.',
  remedy:
    'If you do not want a public address and the network supports `userDefinedRouting`, choose this outbound type.',
  source: documented('upgrade-basic-load-balancer-on-aks, questions and answers'),
})

export const MULTI_SLB = rule('MULTI_SLB', {
  severity: 'info',
  message: 'The cluster has several load balancers, and only the first load balancer carries egress.',
  remedy: 'Continue: no action is required.',
  source: documented('use-multiple-standard-load-balancer'),
})

function kinds({ snapshot: { cluster }, from, to }: PlanningContext): Finding[] {
  const isBalanced = from === 'loadBalancer' || to === 'loadBalancer'
  return [
    ...KUBENET_RETIRING.when(isKubenet(cluster), {}),
    ...PRIVATE_CLUSTER_LB_PIP.when(cluster.enablePrivateCluster && to === 'loadBalancer', {}),
    ...MULTI_SLB.when(isBalanced && cluster.loadBalancerProfile?.multipleLoadBalancers === true, {}),
  ]
}

export const ISTIO_KV = rule<{ features: string[] }>('ISTIO_KV', {
  severity: 'info',
  message: (f) =>
    `Certificates of ${listed(f.features)} may come from a key vault, which nodes reach through the appliance after the change.`,
  remedy: 'Allow the key vault on the appliance, or create a private endpoint for the key vault.',
  source: documented('outbound-rules-control-egress'),
})

/** Gateways and certificate authorities may read their certificates from a key vault. */
export const checkKeyVaultAccess: Check = ({ snapshot, to, from }) => {
  const { istio, istioPluginCa, webAppRouting } = snapshot.cluster.features
  const features = [
    ...(istio || istioPluginCa ? ['Istio'] : []),
    ...(webAppRouting ? ['application routing'] : []),
  ]
  return to === 'userDefinedRouting' && from !== to ? ISTIO_KV.ifAny({ features }) : []
}
