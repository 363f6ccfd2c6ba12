import type { HiddenAddresses } from '../context/address-changes.ts'

/** What to do with new addresses that ARM does not show, as a sentence without its period. */
export function allowHidden(kind: HiddenAddresses, addresses: string, list: string): string {
  switch (kind) {
    case 'pending':
      return `Add the addresses of the required NAT gateway or appliance to ${list} before the cutover`
    case 'findable':
      return `Find ${addresses}, which Azure Resource Manager does not show, and add these addresses to ${list} before the cutover`
    case 'changeable':
      return `Do not add ${addresses} to ${list}: Azure default outbound access uses addresses that are not visible and can change`
  }
}

/** What to do with the source addresses of packets to destinations with a separate route. */
export const EXCEPTION_ADVICE = {
  new: 'Read the new source addresses in the report section "Egress paths before and after" (`paths` in the JSON), and add these addresses to the allow lists of these destinations before the cutover.',
  created:
    'If an address does not exist yet, add the address as soon as the job reports it (`result.egressIps`).',
  hidden:
    'If this section shows no address for a path, ask the team that operates the path for the public addresses: Azure Resource Manager does not show these addresses.',
  changeable:
    'If a destination has an allow list, do not rely on Azure default outbound access: its addresses are not visible and can change. Add the addresses of a NAT gateway to this list instead. Then attach this gateway to the subnets, which moves traffic immediately.',
  none: 'Attach a NAT gateway to the subnets, or add a route to an appliance, for the destinations that would lose their egress path. Both actions can move other traffic immediately.',
}
