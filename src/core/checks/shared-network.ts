import { leadsToAppliance } from '../effective-egress.ts'
import { isAksOwned } from '../egress-addresses.ts'
import { finding } from '../findings/catalogue.ts'
import type { OutboundType } from '../outbound-type.ts'
import type { Finding } from '../plan.ts'
import type { PlanningContext } from '../planning-context.ts'
import { idKey, nameOf } from '../resource-id.ts'
import type { Check } from './check.ts'

/** Types whose preparation and cleaning up are done on subnets, so that whoever shares them is met too. */
const ON_SUBNETS: (OutboundType | null)[] = ['userAssignedNATGateway', 'userDefinedRouting']

/** Gateways, tables and subnets of the cluster that others use as well (rulebook SHARED_NATGW_WAVE, SUBNET_SHARED). */
export const sharedNetwork: Check = (context) => {
  const { vnet, from, to, declared, target, cleanUp } = context
  // A clean-up touches only the subnets that it takes something off, whatever the type is.
  const cleaned = cleanUp.detachments.flatMap(({ subnets }) => subnets)
  if (cleaned.length > 0) return sharedSubnets(context, cleaned)
  const isTouched = ON_SUBNETS.includes(declared) || ON_SUBNETS.includes(target.outboundType)
  if (vnet.kind !== 'byo' || from === to || !isTouched) return []
  return [
    ...sharedResources(context),
    ...sharedSubnets(
      context,
      context.snapshot.subnets.map(({ id }) => id),
    ),
  ]
}

function sharedResources({ snapshot }: PlanningContext): Finding[] {
  const mine = new Set(snapshot.subnets.map((subnet) => idKey(subnet.id)))
  const gateways = snapshot.subnets.flatMap((each) => each.natGatewayId ?? [])
  // A table without a default route decides nothing here, and many subnets of a network may share it.
  const tables = snapshot.subnets
    .filter((each) => leadsToAppliance(each, snapshot))
    .flatMap((each) => each.routeTableId ?? [])
  const resources = distinct([...gateways, ...tables])
    .filter((id) => !isAksOwned(id, snapshot))
    .map((id) => {
      const found = snapshot.natGateways[idKey(id)] ?? snapshot.routeTables[idKey(id)]
      const others = (found?.subnetIds ?? []).filter((subnet) => !mine.has(idKey(subnet)))
      return { id, otherSubnets: others.length, examples: others.slice(0, 5) }
    })
    .filter(({ otherSubnets }) => otherSubnets > 0)
  return resources.length === 0 ? [] : [finding('SHARED_NATGW_WAVE', { resources })]
}

function sharedSubnets({ snapshot, snapshot: { cluster } }: PlanningContext, touched: string[]): Finding[] {
  const ids = new Set(touched.map(idKey))
  const own = idKey(`/subscriptions/${cluster.subscriptionId}/resourceGroups/${cluster.nodeResourceGroup}`)
  const subnets = snapshot.subnets
    .filter(({ id }) => ids.has(idKey(id)))
    .map((subnet) => ({
      subnet: nameOf(subnet.id),
      groups: subnet.occupantGroups.filter((group) => group !== own).map(nameOf),
    }))
    .filter(({ groups }) => groups.length > 0)
  return subnets.length === 0 ? [] : [finding('SUBNET_SHARED', { subnets })]
}

function distinct(ids: string[]): string[] {
  return [...new Map(ids.map((id) => [idKey(id), id])).values()]
}
