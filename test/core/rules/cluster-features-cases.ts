import { aLoadBalancerProfile, aProxy, aSnapshot, features } from '../../support/a-cluster.ts'
import {
  behindFirewall,
  clusterWith,
  NIC_RANGES,
  natCluster,
  natIp,
  type RuleCases,
} from '../../support/rule-cases.ts'

const target = 'managedNATGateway'

export const CASES: RuleCases = {
  KUBENET_RETIRING: {
    severity: 'info',
    snapshot: clusterWith({ networkPlugin: 'kubenet' }),
    target: 'managedNATGateway',
  },
  ISTIO_KV: {
    severity: 'info',
    snapshot: behindFirewall({}, { features: features({ istio: true, webAppRouting: true }) }),
    target: 'userDefinedRouting',
    facts: { features: ['Istio', 'application routing'] },
  },
  HTTP_PROXY_PATH: {
    severity: 'warning',
    snapshot: clusterWith({ features: features({ httpProxy: aProxy() }) }),
    target,
  },
  ISTIO_EGRESS: {
    severity: 'warning',
    snapshot: clusterWith({ features: features({ istioEgressGateway: true }) }),
    target,
  },
  VIRTUAL_NODES: { severity: 'warning', snapshot: clusterWith({ virtualNodes: true }), target },
  MULTI_SLB: {
    severity: 'info',
    snapshot: clusterWith({ loadBalancerProfile: aLoadBalancerProfile({ multipleLoadBalancers: true }) }),
    target,
  },
  PRIVATE_CLUSTER_LB_PIP: {
    severity: 'info',
    snapshot: aSnapshot({ cluster: { ...natCluster, enablePrivateCluster: true }, publicIps: [natIp] }),
    target: 'loadBalancer',
  },
  AUTHORIZED_VIRTUAL_NODES: {
    severity: 'warning',
    snapshot: clusterWith({ virtualNodes: true, authorizedIPRanges: NIC_RANGES }),
    target,
  },
}
