import {
  aByoSnapshot,
  aPool,
  aPrefix,
  aSubnet,
  GROUP,
  NETWORK,
  NODE_GROUP,
  SUBNET,
} from '../../support/a-cluster.ts'
import { clusterWith, type RuleCases } from '../../support/rule-cases.ts'

const MACHINE = `${NODE_GROUP}/providers/Microsoft.Compute/virtualMachineScaleSets/aks-gateway-12345678-vmss`
export const CREATED = aPrefix({
  id: `${NODE_GROUP}/${NETWORK}/publicIPPrefixes/egressgateway-5f7e`,
  prefix: '20.6.0.0/30',
})
export const PROVIDED = aPrefix({
  id: `${GROUP}/${NETWORK}/publicIPPrefixes/partners`,
  prefix: '20.7.0.0/30',
  publicIpIds: [
    `${MACHINE}/virtualMachines/0/networkInterfaces/nic/ipconfigurations/egressgateway/publicipaddresses/one`,
  ],
})
export const UNRELATED = aPrefix({ id: `${GROUP}/${NETWORK}/publicIPPrefixes/other`, prefix: '20.8.0.0/30' })

/** A cluster in the customer's network with a gateway pool beside its system pool. */
export function withGateway(
  given: Parameters<typeof aByoSnapshot>[1] = {},
  subnet: Parameters<typeof aByoSnapshot>[0] = {},
) {
  const pools = [
    aPool({ vnetSubnetId: SUBNET }),
    aPool({ name: 'gateway', mode: 'Gateway', vnetSubnetId: SUBNET, count: 2 }),
  ]
  const snapshot = aByoSnapshot(
    {},
    { publicIpPrefixes: [CREATED], ...given, cluster: { agentPools: pools, ...given.cluster } },
  )
  return { ...snapshot, subnets: [aSubnet({ pools: ['system', 'gateway'], ...subnet })] }
}

export const CASES: RuleCases = {
  SEG_PATH_OVERRIDDEN: {
    severity: 'acknowledge',
    snapshot: withGateway(),
    target: 'userAssignedNATGateway',
    given: { prepare: { natGateway: {} } },
    facts: { pools: ['gateway'], prefixes: ['20.6.0.0/30'] },
    absent: { target: 'loadBalancer', given: {} },
  },
  SEG_PRESENT: {
    severity: 'warning',
    snapshot: withGateway(),
    target: 'none',
    facts: { pools: ['gateway'], prefixes: ['20.6.0.0/30'], isOverridden: false },
    message: /\(node pool `gateway`\) uses the separate addresses 20\.6\.0\.0\/30; .* would take precedence/,
  },
  SEG_LIMITS: {
    severity: 'info',
    snapshot: clusterWith({ staticEgressGateway: true, ipFamilies: ['IPv4', 'IPv6'] }),
    target: 'managedNATGatewayV2',
  },
}
