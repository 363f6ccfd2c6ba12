import type { EffectivePath } from '../../contract/egress.ts'
import type { HiddenAddresses } from '../context/address-changes.ts'
import { named } from '../lib/text.ts'
import { listLearnedRoutes } from './learned-routes.ts'

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
  fewer:
    'Remove the addresses that these packets no longer use from the allow lists of these destinations after the change.',
}

/** Egress paths whose addresses ARM does not show. */
export type HiddenPaths = {
  paths: EffectivePath[]
  /** Firewalls on these paths that send packets to another hop, or may do so. */
  forwarding?: string[]
  /** The virtual hub that the network of the cluster is connected to. */
  hub?: string
}

const ADD_ADDRESSES = 'Add these addresses to all allow lists before the cutover.'

/** How to find or replace the addresses of a path; the first path in the list that a plan has counts. */
const FIND_ADDRESSES: [EffectivePath, (paths: HiddenPaths) => string][] = [
  ['virtualAppliance', findAppliance],
  [
    'virtualNetworkGateway',
    () =>
      `Ask the team that operates the network behind the virtual network gateway for the public addresses of this egress path. ${ADD_ADDRESSES}`,
  ],
  [
    'natGateway',
    () =>
      'Assign the Reader role on the NAT gateway and its public IPs to the identity of this service, and create a new plan.',
  ],
  [
    'instancePublicIp',
    () =>
      'Read the public IPs of the nodes with `az vmss list-instance-public-ips`, and add these IPs to all allow lists before the cutover. New nodes can have other public IPs.',
  ],
  [
    'defaultOutbound',
    () =>
      'If you need known addresses, add the addresses of a NAT gateway to all allow lists. Then attach this gateway to the subnets, which moves traffic immediately. Do not rely on the addresses of Azure default outbound access, which can change.',
  ],
]

/** How to find the public addresses of paths that ARM does not show. */
export function findHidden(hidden: HiddenPaths): string {
  const found = FIND_ADDRESSES.find(([path]) => hidden.paths.includes(path))
  return found === undefined
    ? `${listLearnedRoutes(hidden.hub, 'to find the egress path')}. Find the public addresses of this path, and add these addresses to all allow lists before the cutover.`
    : found[1](hidden)
}

function findAppliance({ forwarding = [], hub }: HiddenPaths): string {
  if (forwarding.length > 0)
    return `Check whether routes send packets of ${named('firewall', forwarding)} to another next hop: look at the route table of the subnet, and at routes that the virtual network learns over BGP. If so, ask the team that operates this next hop for the public addresses. ${ADD_ADDRESSES}`
  const ask = `Ask the team that operates the appliance for the public addresses of the appliance. ${ADD_ADDRESSES}`
  return hub === undefined
    ? `${ask} For an Azure Firewall, you can instead assign the Reader role on the subscription of the firewall to the identity of this service, and create a new plan.`
    : `${listLearnedRoutes(hub, 'to find the appliance')}. ${ask}`
}
