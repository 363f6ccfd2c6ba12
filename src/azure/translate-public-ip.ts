import type { PublicIpFacts } from '../core/network-facts.ts'
import type { BodyReader } from './body-reader.ts'

/** The facts of a public IP address. What ARM leaves out has ARM's default: Basic, IPv4, Dynamic. */
export function translatePublicIp(body: BodyReader): PublicIpFacts {
  const properties = body.at('properties')
  return {
    id: body.requiredText('id'),
    location: body.text('location') ?? '',
    sku: body.at('sku').text('name') ?? 'Basic',
    zones: body.texts('zones'),
    address: properties.text('ipAddress') || null,
    version: ipVersion(properties),
    allocationMethod: properties.text('publicIPAllocationMethod') ?? 'Dynamic',
    attachedTo: properties.at('ipConfiguration').text('id'),
    natGatewayId: properties.at('natGateway').text('id'),
    routingPreferenceInternet: properties.list('ipTags').some(isInternetRouting),
    ddosProtected: properties.at('ddosSettings').text('protectionMode')?.toLowerCase() === 'enabled',
    tags: body.textMap('tags'),
    provisioningState: properties.text('provisioningState') ?? '',
  }
}

/** `publicIPAddressVersion`, which addresses and prefixes have; IPv4 when it is not said. */
export function ipVersion(properties: BodyReader): 'IPv4' | 'IPv6' {
  return properties.text('publicIPAddressVersion')?.toLowerCase() === 'ipv6' ? 'IPv6' : 'IPv4'
}

function isInternetRouting(ipTag: BodyReader): boolean {
  return (
    ipTag.text('ipTagType')?.toLowerCase() === 'routingpreference' &&
    ipTag.text('tag')?.toLowerCase() === 'internet'
  )
}
