import { Type } from 'typebox'
import { NAT_GATEWAY_SKUS } from '../../core/outbound-type.ts'
import { nullable, texts, words } from './plain.ts'

/** The complete target of a plan: what the request left out is filled in. */
export const TargetSchema = Type.Union(
  [
    Type.Object({
      outboundType: words(['loadBalancer']),
      loadBalancer: Type.Object({
        managedOutboundIpCount: nullable(Type.Integer()),
        managedOutboundIpv6Count: nullable(Type.Integer()),
        outboundIpIds: texts(),
        outboundIpPrefixIds: texts(),
        allocatedOutboundPorts: Type.Integer(),
        idleTimeoutInMinutes: Type.Integer(),
      }),
    }),
    Type.Object({
      outboundType: words(['managedNATGateway']),
      natGateway: Type.Object({
        sku: words(NAT_GATEWAY_SKUS),
        managedOutboundIpCount: nullable(Type.Integer()),
        managedOutboundIpv6Count: nullable(Type.Integer()),
        outboundIpIds: texts(),
        outboundIpPrefixIds: texts(),
        idleTimeoutInMinutes: Type.Integer(),
      }),
    }),
    Type.Object({
      outboundType: words(['userAssignedNATGateway', 'userDefinedRouting', 'none', 'block']),
    }),
  ],
  { $id: 'Target' },
)
