import type { LoadBalancerFacts } from '../core/network-facts.ts'
import type { BodyReader } from './body-reader.ts'

/** The facts of a load balancer: where it listens, what it forwards, and through what the nodes go out. */
export function translateLoadBalancer(body: BodyReader): LoadBalancerFacts {
  const properties = body.at('properties')
  return {
    id: body.requiredText('id'),
    name: body.text('name') ?? '',
    sku: body.at('sku').text('name') ?? 'Basic',
    frontends: properties.list('frontendIPConfigurations').map(frontend),
    outboundRules: properties.list('outboundRules').map((rule) => ({
      name: rule.text('name') ?? '',
      frontendIds: rule.at('properties').ids('frontendIPConfigurations'),
      allocatedOutboundPorts: rule.at('properties').number('allocatedOutboundPorts'),
      idleTimeoutInMinutes: rule.at('properties').number('idleTimeoutInMinutes'),
    })),
    loadBalancingRules: properties.list('loadBalancingRules').map((rule) => ({
      name: rule.text('name') ?? '',
      frontendId: rule.at('properties').at('frontendIPConfiguration').text('id') ?? '',
      frontendPort: rule.at('properties').number('frontendPort') ?? 0,
      protocol: rule.at('properties').text('protocol') ?? '',
    })),
  }
}

function frontend(body: BodyReader): LoadBalancerFacts['frontends'][number] {
  const properties = body.at('properties')
  return {
    name: body.text('name') ?? '',
    id: body.text('id') ?? '',
    publicIpId: properties.at('publicIPAddress').text('id'),
    publicIpPrefixId: properties.at('publicIPPrefix').text('id'),
    privateAddress: properties.text('privateIPAddress') || null,
  }
}
