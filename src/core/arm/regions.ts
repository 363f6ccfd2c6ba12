/** The form in which regions are compared: ARM shows `eastus` in some places and `East US` in others. */
export function regionKey(location: string): string {
  return location.toLowerCase().replaceAll(' ', '')
}

/**
 * Regions without a StandardV2 NAT gateway, as ARM names them. Source: nat-sku as of 2026-07-27;
 * the page also excludes the sovereign clouds, whose regions are told by their prefix in ARM's names.
 */
export const REGIONS_WITHOUT_STANDARD_V2: readonly string[] = [
  'canadaeast',
  'indonesiacentral',
  'israelnorthwest',
  'qatarcentral',
  'swedensouth',
  'westindia',
  'usgovvirginia',
  'usgovtexas',
  'usgovarizona',
  'usdodcentral',
  'usdodeast',
  'chinaeast',
  'chinaeast2',
  'chinaeast3',
  'chinanorth',
  'chinanorth2',
  'chinanorth3',
]
