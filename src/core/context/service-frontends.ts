import { distinctIds, idKey, lastSegment } from '../arm/resource-id.ts'
import { isAksOwned } from '../egress/addresses.ts'
import { interruptedChange } from '../egress/interrupted-change.ts'
import { aksLoadBalancer, SERVICE_TAGS } from '../egress/outbound-resources.ts'
import { listed, listedCode } from '../lib/text.ts'
import type { LoadBalancerFacts } from '../snapshot/network-facts.ts'
import { customerIpIds } from '../snapshot/network-profile.ts'
import type { Snapshot } from '../snapshot/snapshot.ts'
import { managedIpCount } from '../target/egress-profile.ts'
import type { PlanningContext } from './planning-context.ts'

type Frontend = LoadBalancerFacts['frontends'][number]

/** A public frontend of the AKS load balancer on which Services listen. */
export interface ServiceFrontend {
  name: string
  /** The public IP or prefix of the frontend. */
  resourceId: string | null
  address: string | null
  /** Such as `TCP 443`. */
  ports: string[]
  /** `namespace/name` of its Services, if the tags of the address contain them. */
  services: string[]
}

/** The public frontends with inbound rules. A frontend with only outbound rules does not count. */
export function publicServiceFrontends(snapshot: Snapshot): ServiceFrontend[] {
  const balancer = aksLoadBalancer(snapshot)
  return (balancer?.frontends ?? []).flatMap((frontend) => {
    const rules = (balancer?.loadBalancingRules ?? []).filter(
      ({ frontendId }) => idKey(frontendId) === idKey(frontend.id),
    )
    if (rules.length === 0 || frontend.privateAddress !== null) return []
    const ports = rules.map((rule) => `${rule.protocol.toUpperCase()} ${rule.frontendPort}`)
    const { name } = frontend
    return [{ name, ...addressOf(frontend, snapshot), ports: [...new Set(ports)] }]
  })
}

function addressOf({ publicIpId, publicIpPrefixId }: Frontend, { publicIps, publicIpPrefixes }: Snapshot) {
  const ip = publicIps[idKey(publicIpId ?? '')]
  const prefix = publicIpPrefixes[idKey(publicIpPrefixId ?? '')]
  const tags = SERVICE_TAGS.flatMap((tag) => ip?.tags[tag]?.split(',') ?? [])
  return {
    resourceId: publicIpId ?? publicIpPrefixId,
    address: ip?.address ?? prefix?.prefix ?? null,
    services: [...new Set(tags.map((name) => name.trim()).filter((name) => name !== ''))],
  }
}

/** ``the Service `shop/web` ``, or the ports if the tags of the address do not name its Services. */
export function serviceLabel({ services, ports }: Pick<ServiceFrontend, 'services' | 'ports'>): string {
  if (services.length > 0) return `the Service${services.length === 1 ? '' : 's'} ${listedCode(services)}`
  return `a Service on ${ports.join(', ')}`
}

/** `20.1.2.3`, or the name of the resource whose address is unknown. */
export function frontendAddress({ address, resourceId, name }: ServiceFrontend): string {
  return address ?? `\`${resourceId === null ? name : lastSegment(resourceId)}\``
}

/** The frontend of Services that uses this public IP or prefix; null if there is none. */
export function serviceFrontendOn(id: string, snapshot: Snapshot): ServiceFrontend | null {
  const uses = ({ resourceId }: ServiceFrontend) => resourceId !== null && idKey(resourceId) === idKey(id)
  return publicServiceFrontends(snapshot).find(uses) ?? null
}

/** The frontends of Services whose addresses AKS releases, or may release, in this change. */
export function releasedFrontends(context: PlanningContext): ServiceFrontend[] {
  const { ids } = releasedByLoadBalancer(context)
  return ids.flatMap((id) => serviceFrontendOn(id, context.snapshot) ?? [])
}

/** The effect on the frontends of Services whose addresses AKS releases or may release. */
export function frontendsAfter(context: PlanningContext): string {
  const lost = releasedFrontends(context)
  if (lost.length === 0)
    return 'Service frontends do not change, because the outbound type affects egress only.'
  const { isCertain } = releasedByLoadBalancer(context)
  const may = isCertain ? '' : 'may '
  return lost.length === 1
    ? `The frontend of ${listed(lost.map(serviceLabel))} ${isCertain ? 'loses' : 'may lose'} its address, which is an outbound address of the cluster.`
    : `The frontends of ${listed(lost.map(serviceLabel))} ${may}lose their addresses, which are outbound addresses of the cluster.`
}

/**
 * The AKS-managed addresses that the load balancer profile releases: all of them if the outbound type changes or
 * customer-provided addresses replace them, or some of them if fewer are requested. AKS chooses which ones (inferred).
 */
export function releasedByLoadBalancer({ snapshot, from, target, changesEgress }: PlanningContext): {
  ids: string[]
  isCertain: boolean
} {
  // After an interrupted change, AKS still releases the addresses of the former type, unless the plan does not complete it.
  const isLeft = interruptedChange(snapshot)?.former === 'loadBalancer' && changesEgress
  if (from !== 'loadBalancer' && !isLeft) return { ids: [], isCertain: true }
  const profile = snapshot.cluster.loadBalancerProfile
  const isAks = (id: string) => isAksOwned(id, snapshot)
  const wanted = target.outboundType === 'loadBalancer' ? customerIpIds(target.loadBalancer) : []
  const named = customerIpIds(profile)
  // A customer-provided address can also be in the node resource group.
  const unnamed = idsWithout(named, wanted).filter(isAks)
  const managed = idsWithout(profile?.effectiveOutboundIpIds ?? [], named).filter(isAks)
  if (target.outboundType !== 'loadBalancer' || wanted.length > 0)
    return { ids: [...unnamed, ...managed], isCertain: true }
  // Azure does not define whether AKS keeps the addresses of an outbound type to which the cluster returns.
  if (from !== 'loadBalancer') return { ids: [...unnamed, ...managed], isCertain: false }
  const reduced = (['IPv4', 'IPv6'] as const).map((family) => {
    const ids = managed.filter((id) => (snapshot.publicIps[idKey(id)]?.version ?? 'IPv4') === family)
    const count = managedIpCount(target, family)
    return { ids: ids.length > count ? ids : [], isCertain: count === 0 }
  })
  return {
    ids: [...unnamed, ...reduced.flatMap(({ ids }) => ids)],
    isCertain: reduced.every(({ ids, isCertain }) => ids.length === 0 || isCertain),
  }
}

function idsWithout(ids: string[], others: string[]): string[] {
  const keys = new Set(others.map(idKey))
  return distinctIds(ids).filter((id) => !keys.has(idKey(id)))
}
