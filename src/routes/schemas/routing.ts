import { Type } from 'typebox'
import {
  CLOUDS,
  ENDPOINT_NEEDS,
  ENDPOINT_PROTOCOLS,
  OPENNESS,
} from '../../core/endpoints/required-endpoint.ts'
import { ROUTE_LEADS, ROUTE_PROBLEMS } from '../../core/subnet-routing.ts'
import { nullable, ref, text, texts, words } from './plain.ts'

const route = () =>
  Type.Object({
    name: text(),
    addressPrefix: text(),
    nextHopType: text(),
    nextHopIpAddress: nullable(Type.String()),
  })

export const SubnetRoutingSchema = Type.Object(
  {
    subnetId: text(),
    pools: texts(),
    routeTableId: nullable(Type.String()),
    defaultRoute: nullable(route(), {
      description: 'The route for 0.0.0.0/0, the only one that AKS looks at.',
    }),
    halfRoutes: Type.Array(route(), {
      description: 'Routes for 0.0.0.0/1 and 128.0.0.0/1, which outrank it.',
    }),
    leadsTo: words(ROUTE_LEADS, {
      description:
        '`several`: the halves of the internet go different ways. `noRoute`: nothing but what Azure does by itself. `unknown`: the table could not be read.',
    }),
    firewallId: nullable(Type.String(), {
      description: 'The Azure Firewall at the next hop, where it can be told.',
    }),
    problem: nullable(words(ROUTE_PROBLEMS), {
      description: 'Null where nothing is wrong, or where the target does not ask for routes.',
    }),
  },
  { $id: 'SubnetRouting' },
)

export const RequiredEndpointSchema = Type.Object(
  {
    destination: text('A name, which may begin with `*.`; a service tag; or an address.'),
    kind: words(['fqdn', 'serviceTag', 'address']),
    port: Type.Integer(),
    protocol: words(ENDPOINT_PROTOCOLS),
    need: words(ENDPOINT_NEEDS, {
      description:
        '`required`: nodes or an add-on in use do not work without it. `conditional`: some clusters need it, and ARM does not show which. `recommended`: updates are missed without it.',
    }),
    reason: text(),
    when: text('What makes it needed: `always`, `Windows pools`, the name of an add-on.'),
    source: words(['arm', 'list', 'both'], {
      description: '`arm`: AKS named it for this cluster. `list`: the published list.',
    }),
    asOf: text("Date of the list's page, or the day of ARM's answer."),
    open: words(OPENNESS, {
      description:
        'What the firewall does with it. `notProven`: a rule may let it through, and what decides it is not read. `notChecked`: no rules could be looked into.',
    }),
  },
  { $id: 'RequiredEndpoint' },
)

export const RequiredEndpointsSchema = Type.Object(
  {
    asOf: text('Date of the published list.'),
    cloud: words(CLOUDS, { description: '`china` is operated by 21Vianet.' }),
    coverage: Type.Object({
      arm: words(['asked', 'unread', 'notAsked'], {
        description: 'Whether AKS itself was asked, and answered.',
      }),
      why: nullable(Type.String(), { description: 'Why it did not answer.' }),
      notCovered: texts('What no source covers.'),
    }),
    endpoints: Type.Array(ref(RequiredEndpointSchema)),
  },
  { $id: 'RequiredEndpoints' },
)
