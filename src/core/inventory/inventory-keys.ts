import type { InventoryFacts } from '../../contract/inventory.ts'
import { readOutboundType } from '../arm/outbound-type.ts'
import { foldCase } from '../lib/fold-case.ts'

/** The type key of the support matrix, or the word of ARM for a type that the matrix does not list. */
export function typeKeyOf({ declared: { outboundType, natGatewaySku } }: InventoryFacts): string {
  const type = readOutboundType(outboundType, natGatewaySku)
  return type.kind === 'unknown' ? outboundType : type.key
}

/** A filter `name` or `name=value`. ARM ignores the letter case of tag names, but not of values (Learn: tag-resources). */
export function tagKey(tag: string): string {
  const [name = '', ...value] = tag.split('=')
  return [foldCase(name), ...value].join('=')
}

/** The filters that the tags of a cluster match. A tag name with `=`, which Azure allows, matches only as a whole. */
export function tagKeys(tags: InventoryFacts['tags']): string[] {
  return Object.entries(tags).flatMap(([name, value]) => [foldCase(name), `${foldCase(name)}=${value}`])
}
