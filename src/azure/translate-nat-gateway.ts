import type { NatGatewayFacts } from '../core/network-facts.ts'
import type { BodyReader } from './body-reader.ts'

/** The facts of a NAT gateway; IPv6 addresses, which StandardV2 lists apart, are among the others. */
export function translateNatGateway(body: BodyReader): NatGatewayFacts {
  const properties = body.at('properties')
  return {
    id: body.requiredText('id'),
    location: body.text('location') ?? '',
    sku: body.at('sku').text('name') ?? 'Standard',
    zones: body.texts('zones'),
    idleTimeoutInMinutes: properties.number('idleTimeoutInMinutes') ?? 4,
    publicIpIds: [...properties.ids('publicIpAddresses'), ...properties.ids('publicIpAddressesV6')],
    publicIpPrefixIds: [...properties.ids('publicIpPrefixes'), ...properties.ids('publicIpPrefixesV6')],
    subnetIds: properties.ids('subnets'),
    provisioningState: properties.text('provisioningState') ?? '',
  }
}
