import type { Finding } from '../../contract/finding.ts'
import { doAddressesChange } from '../context/address-changes.ts'
import type { PlanningContext } from '../context/planning-context.ts'
import { listed } from '../lib/text.ts'
import { type Check, rule } from './rule.ts'

/** What the cluster has switched on that meets a change of its type. */
export const checkClusterFeatures: Check = (context) => {
  if (context.from === context.to) return []
  return [...beside(context), ...agents(context), ...kinds(context)]
}

export const HTTP_PROXY_PATH = rule('HTTP_PROXY_PATH', {
  severity: 'warning',
  message: () =>
    'Nodes and pods go through an HTTP proxy, which they reach over the network or over the very egress that changes.',
  remedy: () =>
    "Make sure that the proxy is reached from the new egress and that its own allow-list has the new addresses. Changing the cluster's proxy settings later reimages every pool.",
  confidence: 'inferred',
  source: 'http-proxy (PX); node-disruption-policy (NDP)',
})

export const ISTIO_EGRESS = rule('ISTIO_EGRESS', {
  severity: 'warning',
  message: () =>
    'An egress gateway of the Istio add-on is enabled; it rides on a static egress gateway, whose addresses stay only while nothing on its subnet outranks them.',
  remedy: () =>
    "Keep the gateway pool's subnet without a NAT gateway and without a default route, and test the gateway after the change.",
  confidence: 'inferred',
  source: 'istio-deploy-egress (IST); configure-static-egress-gateway (SEG)',
})

export const VIRTUAL_NODES = rule('VIRTUAL_NODES', {
  severity: 'warning',
  message: () =>
    'Virtual nodes are enabled: their pods are in a subnet of their own, which AKS neither checks nor moves with this change.',
  remedy: () =>
    'See to the NAT gateway or the route of that subnet yourself; outbound rules of the load balancer never covered it.',
  confidence: 'inferred',
  source: 'virtual-nodes (VN)',
})

export const AUTHORIZED_VIRTUAL_NODES = rule('AUTHORIZED_VIRTUAL_NODES', {
  severity: 'warning',
  message: () => 'Virtual nodes and authorized ranges are both on, a combination that is not supported.',
  remedy: () => 'Switch one of the two off; pods on virtual nodes may lose the API server at any time.',
  confidence: 'documented',
  source: 'virtual-nodes (VN)',
})

/** Traffic that leaves beside the pools' own, or by a hop of its own. */
function beside({ snapshot: { cluster } }: PlanningContext): Finding[] {
  const findings: Finding[] = []
  if (cluster.features.httpProxy) findings.push(HTTP_PROXY_PATH.finding({}))
  if (cluster.features.istioEgressGateway) findings.push(ISTIO_EGRESS.finding({}))
  if (cluster.virtualNodes) findings.push(VIRTUAL_NODES.finding({}))
  if (cluster.virtualNodes && cluster.authorizedIPRanges.length > 0 && !cluster.enablePrivateCluster)
    findings.push(AUTHORIZED_VIRTUAL_NODES.finding({}))
  return findings
}

export const KONNECTIVITY = rule('KONNECTIVITY', {
  severity: 'warning',
  message: () =>
    'Nodes dial the API server anew from the new addresses: logs, exec, port-forward and webhooks are interrupted while they do.',
  remedy: () => 'Expect it in the maintenance window, and look at failing webhooks first afterwards.',
  confidence: 'inferred',
  source: 'EO',
})

export const TRUSTED_ACCESS_AND_MONITORING = rule<{ senders: string[] }>('TRUSTED_ACCESS_AND_MONITORING', {
  severity: 'info',
  message: (f) =>
    `Agents send data out of the cluster and have a gap during the change: ${listed(f.senders)}.`,
  remedy: () => 'Expect missing data, and alerts about it, while egress moves.',
  confidence: 'inferred',
  source: 'outbound-rules-control-egress (OR)',
})

/** What notices the moment without egress. */
function agents(context: PlanningContext): Finding[] {
  const { cluster } = context.snapshot
  const { monitoring, defender } = cluster.features
  const senders = defender ? [...monitoring, 'securityProfile.defender'] : monitoring
  const isPublic = !cluster.enablePrivateCluster && !cluster.enableVnetIntegration
  const hasEgress = context.effective.after !== 'none'
  return [
    ...(isPublic && hasEgress && doAddressesChange(context) ? [KONNECTIVITY.finding({})] : []),
    ...(senders.length > 0 ? [TRUSTED_ACCESS_AND_MONITORING.finding({ senders })] : []),
  ]
}

export const KUBENET_RETIRING = rule('KUBENET_RETIRING', {
  severity: 'info',
  message: () => 'The cluster uses kubenet, whose support ends on 2028-03-31.',
  remedy: () =>
    'Consider moving to Azure CNI Overlay first; that does away with the route table of the pods, too.',
  confidence: 'documented',
  source: 'configure-kubenet (KN)',
})

export const PRIVATE_CLUSTER_LB_PIP = rule('PRIVATE_CLUSTER_LB_PIP', {
  severity: 'info',
  message: () =>
    'The cluster is private, but with loadBalancer it gets a public address for its egress all the same.',
  remedy: () => 'Choose userDefinedRouting where no public address is wanted and the network allows it.',
  confidence: 'documented',
  source: 'upgrade-basic-load-balancer-on-aks (BLB), questions and answers',
})

export const MULTI_SLB = rule('MULTI_SLB', {
  severity: 'info',
  message: () => 'The cluster has several load balancers, and only the first of them carries egress.',
  remedy: () => 'Nothing to do.',
  confidence: 'documented',
  source: 'use-multiple-standard-load-balancer (MLB)',
})

function kinds({ snapshot: { cluster }, from, to }: PlanningContext): Finding[] {
  const findings: Finding[] = []
  if (cluster.networkPlugin?.toLowerCase() === 'kubenet') findings.push(KUBENET_RETIRING.finding({}))
  if (cluster.enablePrivateCluster && to === 'loadBalancer') findings.push(PRIVATE_CLUSTER_LB_PIP.finding({}))
  const isBalanced = from === 'loadBalancer' || to === 'loadBalancer'
  if (isBalanced && cluster.loadBalancerProfile?.multipleLoadBalancers === true)
    findings.push(MULTI_SLB.finding({}))
  return findings
}

export const ISTIO_KV = rule<{ features: string[] }>('ISTIO_KV', {
  severity: 'info',
  message: (f) =>
    `Certificates of ${listed(f.features)} may come out of Key Vault, which nodes then reach by the appliance too.`,
  remedy: () => 'Open the vault on the appliance, or give it a private endpoint.',
  confidence: 'documented',
  source: 'outbound-rules-control-egress (OR)',
})

/** Gateways and authorities may take their certificates out of Key Vault. */
export const checkKeyVaultAccess: Check = ({ snapshot, to, from }) => {
  const { istio, istioPluginCa, webAppRouting } = snapshot.cluster.features
  const features = [
    ...(istio || istioPluginCa ? ['Istio'] : []),
    ...(webAppRouting ? ['application routing'] : []),
  ]
  return to === 'userDefinedRouting' && from !== to && features.length > 0
    ? [ISTIO_KV.finding({ features })]
    : []
}
