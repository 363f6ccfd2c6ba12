import type { Finding } from '../../contract/finding.ts'
import { doAddressesChange } from '../context/address-changes.ts'
import type { PlanningContext } from '../context/planning-context.ts'
import { listed } from '../lib/text.ts'
import { documented, inferred } from '../references/references.ts'
import { isKubenet } from '../snapshot/network-profile.ts'
import { type Check, rule } from './rule.ts'

/** Features of the cluster that a change of the outbound type affects. */
export const checkClusterFeatures: Check = (context) => {
  if (context.from === context.to) return []
  return [...otherPaths(context), ...agents(context), ...kinds(context)]
}

export const HTTP_PROXY_PATH = rule('HTTP_PROXY_PATH', {
  severity: 'warning',
  message:
    'Nodes and pods go through an HTTP proxy, which they reach over the network or over the very egress that changes.',
  remedy:
    "Make sure that the proxy is reached from the new egress and that its own allow-list has the new addresses. Changing the cluster's proxy settings later reimages every pool.",
  source: inferred('http-proxy', 'node-disruption-policy'),
})

export const ISTIO_EGRESS = rule('ISTIO_EGRESS', {
  severity: 'warning',
  message:
    'An egress gateway of the Istio add-on is enabled; it rides on a static egress gateway, whose addresses stay only while nothing on its subnet outranks them.',
  remedy:
    "Keep the gateway pool's subnet without a NAT gateway and without a default route, and test the gateway after the change.",
  source: inferred('istio-deploy-egress', 'configure-static-egress-gateway'),
})

export const VIRTUAL_NODES = rule('VIRTUAL_NODES', {
  severity: 'warning',
  message:
    'Virtual nodes are enabled: their pods are in a subnet of their own, which AKS neither checks nor moves with this change.',
  remedy:
    'See to the NAT gateway or the route of that subnet yourself; outbound rules of the load balancer never covered it.',
  source: inferred('virtual-nodes'),
})

export const AUTHORIZED_VIRTUAL_NODES = rule('AUTHORIZED_VIRTUAL_NODES', {
  severity: 'warning',
  message: 'Virtual nodes and authorized ranges are both on, a combination that is not supported.',
  remedy: 'Switch one of the two off; pods on virtual nodes may lose the API server at any time.',
  source: documented('virtual-nodes'),
})

/** Traffic on other paths than that of the nodes. */
function otherPaths({ snapshot: { cluster } }: PlanningContext): Finding[] {
  return [
    ...HTTP_PROXY_PATH.when(cluster.features.httpProxy, {}),
    ...ISTIO_EGRESS.when(cluster.features.istioEgressGateway, {}),
    ...VIRTUAL_NODES.when(cluster.virtualNodes, {}),
    ...AUTHORIZED_VIRTUAL_NODES.when(
      cluster.virtualNodes && cluster.authorizedIPRanges.length > 0 && !cluster.enablePrivateCluster,
      {},
    ),
  ]
}

export const KONNECTIVITY = rule('KONNECTIVITY', {
  severity: 'warning',
  message:
    'Nodes dial the API server anew from the new addresses: logs, exec, port-forward and webhooks are interrupted while they do.',
  remedy: 'Expect it in the maintenance window, and look at failing webhooks first afterwards.',
  source: inferred('egress-outboundtype'),
})

export const TRUSTED_ACCESS_AND_MONITORING = rule<{ senders: string[] }>('TRUSTED_ACCESS_AND_MONITORING', {
  severity: 'info',
  message: (f) =>
    `Agents send data out of the cluster and have a gap during the change: ${listed(f.senders)}.`,
  remedy: 'Expect missing data, and alerts about it, while egress moves.',
  source: inferred('outbound-rules-control-egress'),
})

/** Clients that notice the interruption of egress. */
function agents(context: PlanningContext): Finding[] {
  const { cluster } = context.snapshot
  const { monitoring, defender } = cluster.features
  const senders = defender ? [...monitoring, 'securityProfile.defender'] : monitoring
  const isPublic = !cluster.enablePrivateCluster && !cluster.enableVnetIntegration
  const hasEgress = context.effective.after !== 'none'
  return [
    ...KONNECTIVITY.when(isPublic && hasEgress && doAddressesChange(context), {}),
    ...TRUSTED_ACCESS_AND_MONITORING.ifAny({ senders }),
  ]
}

export const KUBENET_RETIRING = rule('KUBENET_RETIRING', {
  severity: 'info',
  message: 'The cluster uses kubenet, whose support ends on 2028-03-31.',
  remedy: 'Consider moving to Azure CNI Overlay first; that does away with the route table of the pods, too.',
  source: documented('configure-kubenet'),
})

export const PRIVATE_CLUSTER_LB_PIP = rule('PRIVATE_CLUSTER_LB_PIP', {
  severity: 'info',
  message:
    'The cluster is private, but with loadBalancer it gets a public address for its egress all the same.',
  remedy: 'Choose userDefinedRouting where no public address is wanted and the network allows it.',
  source: documented('upgrade-basic-load-balancer-on-aks, questions and answers'),
})

export const MULTI_SLB = rule('MULTI_SLB', {
  severity: 'info',
  message: 'The cluster has several load balancers, and only the first of them carries egress.',
  remedy: 'Nothing to do.',
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
    `Certificates of ${listed(f.features)} may come out of Key Vault, which nodes then reach by the appliance too.`,
  remedy: 'Open the vault on the appliance, or give it a private endpoint.',
  source: documented('outbound-rules-control-egress'),
})

/** Gateways and certificate authorities may read their certificates from Key Vault. */
export const checkKeyVaultAccess: Check = ({ snapshot, to, from }) => {
  const { istio, istioPluginCa, webAppRouting } = snapshot.cluster.features
  const features = [
    ...(istio || istioPluginCa ? ['Istio'] : []),
    ...(webAppRouting ? ['application routing'] : []),
  ]
  return to === 'userDefinedRouting' && from !== to ? ISTIO_KV.ifAny({ features }) : []
}
