import { addCluster, addPublicServices, authorizeRanges } from './add-cluster.ts'
import { routeTableToBranch, routeTableToFirewall } from './hub.ts'
import { MANAGED_BALANCER, type Member, OFFICE } from './managed-members.ts'
import { ownNatGateway, ownNetwork, ownRouteTable } from './own-network.ts'

const BALANCED = { outboundType: 'loadBalancer', loadBalancerProfile: MANAGED_BALANCER }

/** Demo clusters in a customer's own VNet. */
export const OWN_NETWORK_MEMBERS: Record<string, Member> = {
  'lb-byo': (world, name) => {
    addCluster(world, { name, ...BALANCED, subnetIds: ownNetwork(world, name, [{ name: 'nodes' }]) })
  },
  'lb-byo-nat-ready': (world, name) => {
    ownNatGateway(world, name)
    addCluster(world, { name, ...BALANCED, subnetIds: ownNetwork(world, name, [{ name: 'nodes' }]) })
  },
  'lb-byo-nat-attached': (world, name) => {
    const natGatewayId = ownNatGateway(world, name)
    const subnets = [
      { name: 'nodes', natGatewayId },
      { name: 'user', natGatewayId },
    ]
    addCluster(world, { name, ...BALANCED, subnetIds: ownNetwork(world, name, subnets) })
  },
  'lb-byo-udr-ready': (world, name) => {
    const routeTableId = routeTableToFirewall(world, name)
    addCluster(world, {
      name,
      ...BALANCED,
      subnetIds: ownNetwork(world, name, [{ name: 'nodes', routeTableId }]),
    })
  },
  'lb-byo-udr-internet': (world, name) => {
    const routeTableId = ownRouteTable(world, name, { nextHopType: 'Internet' })
    addCluster(world, {
      name,
      ...BALANCED,
      subnetIds: ownNetwork(world, name, [{ name: 'nodes', routeTableId }]),
    })
  },
  'lb-byo-two-subnets': (world, name) => {
    const subnets = [{ name: 'nodes', natGatewayId: ownNatGateway(world, name) }, { name: 'user' }]
    addCluster(world, { name, ...BALANCED, subnetIds: ownNetwork(world, name, subnets) })
  },
  'lb-byo-ranges': (world, name) => {
    const subnets = [{ name: 'nodes', natGatewayId: ownNatGateway(world, name) }]
    const cluster = addCluster(world, { name, ...BALANCED, subnetIds: ownNetwork(world, name, subnets) })
    authorizeRanges(world, cluster, [OFFICE])
  },
  'nat-byo': (world, name) => {
    const subnetIds = ownNetwork(world, name, [{ name: 'nodes', natGatewayId: ownNatGateway(world, name) }])
    addCluster(world, { name, outboundType: 'userAssignedNATGateway', subnetIds })
  },
  'udr-byo': (world, name) => {
    const subnetIds = ownNetwork(world, name, [
      { name: 'nodes', routeTableId: routeTableToFirewall(world, name) },
    ])
    addCluster(world, { name, outboundType: 'userDefinedRouting', subnetIds })
  },
  'udr-private': (world, name) => {
    const subnetIds = ownNetwork(world, name, [
      { name: 'nodes', routeTableId: routeTableToFirewall(world, name) },
    ])
    addCluster(world, { name, outboundType: 'userDefinedRouting', subnetIds, isPrivate: true })
  },
  // OutboundNAT can be disabled only where something other than the load balancer carries egress.
  'windows-nat': (world, name) => {
    const subnetIds = ownNetwork(world, name, [{ name: 'nodes', natGatewayId: ownNatGateway(world, name) }])
    addCluster(world, { name, outboundType: 'userAssignedNATGateway', subnetIds, isWindows: true })
  },
  // kubenet writes its pod routes into a table of the customer's; no default route is in it.
  'kubenet-byo': (world, name) => {
    const routeTableId = ownRouteTable(world, name, undefined)
    const subnetIds = ownNetwork(world, name, [{ name: 'nodes', routeTableId }])
    addCluster(world, { name, ...BALANCED, subnetIds, networkPlugin: 'kubenet' })
  },
  // Its firewall does not let everything through that nodes need.
  'lb-services': (world, name) => {
    const subnetIds = ownNetwork(world, name, [
      { name: 'nodes', routeTableId: routeTableToBranch(world, name) },
    ])
    addPublicServices(world, addCluster(world, { name, ...BALANCED, subnetIds }))
  },
}
