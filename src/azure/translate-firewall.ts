import type { FirewallFacts } from '../core/network-facts.ts'
import type { BodyReader } from './body-reader.ts'
import { translateClassicRules } from './translate-firewall-rules.ts'

/**
 * The facts of an Azure Firewall: the addresses that routes lead to, and those that its traffic leaves
 * from. The management configuration is left out, because no workload's traffic passes it. A firewall
 * in a virtual hub shows its private address under `hubIPAddresses`.
 */
export function translateFirewall(body: BodyReader): FirewallFacts {
  const properties = body.at('properties')
  const configurations = properties.list('ipConfigurations').map((item) => item.at('properties'))
  const holders = [...configurations, properties.at('hubIPAddresses')]
  return {
    id: body.requiredText('id'),
    privateAddresses: holders.flatMap((item) => item.text('privateIPAddress') || []),
    publicIpIds: configurations.flatMap((item) => item.at('publicIPAddress').text('id') ?? []),
    subnetIds: configurations.flatMap((item) => item.at('subnet').text('id') ?? []),
    policyId: properties.at('firewallPolicy').text('id') || null,
    dnsProxy: properties.textMap('additionalProperties')['Network.DNS.EnableProxy']?.toLowerCase() === 'true',
    collections: translateClassicRules(properties),
  }
}
