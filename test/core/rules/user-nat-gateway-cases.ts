import {
  aByoSnapshot,
  aKubernetesBalancer,
  aPool,
  aPublicIp,
  GROUP,
  NETWORK,
  SUBNET,
} from '../../support/a-cluster.ts'
import { GATEWAY, onGateway, onNetworkGateway, onTable, TABLE } from '../../support/own-network.ts'
import { gatewayWith, pool, type RuleCases, zoned } from '../../support/rule-cases.ts'

const target = 'userAssignedNATGateway'

const INTERFACE = `${GROUP}/${NETWORK}/networkInterfaces/vm`

/** A machine of another owner in the subnet, with a public address, and behind a load balancer. */
function withInterface(sku: 'Basic' | 'Standard') {
  return aByoSnapshot(
    { occupantGroups: [GROUP.toLowerCase()], occupants: [INTERFACE.toLowerCase()] },
    {
      publicIps: [
        aPublicIp({
          id: `${GROUP}/${NETWORK}/publicIPAddresses/vm-ip`,
          address: '20.9.9.9',
          sku,
          attachedTo: `${INTERFACE}/ipConfigurations/one`,
        }),
        aPublicIp({
          id: `${GROUP}/${NETWORK}/publicIPAddresses/elsewhere`,
          address: '20.9.9.10',
          sku: 'Basic',
          attachedTo: `${INTERFACE}2/ipConfigurations/one`,
        }),
      ],
      loadBalancers: [
        aKubernetesBalancer(),
        {
          ...aKubernetesBalancer(),
          id: `${GROUP}/${NETWORK}/loadBalancers/balancer`,
          sku,
          basicBackends: [INTERFACE.toLowerCase()],
        },
      ],
    },
  )
}

export const CASES: RuleCases = {
  UANAT_SUBNET_WITHOUT_GATEWAY: {
    severity: 'blocker',
    snapshot: aByoSnapshot(),
    target: 'userAssignedNATGateway',
    facts: { subnets: [{ id: SUBNET, pools: ['system'] }] },
    message: /attached to the subnet `nodes` \(pool `system`\)\.$/,
  },
  UANAT_GATEWAY_OF_NETWORK: {
    severity: 'acknowledge',
    snapshot: onNetworkGateway(),
    target: 'userAssignedNATGateway',
    facts: { subnets: ['nodes'], gateways: ['gateway'] },
    absent: { snapshot: aByoSnapshot(...onGateway) },
  },
  UANAT_BASIC_NEIGHBOURS: {
    severity: 'blocker',
    snapshot: withInterface('Basic'),
    target: 'userAssignedNATGateway',
    facts: { resources: ['vm-ip', 'balancer'], subnets: ['nodes'] },
    message: /subnet `nodes`, which contains the resources `vm-ip` and `balancer` of the SKU Basic\.$/,
    absent: { snapshot: withInterface('Standard') },
  },
  UANAT_NO_ADDRESS: {
    severity: 'blocker',
    snapshot: aByoSnapshot(onGateway[0], { natGateways: [{ ...GATEWAY.gateway, publicIpIds: [] }] }),
    target: 'userAssignedNATGateway',
    facts: { gateways: ['gateway'] },
  },
  UANAT_UNREADABLE: {
    severity: 'warning',
    snapshot: aByoSnapshot(onGateway[0]),
    target: 'userAssignedNATGateway',
    facts: { gateways: ['gateway'] },
  },
  UANAT_SINGLE_ZONE: {
    severity: 'warning',
    snapshot: gatewayWith({ zones: ['1'] }, {}, pool(zoned)),
    target,
    facts: {
      gateways: ['gateway'],
      pools: [{ pool: 'system', poolZones: ['1', '2', '3'], gateway: 'gateway', gatewayZone: '1' }],
    },
    message: /: the node pool `system` uses the gateway `gateway` in zone 1\.$/,
    absent: { snapshot: gatewayWith({ zones: ['1'] }, {}, pool({ availabilityZones: ['1'] })) },
  },
  UANAT_DUALSTACK: {
    severity: 'blocker',
    snapshot: aByoSnapshot(onGateway[0], {
      ...onGateway[1],
      cluster: { ...pool(), ipFamilies: ['IPv4', 'IPv6'] },
    }),
    target: 'userAssignedNATGateway',
    facts: { gateways: ['gateway'] },
  },
  UANAT_SHADOWED_BY_ROUTE: {
    severity: 'warning',
    snapshot: aByoSnapshot(
      { ...onGateway[0], routeTableId: TABLE },
      { ...onGateway[1], ...onTable('VirtualAppliance')[1] },
    ),
    target: 'userAssignedNATGateway',
    facts: { subnets: ['nodes'] },
  },
  UANAT_V2_EMPTY_SUBNET: {
    severity: 'warning',
    snapshot: aByoSnapshot({}, { cluster: pool({ count: 0 }) }),
    target,
    given: { prepare: { natGateway: { sku: 'StandardV2' } } },
    facts: { subnets: ['nodes'] },
    absent: { snapshot: aByoSnapshot() },
  },
  UANAT_V2_DELEGATED_SUBNET: {
    severity: 'warning',
    snapshot: aByoSnapshot(
      { ...onGateway[0], delegations: ['Microsoft.ContainerService/managedClusters'] },
      {
        natGateways: [{ ...GATEWAY.gateway, sku: 'StandardV2' }],
        publicIps: [{ ...GATEWAY.publicIp, sku: 'StandardV2' }],
      },
    ),
    target,
    facts: { subnets: [{ subnet: 'nodes', services: ['Microsoft.ContainerService/managedClusters'] }] },
    absent: {
      snapshot: aByoSnapshot(
        { ...onGateway[0], delegations: ['Microsoft.ContainerService/managedClusters'] },
        onGateway[1],
      ),
    },
  },
  UANAT_GATEWAY_VNET: {
    severity: 'blocker',
    snapshot: gatewayWith({ subnetIds: [SUBNET.replace('/vnet/', '/elsewhere/')] }),
    target,
    facts: { gateways: ['gateway'] },
  },
  UANAT_GATEWAY_SUBNET: {
    severity: 'blocker',
    snapshot: aByoSnapshot(
      { ...onGateway[0], id: SUBNET.replace('/nodes', '/GatewaySubnet') },
      {
        ...onGateway[1],
        cluster: { agentPools: [aPool({ vnetSubnetId: SUBNET.replace('/nodes', '/GatewaySubnet') })] },
      },
    ),
    target,
    facts: { subnets: ['GatewaySubnet'] },
  },
  UANAT_ATTACH_IS_THE_CUTOVER: {
    severity: 'warning',
    snapshot: aByoSnapshot(),
    target,
    facts: { subnets: ['nodes'] },
  },
  UANAT_PLUGIN: {
    severity: 'warning',
    snapshot: aByoSnapshot(onGateway[0], {
      ...onGateway[1],
      cluster: { ...pool(), networkPlugin: 'kubenet' },
    }),
    target,
  },
}
