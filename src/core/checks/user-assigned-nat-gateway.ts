import { effectiveDefaultRouteOf } from '../effective-egress.ts'
import { finding } from '../findings/catalogue.ts'
import type { NatGatewayFacts } from '../network-facts.ts'
import type { Finding } from '../plan.ts'
import type { PlanningContext } from '../planning-context.ts'
import { idKey, nameOf } from '../resource-id.ts'
import { zonesOf } from '../zones.ts'
import type { Check } from './check.ts'

/** The user's NAT gateway must be attached to every subnet and have addresses that fit (rulebook 3.4). */
export const userAssignedNatGateway: Check = (context) => {
  if (context.to !== 'userAssignedNATGateway' || context.vnet.kind !== 'byo' || context.isNoChange) return []
  return [...attachment(context), ...gatewayRules(context), ...shadows(context)]
}

function attachment({ snapshot }: PlanningContext): Finding[] {
  const bare = snapshot.subnets.filter((subnet) => subnet.natGatewayId === null)
  if (bare.length === 0) return []
  return [finding('UANAT_SUBNET_WITHOUT_GATEWAY', { subnets: bare.map(({ id, pools }) => ({ id, pools })) })]
}

function gatewayRules({ snapshot }: PlanningContext): Finding[] {
  const ids = new Map(
    snapshot.subnets.flatMap((each) =>
      each.natGatewayId === null ? [] : [[idKey(each.natGatewayId), each.natGatewayId]],
    ),
  )
  const found = [...ids].map(([key, id]) => ({ id, facts: snapshot.natGateways[key] }))
  const unread = found.filter(({ facts }) => facts === undefined).map(({ id }) => nameOf(id))
  const gateways = found.flatMap(({ facts }) => (facts === undefined ? [] : [facts]))
  const findings = unread.length === 0 ? [] : [finding('UANAT_UNREADABLE', { gateways: unread })]
  const empty = namesOf(gateways, (each) => each.publicIpIds.length + each.publicIpPrefixIds.length === 0)
  if (empty.length > 0) findings.push(finding('UANAT_NO_ADDRESS', { gateways: empty }))
  const standard = namesOf(gateways, (each) => each.sku.toLowerCase() === 'standard')
  if (standard.length > 0 && snapshot.cluster.ipFamilies.includes('IPv6'))
    findings.push(finding('UANAT_DUALSTACK', { gateways: standard }))
  if (standard.length > 0 && zonesOf(snapshot.cluster).length > 1)
    findings.push(finding('UANAT_SINGLE_ZONE', { gateways: standard }))
  return findings
}

function shadows({ snapshot }: PlanningContext): Finding[] {
  const shadowed = snapshot.subnets.filter((subnet) => {
    const route = effectiveDefaultRouteOf(subnet, snapshot.routeTables)
    return (
      route !== null &&
      typeof route !== 'string' &&
      /^Virtual(Appliance|NetworkGateway)$/i.test(route.nextHopType)
    )
  })
  return shadowed.length === 0
    ? []
    : [finding('UANAT_SHADOWED_BY_ROUTE', { subnets: shadowed.map((each) => nameOf(each.id)) })]
}

function namesOf(gateways: NatGatewayFacts[], holds: (gateway: NatGatewayFacts) => boolean): string[] {
  return gateways.filter(holds).map((each) => nameOf(each.id))
}
