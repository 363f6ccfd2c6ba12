import type { SubnetFacts } from '../core/network-facts.ts'
import type { BodyReader } from './body-reader.ts'
import { translateSubnet } from './translate-subnet.ts'

/** A virtual network with its subnets, which ARM shows inside it. */
export function translateVirtualNetwork(body: BodyReader): { id: string; subnets: SubnetFacts[] } {
  return {
    id: body.requiredText('id'),
    subnets: body.at('properties').list('subnets').map(translateSubnet),
  }
}
