import type { Cloud } from '../../contract/routing.ts'

/** The form in which regions are compared: ARM shows `eastus` in some places and `East US` in others. */
export function regionKey(location: string): string {
  return location.toLowerCase().replaceAll(' ', '')
}

export function isSameRegion(left: string, right: string): boolean {
  return regionKey(left) === regionKey(right)
}

/** The cloud of a region: ARM's names of regions in sovereign clouds have a prefix that no other region has. */
export function cloudOf(location: string): Cloud {
  const region = regionKey(location)
  if (/^us(gov|dod)/.test(region)) return 'usGovernment'
  return region.startsWith('china') ? 'china' : 'public'
}

/** Regions of the public cloud without a StandardV2 NAT gateway, as ARM names them (nat-sku as of 2026-07-27). */
const REGIONS_WITHOUT_STANDARD_V2 = [
  'canadaeast',
  'indonesiacentral',
  'israelnorthwest',
  'qatarcentral',
  'swedensouth',
  'westindia',
]

/** Whether the region has StandardV2 NAT gateways; sovereign clouds do not (nat-sku). */
export function hasStandardV2NatGateways(location: string): boolean {
  return cloudOf(location) === 'public' && !REGIONS_WITHOUT_STANDARD_V2.includes(regionKey(location))
}
