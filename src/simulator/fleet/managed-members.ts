import { references } from '../json.ts'
import type { World } from '../world/world.ts'
import { addCluster, authorizeRanges } from './add-cluster.ts'
import { ownPublicIp } from './own-network.ts'

/** Puts one cluster, under a given name, with all that is its own. */
export type Member = (world: World, name: string) => void

/** An office network that may reach API servers; from a block kept for documentation. */
export const OFFICE = '203.0.113.0/24'

/** A load balancer profile as a new cluster has it. */
export const MANAGED_BALANCER = {
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
    addCluster(world, {
      name,
      outboundType: 'managedNATGateway',
      natGatewayProfile: { managedOutboundIPProfile: { count: 2 }, idleTimeoutInMinutes: 4, sku: 'Standard' },
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
    const addresses = [1, 2].map((number) => ownPublicIp(world, `pip-${name}-${number}`))
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
