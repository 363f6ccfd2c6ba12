import { setConfiguration } from '../cluster/maintenance-configurations.ts'
import { references } from '../lib/json.ts'
import type { World } from '../world/world.ts'
import { addCluster, addPublicServices, authorizeRanges } from './add-cluster.ts'
import {
  customerNatGateway,
  customerNetwork,
  customerPublicIp,
  customerRouteTable,
} from './customer-network.ts'
import { routeTableToBranch, routeTableToFirewall } from './hub-firewalls.ts'

/** Stores one cluster under a given name, with all its resources. */
export type Member = (world: World, name: string) => void

/**
 * An office network that may reach API servers. The Azure CLI rejects documentation blocks; no demo resource has
 * these addresses.
 */
export const OFFICE = '20.50.60.0/24'

/** A load balancer profile as a new cluster has it. */
const MANAGED_BALANCER = {
  managedOutboundIPs: { count: 1 },
  allocatedOutboundPorts: 0,
  idleTimeoutInMinutes: 30,
  backendPoolType: 'nodeIPConfiguration',
}

/** Demo clusters in a VNet that AKS manages. */
export const MANAGED_MEMBERS: Record<string, Member> = {
  'lb-managed': (world, name) => {
    addCluster(world, { name, outboundType: 'loadBalancer', loadBalancerProfile: MANAGED_BALANCER })
  },
  'lb-managed-ranges': (world, name) => {
    const spec = { name, outboundType: 'loadBalancer', loadBalancerProfile: MANAGED_BALANCER }
    authorizeRanges(world, addCluster(world, spec), [OFFICE])
  },
  'nat-managed': (world, name) => {
    const cluster = addCluster(world, {
      name,
      outboundType: 'managedNATGateway',
      natGatewayProfile: { managedOutboundIPProfile: { count: 2 }, idleTimeoutInMinutes: 4, sku: 'Standard' },
    })
    setConfiguration(world, cluster, 'aksManagedAutoUpgradeSchedule', {
      maintenanceWindow: {
        schedule: { weekly: { intervalWeeks: 1, dayOfWeek: 'Saturday' } },
        durationHours: 4,
        utcOffset: '+01:00',
        startTime: '22:00',
      },
    })
  },
  'natv2-managed': (world, name) => {
    addCluster(world, {
      name,
      outboundType: 'managedNATGateway',
      natGatewayProfile: {
        managedOutboundIPProfile: { count: 1 },
        idleTimeoutInMinutes: 4,
        sku: 'StandardV2',
      },
    })
  },
  'lb-own-ips': (world, name) => {
    const addresses = [1, 2].map((number) => customerPublicIp(world, `pip-${name}-${number}`))
    const { managedOutboundIPs: _managed, ...rest } = MANAGED_BALANCER
    const loadBalancerProfile = { outboundIPs: { publicIPs: references(addresses) }, ...rest }
    addCluster(world, { name, outboundType: 'loadBalancer', loadBalancerProfile })
  },
  'dualstack-managed': (world, name) => {
    const loadBalancerProfile = { ...MANAGED_BALANCER, managedOutboundIPs: { count: 1, countIPv6: 1 } }
    addCluster(world, { name, outboundType: 'loadBalancer', loadBalancerProfile, isDualStack: true })
  },
  failed: (world, name) => {
    const spec = { name, outboundType: 'loadBalancer', loadBalancerProfile: MANAGED_BALANCER }
    addCluster(world, { ...spec, provisioningState: 'Failed' })
  },
  stopped: (world, name) => {
    const spec = { name, outboundType: 'loadBalancer', loadBalancerProfile: MANAGED_BALANCER }
    addCluster(world, { ...spec, powerState: 'Stopped' })
  },
  isolated: (world, name) => {
    addCluster(world, { name, outboundType: 'none', isPrivate: true, artifactSource: 'Cache' })
  },
}

const LOAD_BALANCED = { outboundType: 'loadBalancer', loadBalancerProfile: MANAGED_BALANCER }

/** Demo clusters in a customer-managed VNet. */
export const CUSTOMER_NETWORK_MEMBERS: Record<string, Member> = {
  'lb-byo': (world, name) => {
    addCluster(world, {
      name,
      ...LOAD_BALANCED,
      subnetIds: customerNetwork(world, name, [{ name: 'nodes' }]),
    })
  },
  'lb-byo-nat-ready': (world, name) => {
    customerNatGateway(world, name)
    addCluster(world, {
      name,
      ...LOAD_BALANCED,
      subnetIds: customerNetwork(world, name, [{ name: 'nodes' }]),
    })
  },
  'lb-byo-nat-attached': (world, name) => {
    const natGatewayId = customerNatGateway(world, name)
    const subnets = [
      { name: 'nodes', natGatewayId },
      { name: 'user', natGatewayId },
    ]
    addCluster(world, { name, ...LOAD_BALANCED, subnetIds: customerNetwork(world, name, subnets) })
  },
  'lb-byo-udr-ready': (world, name) => {
    const routeTableId = routeTableToFirewall(world, name)
    addCluster(world, {
      name,
      ...LOAD_BALANCED,
      subnetIds: customerNetwork(world, name, [{ name: 'nodes', routeTableId }]),
    })
  },
  'lb-byo-udr-internet': (world, name) => {
    const routeTableId = customerRouteTable(world, name, { nextHopType: 'Internet' })
    addCluster(world, {
      name,
      ...LOAD_BALANCED,
      subnetIds: customerNetwork(world, name, [{ name: 'nodes', routeTableId }]),
    })
  },
  'lb-byo-two-subnets': (world, name) => {
    const subnets = [{ name: 'nodes', natGatewayId: customerNatGateway(world, name) }, { name: 'user' }]
    addCluster(world, { name, ...LOAD_BALANCED, subnetIds: customerNetwork(world, name, subnets) })
  },
  'lb-byo-ranges': (world, name) => {
    const subnets = [{ name: 'nodes', natGatewayId: customerNatGateway(world, name) }]
    const cluster = addCluster(world, {
      name,
      ...LOAD_BALANCED,
      subnetIds: customerNetwork(world, name, subnets),
    })
    authorizeRanges(world, cluster, [OFFICE])
  },
  'nat-byo': (world, name) => {
    const subnetIds = customerNetwork(world, name, [
      { name: 'nodes', natGatewayId: customerNatGateway(world, name) },
    ])
    addCluster(world, { name, outboundType: 'userAssignedNATGateway', subnetIds })
  },
  'udr-byo': (world, name) => {
    const subnetIds = customerNetwork(world, name, [
      { name: 'nodes', routeTableId: routeTableToFirewall(world, name) },
    ])
    addCluster(world, { name, outboundType: 'userDefinedRouting', subnetIds })
  },
  'udr-private': (world, name) => {
    const subnetIds = customerNetwork(world, name, [
      { name: 'nodes', routeTableId: routeTableToFirewall(world, name) },
    ])
    addCluster(world, { name, outboundType: 'userDefinedRouting', subnetIds, isPrivate: true })
  },
  // OutboundNAT can be disabled only if something other than the load balancer carries egress.
  'windows-nat': (world, name) => {
    const subnetIds = customerNetwork(world, name, [
      { name: 'nodes', natGatewayId: customerNatGateway(world, name) },
    ])
    addCluster(world, { name, outboundType: 'userAssignedNATGateway', subnetIds, isWindows: true })
  },
  // kubenet writes its pod routes into a customer-managed table, which has no default route.
  'kubenet-byo': (world, name) => {
    const routeTableId = customerRouteTable(world, name, undefined)
    const subnetIds = customerNetwork(world, name, [{ name: 'nodes', routeTableId }])
    addCluster(world, { name, ...LOAD_BALANCED, subnetIds, networkPlugin: 'kubenet' })
  },
  // Its firewall blocks some endpoints that nodes need.
  'lb-services': (world, name) => {
    const subnetIds = customerNetwork(world, name, [
      { name: 'nodes', routeTableId: routeTableToBranch(world, name) },
    ])
    addPublicServices(world, addCluster(world, { name, ...LOAD_BALANCED, subnetIds }))
  },
}
