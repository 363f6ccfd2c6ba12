import type { Severity } from '../../src/contract/finding.ts'
import type { RequestedTarget } from '../../src/contract/target.ts'
import type {
  FirewallFacts,
  NatGatewayFacts,
  PublicIpFacts,
  PublicIpPrefixFacts,
} from '../../src/core/snapshot/network-facts.ts'
import type { ClusterFacts, Snapshot } from '../../src/core/snapshot/snapshot.ts'
import {
  aByoSnapshot,
  aFirewall,
  aNatGatewayProfile,
  aPool,
  aPrefix,
  aPublicIp,
  aSnapshot,
  GROUP,
  NETWORK,
  SUBNET,
} from './a-cluster.ts'
import { FIREWALL } from './a-firewall.ts'
import type { planFor } from './a-plan.ts'
import { GATEWAY, NETWORK_OF_USER, OWN_IP, onGateway, onTable } from './own-network.ts'

type Planned = {
  snapshot: Snapshot
  target: Parameters<typeof planFor>[1]
  given?: Parameters<typeof planFor>[2]
}

/** A plan that contains a finding, the finding, and a plan that differs and does not contain it. */
export interface RuleCase extends Planned {
  severity: Severity
  facts?: Record<string, unknown>
  message?: RegExp
  /** What differs in the plan without the finding; without it, the same request for a healthy cluster. */
  absent?: Partial<Planned>
}

/** A case for each code of a topic; `npm run findings` takes its examples from them. */
export type RuleCases = Record<string, RuleCase>

export const [toAppliance, withAppliance] = onTable('VirtualAppliance')
export const zoned = { availabilityZones: ['1', '2', '3'] }
export const onUserGateway = { outboundType: 'userAssignedNATGateway', loadBalancerProfile: null }
export const NIC_RANGES = ['20.1.0.1/32', '203.0.113.0/24']
export const FIREWALL_IP = `${GROUP}/${NETWORK}/publicIPAddresses/fw-ip`
export const PREFIX = `${NETWORK_OF_USER}/publicIPPrefixes/range`

export function clusterWith(cluster: Partial<ClusterFacts>): Snapshot {
  return aSnapshot({ cluster })
}

/** The only pool of a cluster in the customer's network. */
export function pool(given: Parameters<typeof aPool>[0] = {}) {
  return { agentPools: [aPool({ vnetSubnetId: SUBNET, ...given })] }
}

/** A cluster on a managed NAT gateway of SKU Standard. */
export const natCluster: Partial<ClusterFacts> = {
  outboundType: 'managedNATGateway',
  natGatewayProfile: aNatGatewayProfile(),
  loadBalancerProfile: null,
}
export const natIp = aPublicIp({
  id: aNatGatewayProfile().effectiveOutboundIpIds[0] ?? '',
  address: '20.2.0.1',
})

export function ownIp(given: Partial<PublicIpFacts> = {}): PublicIpFacts {
  return aPublicIp({ id: OWN_IP, address: '20.4.0.1', ...given })
}

/** A cluster on a StandardV2 gateway with a customer address. */
export const onOwnV2: Partial<ClusterFacts> = {
  ...natCluster,
  natGatewayProfile: aNatGatewayProfile({
    sku: 'StandardV2',
    managedOutboundIpCount: null,
    outboundIpIds: [OWN_IP],
    effectiveOutboundIpIds: [OWN_IP],
  }),
}

export function toV2(outboundIpIds: string[], outboundIpPrefixIds: string[] = []): RequestedTarget {
  return {
    outboundType: 'managedNATGateway',
    natGateway: { sku: 'StandardV2', outboundIpIds, outboundIpPrefixIds },
  }
}

/** A subnet on a customer NAT gateway that differs from the ready one. */
export function gatewayWith(
  gateway: Partial<NatGatewayFacts>,
  ip: Partial<PublicIpFacts> = {},
  cluster: Partial<ClusterFacts> = {},
): Snapshot {
  return aByoSnapshot(onGateway[0], {
    cluster: { ...pool(), ...cluster },
    natGateways: [{ ...GATEWAY.gateway, ...gateway }],
    publicIps: [{ ...GATEWAY.publicIp, ...ip }],
    publicIpPrefixes: [aPrefix({ id: PREFIX, prefix: '20.5.0.0/27' })],
  })
}

/** A subnet on a customer NAT gateway that has one prefix and no single address. */
export function withPrefix(
  gateway: Partial<NatGatewayFacts>,
  prefix: Partial<PublicIpPrefixFacts>,
  publicIps: PublicIpFacts[] = [],
): Snapshot {
  return aByoSnapshot(onGateway[0], {
    natGateways: [{ ...GATEWAY.gateway, publicIpIds: [], publicIpPrefixIds: [PREFIX], ...gateway }],
    publicIps,
    publicIpPrefixes: [aPrefix({ id: PREFIX, prefix: '20.5.0.0/30', ...prefix })],
  })
}

/** A subnet whose default route leads to an Azure Firewall. */
export function behindFirewall(
  firewall: Partial<FirewallFacts>,
  cluster: Partial<ClusterFacts> = {},
): Snapshot {
  return aByoSnapshot(toAppliance, {
    ...withAppliance,
    cluster: { ...pool(), ...cluster },
    firewalls: [aFirewall({ id: FIREWALL, dnsProxy: true, ...firewall })],
    publicIps: [aPublicIp({ id: FIREWALL_IP, address: '20.5.0.1' })],
  })
}
