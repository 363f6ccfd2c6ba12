import { addressOf, isAksOwned } from '../egress-addresses.ts'
import type { ResourceChange } from '../plan.ts'
import type { PlanningContext } from '../planning-context.ts'
import type { NatGatewayTarget } from '../target.ts'
import {
  addressesMadeByAks,
  attachedAddress,
  createdAddresses,
  exchangedAddresses,
  releasedAddress,
} from './address-changes.ts'
import { change, TYPES } from './change.ts'

/** Entering a managed NAT gateway: gateway, addresses and the subnet's association are AKS's work (EO, NG). */
export function enterNatGateway(context: PlanningContext, wanted: NatGatewayTarget): ResourceChange[] {
  const own = [...wanted.outboundIpIds, ...wanted.outboundIpPrefixIds]
  return [
    change({
      action: 'create',
      type: TYPES.natGateway,
      because: `AKS makes a ${wanted.sku} NAT gateway in the node resource group.`,
      confidence: 'documented',
      properties: [
        { path: '/sku/name', before: null, after: wanted.sku },
        { path: '/properties/idleTimeoutInMinutes', before: null, after: wanted.idleTimeoutInMinutes },
      ],
    }),
    ...own.map((id) => attachedAddress(id, 'NAT gateway')),
    ...createdAddresses(wanted, [], wanted.sku, 'the NAT gateway'),
    change({
      action: 'attach',
      type: TYPES.subnet,
      id: context.snapshot.subnets[0]?.id ?? null,
      because: "AKS attaches the NAT gateway to the cluster's subnet.",
      confidence: 'documented',
    }),
  ]
}

/** Leaving: the gateway comes off the subnet and is deleted with the addresses that AKS made (N-, EO and REL). */
export function leaveNatGateway(context: PlanningContext): ResourceChange[] {
  const { snapshot } = context
  const gateways = managedGatewayIds(context)
  const addresses = snapshot.cluster.natGatewayProfile?.effectiveOutboundIpIds ?? []
  return [
    ...gateways.map((id) =>
      change({
        action: 'delete',
        type: TYPES.natGateway,
        id,
        because: 'AKS takes its NAT gateway off the subnet and deletes it.',
        confidence: 'inferred',
      }),
    ),
    ...addresses.map((id) => releasedAddress(addressOf(id, snapshot), id, 'NAT gateway')),
  ]
}

/** Standard to StandardV2 is a new gateway under the same name, not an upgrade (BLOG; NATV2_FROM_V1_REPLACES). */
export function replaceNatGateway(context: PlanningContext): ResourceChange[] {
  return leaveNatGateway(context).map((each) =>
    each.type === TYPES.natGateway
      ? {
          ...each,
          because: 'A SKU cannot be altered: the gateway is deleted and made again under the same name.',
        }
      : each,
  )
}

/** Same type, other parameters. */
export function resizeNatGateway(context: PlanningContext, wanted: NatGatewayTarget): ResourceChange[] {
  const profile = context.snapshot.cluster.natGatewayProfile
  return [
    ...managedGatewayIds(context).map((id) =>
      change({
        action: 'update',
        type: TYPES.natGateway,
        id,
        because: 'AKS adapts its NAT gateway to the new parameters.',
        confidence: 'documented',
      }),
    ),
    ...exchangedAddresses(context, profile, wanted, 'NAT gateway'),
    ...createdAddresses(wanted, addressesMadeByAks(profile, context), wanted.sku, 'the NAT gateway'),
  ]
}

function managedGatewayIds({ snapshot }: PlanningContext): string[] {
  const ids = snapshot.subnets.flatMap((subnet) =>
    subnet.natGatewayId === null ? [] : [subnet.natGatewayId],
  )
  return [...new Set(ids)].filter((id) => isAksOwned(id, snapshot))
}
