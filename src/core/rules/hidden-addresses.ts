import type { HiddenAddresses } from '../context/address-changes.ts'

/** What to do with new addresses that ARM does not show, as a sentence without its period. */
export function allowHidden(kind: HiddenAddresses, addresses: string, list: string): string {
  switch (kind) {
    case 'pending':
      return `Add the addresses of the NAT gateway or appliance that the target requires to ${list} before the cutover`
    case 'findable':
      return `Find ${addresses}, which Azure Resource Manager does not show, and add these addresses to ${list} before the cutover`
    case 'changeable':
      return `Do not add ${addresses} to ${list}: Azure default outbound access uses addresses that are not visible and can change`
  }
}
