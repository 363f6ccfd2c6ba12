import { namedSubnets } from '../cluster/cluster-facts.ts'
import { findSubnet } from '../egress/subnet.ts'
import { aksError } from '../http/arm-error.ts'
import { listAt, textAt } from '../json.ts'
import { isTypeChange, type Refusal } from './refusal.ts'

const ADDRESS_LISTS = ['publicIpAddresses', 'publicIpPrefixes', 'publicIpAddressesV6', 'publicIpPrefixesV6']

/** Every node and pod subnet needs a gateway, and the gateway an address (rulebook 3.4; words inferred). */
export const subnetsWithoutNatGateway: Refusal = (change) => {
  if (change.to !== 'userAssignedNATGateway' || !isTypeChange(change)) return undefined
  for (const subnetId of namedSubnets(change.current)) {
    const subnet = findSubnet(change.world, subnetId)
    const gatewayId = textAt(subnet, 'properties', 'natGateway', 'id')
    if (gatewayId === undefined)
      return aksError(
        400,
        'SubnetNotAssociatedWithNATGateway',
        `The subnet ${subnetId} is not associated with a NAT Gateway. Please see https://aka.ms/aks/outboundtype for more details`,
        'networkProfile.outboundType',
      )
    const gateway = change.world.get(gatewayId)
    if (ADDRESS_LISTS.every((list) => listAt(gateway, 'properties', list).length === 0))
      return aksError(
        400,
        'NATGatewayNotAssociatedWithPublicIPOrIPPrefix',
        `The NAT Gateway ${gatewayId} is not associated with a public IP or public IP prefix. Please see https://aka.ms/aks/outboundtype for more details`,
        'networkProfile.outboundType',
      )
  }
  return undefined
}
