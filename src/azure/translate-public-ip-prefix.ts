import type { PublicIpPrefixFacts } from '../core/network-facts.ts'
import type { BodyReader } from './body-reader.ts'
import { faultOfBody } from './fault-mapping.ts'
import { ipVersion } from './translate-public-ip.ts'

/** The facts of a public IP prefix. */
export function translatePublicIpPrefix(body: BodyReader): PublicIpPrefixFacts {
  const properties = body.at('properties')
  const prefixLength = properties.number('prefixLength')
  if (prefixLength === null) throw faultOfBody('properties.prefixLength is missing')
  return {
    id: body.requiredText('id'),
    location: body.text('location') ?? '',
    sku: body.at('sku').text('name') ?? 'Standard',
    zones: body.texts('zones'),
    prefix: properties.text('ipPrefix') || null,
    prefixLength,
    version: ipVersion(properties),
    natGatewayId: properties.at('natGateway').text('id'),
    loadBalancerFrontendId: properties.at('loadBalancerFrontendIpConfiguration').text('id'),
    publicIpIds: properties.ids('publicIPAddresses'),
    customIpPrefixId: properties.at('customIPPrefix').text('id'),
    provisioningState: properties.text('provisioningState') ?? '',
  }
}
