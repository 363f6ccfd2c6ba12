import { Type } from 'typebox'
import { TYPE_KEYS, VNET_KINDS } from '../../core/outbound-type.ts'
import { SUPPORTS } from '../../core/plan.ts'
import { EFFECTIVE_PATHS } from '../../core/plan-egress.ts'
import { nullable, text, texts, time, words } from './plain.ts'
import { AZURE_MODES } from './plan.ts'

export const EgressReportSchema = Type.Object(
  {
    cluster: Type.Object({
      id: text(),
      subscriptionId: text(),
      resourceGroup: text(),
      name: text(),
      location: text(),
      vnet: words(VNET_KINDS),
      provisioningState: text(),
      powerState: text(),
    }),
    asOf: time('When the last read ended.'),
    azure: words(AZURE_MODES),
    declared: Type.Object(
      { outboundType: text(), natGatewaySku: nullable(Type.String()) },
      { description: 'What the cluster says.' },
    ),
    effective: words(EFFECTIVE_PATHS, { description: 'What its subnets really do.' }),
    subnets: Type.Array(
      Type.Object({
        id: text(),
        pools: texts(),
        effective: words(EFFECTIVE_PATHS),
        egressIps: texts(),
        natGatewayId: nullable(Type.String()),
        routeTableId: nullable(Type.String()),
        nextHop: nullable(Type.String()),
      }),
    ),
    egressIps: Type.Array(
      Type.Object({
        address: nullable(Type.String()),
        family: words(['IPv4', 'IPv6']),
        resourceId: nullable(Type.String()),
        ownedBy: words(['aks', 'user', 'unknown']),
      }),
    ),
    authorizedRanges: Type.Object({
      mode: words(['off', 'enforced', 'notApplicable', 'nodesPrivate']),
      current: texts(),
      count: Type.Integer(),
      limit: Type.Integer(),
      coversEgress: nullable(Type.Boolean()),
    }),
    targets: Type.Array(
      Type.Object({
        target: words(TYPE_KEYS),
        support: words(SUPPORTS),
        verdict: words(['applicable', 'blocked', 'noChange']),
        blockers: texts(),
        acknowledgements: texts(),
        reversible: Type.Boolean(),
        reason: text(),
      }),
      { description: 'Every possible target with its verdict.' },
    ),
    unread: Type.Array(
      Type.Object({
        what: text(),
        reason: words(['denied', 'not-found', 'failed']),
        code: text(),
        message: text(),
      }),
      { description: 'What could not be read; empty means complete.' },
    ),
  },
  { $id: 'EgressReport' },
)
