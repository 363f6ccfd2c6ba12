import { networkError } from '../arm/arm-error.ts'
import { clusterRefOf, poolsOf } from '../arm/managed-cluster.ts'
import { idsAt, type JsonObject, lowerCaseAt, objectsAt, textAt } from '../lib/json.ts'
import { digitsOf } from '../world/identifiers.ts'
import type { World } from '../world/world.ts'

/** The resource to which a public IP or prefix is attached: a frontend, an IP configuration or a NAT gateway. */
export function holderOf(body: JsonObject): string | undefined {
  return (
    textAt(body, 'properties', 'ipConfiguration', 'id') ??
    textAt(body, 'properties', 'natGateway', 'id') ??
    textAt(body, 'properties', 'loadBalancerFrontendIpConfiguration', 'id')
  )
}

/**
 * Rejects the DELETE of a network resource that another resource uses. Codes and messages are from public error
 * reports. The messages of route tables, prefixes and firewall policies are inferred.
 * @throws ArmError 400 with the code of the type
 */
export function assertUnused(world: World, body: JsonObject): void {
  const { id } = body
  const subnets = idsAt(body, 'properties', 'subnets')
  const holder = holderOf(body)
  const refuse = (code: string, message: string) => networkError(400, code, message)
  const refuseByList = (what: string, code: string, users: string[]) =>
    refuse(
      code,
      `${what} ${id} cannot be deleted because it is in use by the following resources: ${users.join(', ')}. In order to delete the ${what}, remove the association with the resource(s).`,
    )
  switch (lowerCaseAt(body, 'type')) {
    case 'microsoft.network/virtualnetworks':
      for (const subnet of objectsAt(body, 'properties', 'subnets')) assertSubnetUnused(world, subnet)
      return
    case 'microsoft.network/publicipaddresses':
      if (holder === undefined) return
      throw refuse(
        'PublicIPAddressCannotBeDeleted',
        `Public IP address ${id} can not be deleted since it is still allocated to resource ${holder}. In order to delete the public IP, disassociate/detach the Public IP address from the resource.  To learn how to do this, see aka.ms/deletepublicip.`,
      )
    case 'microsoft.network/publicipprefixes': {
      const users = [
        ...(holder === undefined ? [] : [holder]),
        ...idsAt(body, 'properties', 'publicIPAddresses'),
      ]
      if (users.length === 0) return
      throw refuseByList('Public IP prefix', 'InUsePublicIpPrefixCannotBeDeleted', users)
    }
    case 'microsoft.network/natgateways':
      if (subnets.length === 0) return
      throw refuse(
        'CannotDeleteNatGatewayAssociatedToSubnet',
        `NAT Gateway ${id} is still configured on ${subnets.length} subnets. Remove NAT Gateway from all referenced subnets and then delete NAT Gateway.`,
      )
    case 'microsoft.network/routetables':
      if (subnets.length === 0) return
      throw refuseByList('Route table', 'InUseRouteTableCannotBeDeleted', subnets)
    case 'microsoft.network/networksecuritygroups':
      if (subnets.length === 0) return
      throw refuseByList('Network security group', 'InUseNetworkSecurityGroupCannotBeDeleted', subnets)
    case 'microsoft.network/firewallpolicies': {
      const users = ['firewalls', 'childPolicies'].flatMap((list) => idsAt(body, 'properties', list))
      if (users.length === 0) return
      throw refuseByList('Firewall policy', 'InUseFirewallPolicyCannotBeDeleted', users)
    }
  }
}

/** Rejects the deletion of a subnet, or a change that `refusal` names, while the subnet is in use. */
export function assertSubnetUnused(
  world: World,
  subnet: JsonObject,
  refusal?: { code: string; message: string },
): void {
  const user = subnetUser(world, lowerCaseAt(subnet, 'id'))
  if (user === undefined) return
  const { code, message } = refusal ?? {
    code: 'InUseSubnetCannotBeDeleted',
    message: `Subnet ${subnet.name} is in use by ${user} and cannot be deleted. In order to delete the subnet, delete all the resources within the subnet. See aka.ms/deletesubnet.`,
  }
  throw networkError(400, code, message)
}

/** Types that refer to subnets without having addresses in them. */
const OUTSIDE = ['virtualnetworks', 'natgateways', 'routetables', 'networksecuritygroups']

/** The resources with an address in a subnet: the nodes and the API server of a cluster, or network resources. */
function subnetUser(world: World, subnetId: string): string | undefined {
  for (const body of world.all()) {
    const type = lowerCaseAt(body, 'type')
    if (type === 'microsoft.containerservice/managedclusters') {
      const user = clusterIn(body, subnetId)
      if (user !== undefined) return user
    } else if (type.startsWith('microsoft.network/') && !OUTSIDE.some((other) => type.endsWith(other))) {
      const text = JSON.stringify(body.properties ?? {}).toLowerCase()
      if (text.includes(JSON.stringify(subnetId))) return String(body.id)
    }
  }
  return undefined
}

/** Nodes of a scale set have the addresses; its name is that of AKS, without the interfaces below it. */
function clusterIn(cluster: JsonObject, subnetId: string): string | undefined {
  if (lowerCaseAt(cluster, 'properties', 'apiServerAccessProfile', 'subnetId') === subnetId)
    return String(cluster.id)
  const pool = poolsOf(cluster).find((each) =>
    [lowerCaseAt(each, 'vnetSubnetID'), lowerCaseAt(each, 'podSubnetID')].includes(subnetId),
  )
  if (pool === undefined) return undefined
  const group = textAt(cluster, 'properties', 'nodeResourceGroup')
  const name = `aks-${pool.name}-${digitsOf(String(cluster.id))}-vmss`
  return `/subscriptions/${clusterRefOf(cluster).subscription}/resourceGroups/${group}/providers/Microsoft.Compute/virtualMachineScaleSets/${name}`
}
