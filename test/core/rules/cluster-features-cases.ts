import type { FirewallFacts } from '../../../src/core/snapshot/network-facts.ts'
import type { ClusterFacts, Snapshot } from '../../../src/core/snapshot/snapshot.ts'
import {
  aByoSnapshot,
  aFirewall,
  aLoadBalancerProfile,
  aNatGatewayProfile,
  aPool,
  aPublicIp,
  aSnapshot,
  features,
  GROUP,
  NETWORK,
  SUBNET,
} from '../../support/a-cluster.ts'
import { FIREWALL } from '../../support/a-firewall.ts'
import { onTable } from '../../support/own-network.ts'
import type { RuleCases } from './rule-case.ts'

const changed = (cluster: Partial<ClusterFacts>) => aSnapshot({ cluster })
const pools = { agentPools: [aPool({ vnetSubnetId: SUBNET })] }
const [toAppliance, withAppliance] = onTable('VirtualAppliance')
const FIREWALL_IP = `${GROUP}/${NETWORK}/publicIPAddresses/fw-ip`
function behind(firewall: Partial<FirewallFacts>, cluster: Partial<ClusterFacts> = {}): Snapshot {
  return aByoSnapshot(toAppliance, {
    ...withAppliance,
    cluster: { ...pools, ...cluster },
    firewalls: [aFirewall({ id: FIREWALL, dnsProxy: true, ...firewall })],
    publicIps: [aPublicIp({ id: FIREWALL_IP, address: '20.5.0.1' })],
  })
}
const target = 'managedNATGateway'
const natCluster: Partial<ClusterFacts> = {
  outboundType: 'managedNATGateway',
  natGatewayProfile: aNatGatewayProfile(),
  loadBalancerProfile: null,
}
const natIp = aPublicIp({ id: aNatGatewayProfile().effectiveOutboundIpIds[0] ?? '', address: '20.2.0.1' })
const NIC_RANGES = ['20.1.0.1/32', '203.0.113.0/24']

export const CASES: RuleCases = {
  KUBENET_RETIRING: {
    severity: 'info',
    snapshot: changed({ networkPlugin: 'kubenet' }),
    target: 'managedNATGateway',
  },
  ISTIO_KV: {
    severity: 'info',
    snapshot: behind({}, { features: features({ istio: true, webAppRouting: true }) }),
    target: 'userDefinedRouting',
    facts: { features: ['Istio', 'application routing'] },
  },
  HTTP_PROXY_PATH: {
    severity: 'warning',
    snapshot: changed({ features: features({ httpProxy: true }) }),
    target,
  },
  ISTIO_EGRESS: {
    severity: 'warning',
    snapshot: changed({ features: features({ istioEgressGateway: true }) }),
    target,
  },
  VIRTUAL_NODES: { severity: 'warning', snapshot: changed({ virtualNodes: true }), target },
  MULTI_SLB: {
    severity: 'info',
    snapshot: changed({ loadBalancerProfile: aLoadBalancerProfile({ multipleLoadBalancers: true }) }),
    target,
  },
  PRIVATE_CLUSTER_LB_PIP: {
    severity: 'info',
    snapshot: aSnapshot({ cluster: { ...natCluster, enablePrivateCluster: true }, publicIps: [natIp] }),
    target: 'loadBalancer',
  },
  KONNECTIVITY: { severity: 'warning', snapshot: aSnapshot(), target },
  TRUSTED_ACCESS_AND_MONITORING: {
    severity: 'info',
    snapshot: changed({ features: features({ monitoring: ['addonProfiles.omsagent'], defender: true }) }),
    target,
    facts: { senders: ['addonProfiles.omsagent', 'securityProfile.defender'] },
  },
  AUTHORIZED_VIRTUAL_NODES: {
    severity: 'warning',
    snapshot: changed({ virtualNodes: true, authorizedIPRanges: NIC_RANGES }),
    target,
  },
}
