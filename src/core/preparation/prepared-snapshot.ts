import type { OutboundType } from '../../contract/outbound-type.ts'
import type { RequestedPreparation } from '../../contract/preparation.ts'
import { typeOfKey } from '../arm/outbound-type.ts'
import { idKey, isRoute, routeTableOf } from '../arm/resource-id.ts'
import type { PlanningRequest } from '../request/plan-request.ts'
import type { Snapshot } from '../snapshot/snapshot.ts'
import type { Placement, Preparation, ResourceWrite, UnusedPart, UnusedReason } from './preparation.ts'

/**
 * The network after the preparation, or after the attachments in `done` only. New addresses are marked as not created
 * yet.
 */
export function preparedSnapshot(
  snapshot: Snapshot,
  { planned, writes }: Preparation,
  done: ResourceWrite[] = writes,
): Snapshot {
  if (writes.length === 0) return snapshot
  const written = new Set(done.map(({ id }) => idKey(isRoute(id) ? routeTableOf(id) : id)))
  const tables = planned.routeTables.filter(({ id }) => written.has(idKey(id)))
  return {
    ...snapshot,
    publicIps: { ...snapshot.publicIps, ...keyed(planned.publicIps) },
    publicIpPrefixes: { ...snapshot.publicIpPrefixes, ...keyed(planned.publicIpPrefixes) },
    natGateways: { ...snapshot.natGateways, ...keyed(planned.natGateways) },
    routeTables: { ...snapshot.routeTables, ...keyed(tables) },
    subnets: snapshot.subnets.map((subnet) =>
      written.has(idKey(subnet.id)) ? { ...subnet, ...planned.attachments[idKey(subnet.id)] } : subnet,
    ),
  }
}

function keyed<T extends { id: string }>(items: T[]): Record<string, T> {
  return Object.fromEntries(items.map((item) => [idKey(item.id), item]))
}

const PARTS = ['publicIps', 'publicIpPrefix', 'natGateway', 'defaultRoute'] as const
type Part = (typeof PARTS)[number]

/** The target of the writes of a part: a resource of this type, or a field of a subnet. */
const TRACES: Record<Part, RegExp> = {
  publicIps: /\/publicIPAddresses\//i,
  publicIpPrefix: /\/publicIPPrefixes\//i,
  natGateway: /\/natGateways?(\/|$)/i,
  defaultRoute: /\/routeTables?(\/|$)/i,
}

/**
 * The parts of a request that cause no write, no conflict, and no other entry of the preparation. They are reported, so
 * that no part of a request is ignored without notice.
 */
export function unusedParts(
  { target }: Pick<PlanningRequest, 'target'>,
  wanted: RequestedPreparation,
  place: Placement,
  { writes, conflicts, unused }: Preparation,
): UnusedPart[] {
  const traces = [
    ...[...writes, ...conflicts].map(({ id }) => id),
    ...writes.flatMap(({ changes }) => changes.map(({ path }) => path)),
  ]
  // A gateway that matches the request also has the requested addresses.
  const hasGateway = unused.some(({ part, reason }) => part === 'prepare.natGateway' && reason === null)
  const coversAddresses = hasGateway && wanted.natGateway?.id === undefined
  const isMentioned = (part: Part) =>
    traces.some((trace) => TRACES[part].test(trace)) ||
    unused.some((entry) => entry.part.startsWith(`prepare.${part}`)) ||
    (coversAddresses && isAddress(part))
  const parts = PARTS.filter((part) => wanted[part] !== undefined && !isMentioned(part)).map((part) => ({
    part: `prepare.${part}`,
    ...reasonOf(part, typeOfKey(target.outboundType).outboundType, wanted),
  }))
  const group = idKey(`${place.group}/`)
  const isGroupUsed = writes.some(
    ({ id, body }) => body !== null && !isRoute(id) && idKey(id).startsWith(group),
  )
  if (wanted.resourceGroup === undefined || isGroupUsed) return parts
  const isMet = [...unused, ...parts].every(({ reason }) => reason === null) && traces.length === 0
  const reason = isMet ? null : ('noResource' as const)
  return [...parts, { part: 'prepare.resourceGroup', because: 'the job creates no resource', reason }]
}

function isAddress(part: Part): boolean {
  return part === 'publicIps' || part === 'publicIpPrefix'
}

const ADDRESS_TYPES = ['loadBalancer', 'managedNATGateway', 'userAssignedNATGateway']
const OWNERS: Record<Part, readonly string[]> = {
  publicIps: ADDRESS_TYPES,
  publicIpPrefix: ADDRESS_TYPES,
  natGateway: ['userAssignedNATGateway'],
  defaultRoute: ['userDefinedRouting'],
}

function reasonOf(part: Part, type: OutboundType, wanted: RequestedPreparation): Omit<UnusedPart, 'part'> {
  if (!OWNERS[part].includes(type)) return { because: `it does not apply to ${type}`, reason: 'otherType' }
  if (!isAddress(part)) return { because: 'no subnet of the cluster could be read', reason: 'subnetsUnread' }
  return part === 'publicIps' && wanted.publicIpPrefix !== undefined
    ? { because: 'the request asks for a public IP prefix instead', reason: 'prefixRequested' }
    : { because: 'the job creates no NAT gateway', reason: 'noGateway' }
}

const READ_AND_PLAN = 'to the identity of this service, and create a new plan.'

/** What a reader does about an unused part. */
export function unusedRemedy({ part, reason }: { part: string; reason: UnusedReason }): string {
  const remove = `Remove \`${part}\` from the request`
  switch (reason) {
    case 'tablesExist':
      return `${remove}, because no subnet needs a new route table.`
    case 'tableUnread':
      return `Assign the Reader role on the route table ${READ_AND_PLAN}`
    case 'gatewayUnread':
      return `Assign the Reader role on the NAT gateway ${READ_AND_PLAN}`
    case 'subnetsUnread':
      return `Assign the Reader role on the subnets of the cluster ${READ_AND_PLAN}`
    case 'otherType':
      return `${remove}, or choose a target that uses this part.`
    case 'prefixRequested':
      return `${remove} to use the prefix, or remove \`prepare.publicIpPrefix\`.`
    case 'noGateway':
      return `${remove}, or request a new NAT gateway for these addresses (\`prepare.natGateway\` without \`id\`).`
    case 'noResource':
      return `${remove}, because the job creates no resource in this group.`
  }
}
