import { type Static, Type } from 'typebox'
import { enumOf, nullable, ref, string, strings } from './fields.ts'

/**
 * The next hop of internet traffic. `several`: parts of the internet have different next hops. `noRoute`: the
 * default of Azure. `unknown`: the table could not be read.
 */
export const ROUTE_DESTINATIONS = [
  'azureFirewall',
  'virtualAppliance',
  'virtualNetworkGateway',
  'internet',
  'virtualNetwork',
  'nowhere',
  'several',
  'noRoute',
  'unknown',
] as const
export type RouteDestination = (typeof ROUTE_DESTINATIONS)[number]

/** Why AKS rejects a subnet for userDefinedRouting, as codes of findings. */
export const ROUTE_PROBLEMS = [
  'UDR_NO_ROUTE_TABLE',
  'UDR_ROUTE_TABLE_UNREADABLE',
  'UDR_NO_DEFAULT_ROUTE',
  'UDR_DEFAULT_ROUTE_MAY_COME_BY_BGP',
  'UDR_NEXT_HOP_INTERNET',
  'UDR_NEXT_HOP_NONE',
  'UDR_BAD_NEXT_HOP',
  'UDR_NEXT_HOP_IP',
] as const
export type RouteProblem = (typeof ROUTE_PROBLEMS)[number]

const route = () =>
  Type.Object({
    name: string(),
    addressPrefix: string(),
    nextHopType: string(),
    nextHopIpAddress: nullable(Type.String()),
  })

/** How the route table of one subnet sends packets to the internet. */
export const SubnetRoutingSchema = Type.Object(
  {
    subnetId: string(),
    pools: strings(),
    routeTableId: nullable(Type.String()),
    defaultRoute: nullable(route(), {
      description: 'The route for 0.0.0.0/0. AKS checks no other route.',
    }),
    halfRoutes: Type.Array(route(), {
      description: 'Routes for 0.0.0.0/1 and 128.0.0.0/1. They take precedence over the default route.',
    }),
    leadsTo: enumOf(ROUTE_DESTINATIONS, {
      description:
        'The next hop for internet traffic. `several`: parts of the IPv4 address space have different next hops. `noRoute`: no such route exists, and the default routing of Azure applies. `unknown`: the route table could not be read.',
    }),
    firewallId: nullable(Type.String(), {
      description: 'The ID of the Azure Firewall at the next hop, if it is known.',
    }),
    problem: nullable(enumOf(ROUTE_PROBLEMS), {
      description:
        'The reason why AKS rejects the routing. Null if there is no problem, or the target requires no routes.',
    }),
  },
  { $id: 'SubnetRouting' },
)
export type SubnetRouting = Static<typeof SubnetRoutingSchema>

/** `HTTPS` and `HTTP` are TCP that a firewall can inspect. */
const ENDPOINT_PROTOCOLS = ['HTTPS', 'HTTP', 'TCP', 'UDP'] as const
export type EndpointProtocol = (typeof ENDPOINT_PROTOCOLS)[number]

/**
 * `required`: nodes do not start or stay ready without it. `conditional`: some clusters need it, and ARM does not show
 * which. `recommended`: nodes work without it, but without updates.
 */
export const ENDPOINT_NEEDS = ['required', 'conditional', 'recommended'] as const
export type EndpointNeed = (typeof ENDPOINT_NEEDS)[number]

/**
 * What the rules of the firewall do with an endpoint. `open`: a rule allows it from every subnet. `notProven`: a rule
 * may allow it, depending on unread data (IP groups, addresses of a name). `blocked`: no rule allows it, or a rule denies
 * it. `notChecked`: no rules could be read.
 */
export const OPENNESS = ['open', 'notProven', 'notChecked', 'blocked'] as const
export type Openness = (typeof OPENNESS)[number]

/** A destination that nodes must reach through an appliance. A service tag may name a region: `AzureCloud.eastus`. */
export const RequiredEndpointSchema = Type.Object(
  {
    destination: string('A host name, which may start with `*.`; a service tag; or an IP address.'),
    kind: enumOf(['fqdn', 'serviceTag', 'address']),
    port: Type.Integer(),
    protocol: enumOf(ENDPOINT_PROTOCOLS),
    need: enumOf(ENDPOINT_NEEDS, {
      description:
        '`required`: nodes or an enabled add-on do not work without the endpoint. `conditional`: some clusters need it, and ARM does not show which clusters. `recommended`: nodes work without it but receive no updates.',
    }),
    reason: string(),
    when: string(
      'The condition that requires the endpoint: `always`, a kind of node pool such as `Windows pools`, or the name of a feature.',
    ),
    source: enumOf(['arm', 'list', 'both'], {
      description:
        '`arm`: AKS reported the endpoint for this cluster. `list`: the published list contains it.',
    }),
    asOf: string('The date of the published list, or the date of the ARM response.'),
    open: enumOf(OPENNESS, {
      description:
        'Whether the firewall allows the endpoint. `notProven`: a rule may allow it, depending on data that was not read. `notChecked`: no firewall rules could be read.',
    }),
  },
  { $id: 'RequiredEndpoint' },
)
export type RequiredEndpoint = Static<typeof RequiredEndpointSchema>

/** Azure's clouds, each with its own endpoints; `china` is operated by 21Vianet. */
const CLOUDS = ['public', 'usGovernment', 'china'] as const
export type Cloud = (typeof CLOUDS)[number]

/** The endpoints that nodes must reach through an appliance. */
export const RequiredEndpointsSchema = Type.Object(
  {
    asOf: string('The date of the published list.'),
    source: string('The title of the page that publishes the list.'),
    cloud: enumOf(CLOUDS, { description: '`china` is operated by 21Vianet.' }),
    coverage: Type.Object({
      arm: enumOf(['asked', 'unread', 'notAsked'], {
        description:
          '`asked`: AKS returned the endpoints. `unread`: the request to AKS failed. `notAsked`: no request was sent.',
      }),
      why: nullable(Type.String(), { description: 'The reason why AKS returned no endpoints.' }),
      notCovered: strings('Endpoints that neither the published list nor AKS lists.'),
    }),
    endpoints: Type.Array(ref(RequiredEndpointSchema)),
  },
  { $id: 'RequiredEndpoints' },
)
export type RequiredEndpoints = Static<typeof RequiredEndpointsSchema>
