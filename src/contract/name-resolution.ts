import { type Static, Type } from 'typebox'
import { enumOf, nullable, string, strings } from './fields.ts'

const DNS_LOCATIONS = ['clusterNetwork', 'peeredNetwork', 'otherNetwork', 'elsewhere'] as const
const DNS_PATHS = ['direct', 'firewall', 'none', 'unknown'] as const
export type DnsPath = (typeof DNS_PATHS)[number]

const DnsServerSchema = Type.Object({
  address: string(),
  location: enumOf(DNS_LOCATIONS, {
    description:
      '`elsewhere`: no virtual network that this service read contains the address, such as a server on premises.',
  }),
  virtualNetworkIds: strings(
    'The virtual networks that contain the address. Several if their address spaces overlap.',
  ),
  firewallId: nullable(Type.String(), { description: 'The Azure Firewall that answers at the address.' }),
  dnsProxy: nullable(Type.Boolean(), {
    description: 'Whether the DNS proxy of the firewall is on. Null without a firewall, or if it is unknown.',
  }),
  before: enumOf(DNS_PATHS, {
    description:
      'The path of DNS queries from the nodes before the change. `direct`: no route leads them to an appliance. `none`: a route drops them. `unknown`: the path depends on a route that Azure Resource Manager does not show, for example to an address on premises.',
  }),
  after: enumOf(DNS_PATHS),
})
export type DnsServer = Static<typeof DnsServerSchema>

const PrivateZoneSchema = Type.Object({
  mode: enumOf(['system', 'custom', 'none'], {
    description: '`none`: the cluster has no private zone and uses public DNS.',
  }),
  id: nullable(Type.String()),
  linkedVirtualNetworkIds: nullable(Type.Array(Type.String()), {
    description: 'The virtual networks that the zone is linked to. Null if the links were not read.',
  }),
  resolvable: enumOf(['yes', 'no', 'unknown'], {
    description:
      'Whether the DNS servers of the nodes can resolve the private name of the API server. `unknown` also for a custom DNS server whose forwarding ARM does not show; `because` says what to check.',
  }),
  because: string(),
})
export type PrivateZone = Static<typeof PrivateZoneSchema>

/** How nodes resolve names, and the effect of the change on it. */
export const NameResolutionSchema = Type.Object(
  {
    servers: Type.Array(DnsServerSchema, {
      description: 'Custom DNS servers. Empty if the nodes use the DNS of Azure, which no route affects.',
    }),
    privateZone: nullable(PrivateZoneSchema, {
      description: 'The private DNS zone of a private cluster. Null for other clusters.',
    }),
  },
  { $id: 'NameResolution' },
)
export type NameResolution = Static<typeof NameResolutionSchema>
