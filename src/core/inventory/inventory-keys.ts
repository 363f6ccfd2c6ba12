import type { InventoryFacts } from '../../contract/inventory.ts'
import { readOutboundType } from '../arm/outbound-type.ts'
import { foldCase } from '../lib/fold-case.ts'

/** The type key of the support matrix, or ARM's own word for a type that no edition of the matrix knows. */
export function typeKeyOf({ declared: { outboundType, natGatewaySku } }: InventoryFacts): string {
  const type = readOutboundType(outboundType, natGatewaySku)
  return type.kind === 'unknown' ? outboundType : type.key
}

/** A filter `name` or `name=value`. Names of tags have no letter case in ARM, and values have one (Learn: tag-resources). */
export function tagKey(tag: string): string {
  const [name = '', ...value] = tag.split('=')
  return [foldCase(name), ...value].join('=')
}

/** What the tags of a cluster match. A name with `=`, which Azure allows, matches only as a whole. */
export function tagKeys(tags: InventoryFacts['tags']): string[] {
  return Object.entries(tags).flatMap(([name, value]) => [foldCase(name), `${foldCase(name)}=${value}`])
}
