import type { Finding } from '../../contract/finding.ts'
import { idKey, lastSegment, namesOf, parentResourceName } from '../arm/resource-id.ts'
import type { RetentionReason } from '../cleanup/owned-attachments.ts'
import type { PlanningContext } from '../context/planning-context.ts'
import { effectivePathOf } from '../egress/effective-path.ts'
import { gatewaysOn, isStandardV2 } from '../egress/outbound-resources.ts'
import { isEmptySubnet, natGatewayIdOf } from '../egress/subnet-attachments.ts'
import { toCidr, uncovered } from '../lib/cidr.ts'
import { agree, eachOf, listed, listedAs, listedCode, named, quoted, these } from '../lib/text.ts'
import { documented, errorCode, inferred } from '../references/references.ts'
import type { CleanupRequest } from '../request/plan-request.ts'
import type { Snapshot } from '../snapshot/snapshot.ts'
import { type Check, rule } from './rule.ts'

export const CLEAN_UP_OTHER_TYPE = rule<{ expected: string; present: string; leftBehind: number }>(
  'CLEAN_UP_OTHER_TYPE',
  {
    severity: 'blocker',
    severityOverride: (f) => (f.leftBehind > 0 ? 'warning' : null),
    message: (f) =>
      f.leftBehind > 0
        ? `The cluster has the outbound type \`${f.present}\`, not \`${f.expected}\`, so this cleanup detaches only resources that its job attached, and deletes only resources of its job that nothing uses afterward.`
        : `The cluster has the outbound type \`${f.present}\`, not \`${f.expected}\`, so the resources that this cleanup would remove may be in use.`,
    remedy: (f) =>
      `Read the status of the job that set the outbound type \`${f.present}\`. If that job succeeded, create a cleanup plan for it (\`POST /v1/jobs/{jobId}/clean-up-plan\`)${f.leftBehind > 0 ? ' to remove the other resources' : ''}. If that job failed or was canceled, complete the change to \`${f.present}\` with a new plan, and then create the cleanup plan. To return to \`${f.expected}\` instead, execute the rollback plan of that job, which moves the traffic back.`,
    source: documented('this plan'),
  },
)

export const CLEAN_UP_STILL_IN_USE = rule<{ resources: { id: string; by: string[] }[] }>(
  'CLEAN_UP_STILL_IN_USE',
  {
    severity: 'warning',
    message: (f) =>
      `This cleanup keeps resources of the job, because they are still in use: ${listed(f.resources.map(({ id, by }) => `\`${lastSegment(id)}\` (used by ${listedCode(by.map(partName))})`))}.`,
    remedy: (f) =>
      `Check whether ${listed(f.resources.map(({ id }) => `\`${lastSegment(id)}\``))} ${agree(f.resources, 'is', 'are')} still needed. If so, do nothing: this cleanup does not delete ${f.resources.length === 1 ? 'it' : 'them'}. Otherwise, detach ${listed(f.resources.map(({ id, by }) => `\`${lastSegment(id)}\` from ${listedCode(by.map(partName))}`))}. This can move traffic immediately. Then create a new cleanup plan.`,
    source: documented('Azure Resource Manager: PublicIPAddressCannotBeDeleted and similar errors'),
  },
)

export const CLEAN_UP_ROUTE_KEPT = rule<{ routeTable: string; route: string; others: string[] }>(
  'CLEAN_UP_ROUTE_KEPT',
  {
    severity: 'warning',
    message: (f) =>
      `This cleanup keeps the default route \`${f.route}\` in the route table \`${lastSegment(f.routeTable)}\`, because ${named('subnet', f.others.map(partName))} also use${agree(f.others, 's', '')} this table, so egress of the cluster still uses the route.`,
    remedy: (f) =>
      `Attach another route table, with the routes that ${these('subnet', f.others)} ${agree(f.others, 'needs', 'need')}, to ${eachOf('subnet', f.others)}. Then create a new cleanup plan. If ${these('subnet', f.others)} ${agree(f.others, 'does', 'do')} not need the default route, you can delete the route manually instead, which moves traffic immediately. The cleanup does not detach the table from the subnets of the cluster, because kubenet requires the table.`,
    source: documented('configure-kubenet', errorCode('CustomRouteTableInvalidUpdateAttempt')),
  },
)

type KeptRoute = {
  routeTable: string
  route: string
  reason: RetentionReason
  because: string
  ranges: string[]
}

export const CLEAN_UP_OWN_ROUTE_KEPT = rule<KeptRoute>('CLEAN_UP_OWN_ROUTE_KEPT', {
  severity: 'warning',
  message: (f) =>
    `This cleanup keeps the default route \`${f.route}\` in the route table \`${lastSegment(f.routeTable)}\`, because ${f.because}.`,
  remedy: (f) =>
    `${KEPT_ROUTE_REMEDIES[f.reason]}${f.ranges.length === 0 ? '' : ` While the route stays, the cleanup also keeps the authorized IP range${agree(f.ranges, '', 's')} ${listed(f.ranges)}, because nodes may use ${agree(f.ranges, 'this address', 'these addresses')} on this route.`}`,
  source: documented('this plan'),
})

const DELETE_ROUTE =
  'If nothing needs the route, delete the route manually, which moves traffic immediately. Then create a new cleanup plan.'

/** What removes the route, or lets a new cleanup plan remove the route. */
const KEPT_ROUTE_REMEDIES: Record<RetentionReason, string> = {
  inUse:
    'Keep the route while the cluster uses this outbound type. After a change to another type, create a new cleanup plan.',
  unread:
    'Make sure that the identity of this service can read the route table, and create a new cleanup plan.',
  kubenet: `${DELETE_ROUTE} Keep the route table, which kubenet requires.`,
  routeChanged: DELETE_ROUTE,
  tableChanged: DELETE_ROUTE,
  existingRoute:
    'Restore the former next hop of the route manually, which moves traffic immediately: the plan of the job shows the former next hop. If nothing needs the route, delete the route instead. Then create a new cleanup plan.',
  existingTable:
    'If the subnets of the cluster do not need the route table, detach the table from these subnets manually, which can move traffic immediately. Then create a new cleanup plan.',
  shared:
    'Attach another route table, with the routes that they need, to the other subnets that use this table. If these subnets do not need the default route, you can delete the route manually instead, which moves traffic immediately. Then create a new cleanup plan.',
  noOtherPath:
    'Attach a NAT gateway to every subnet that needs egress and has no other path, and create a new cleanup plan. If no subnet needs the route, delete the route manually instead, which moves traffic immediately.',
}

export const CLEAN_UP_GATEWAY_KEPT = rule<{ gateways: string[]; subnets: string[] }>(
  'CLEAN_UP_GATEWAY_KEPT',
  {
    severity: 'warning',
    message: (f) =>
      `The ${listedAs('NAT gateway', f.gateways)} ${agree(f.gateways, 'serves', 'serve')} the whole virtual network and ${agree(f.gateways, 'continues', 'continue')} to carry the traffic of ${named('subnet', f.subnets)} after this cleanup.`,
    remedy: (f) =>
      `If the traffic of ${these('subnet', f.subnets)} must use the path of the outbound type, detach the NAT gateway from the virtual network. The traffic then moves immediately, and the other subnets of the virtual network also lose the gateway.`,
    source: documented('nat-overview'),
  },
)

/** The gateways of a whole virtual network that override the outbound type. A cleanup detaches gateways from subnets only. */
function networkGateways({ prepared, target, request }: PlanningContext): Finding[] {
  const { outboundType: type } = target
  const isGatewayType = type === 'userAssignedNATGateway' || type === 'managedNATGateway'
  if (isGatewayType || request.cleanUp?.detach !== true) return []
  const served = prepared.subnets.filter(
    (subnet) => subnet.natGatewayId === null && effectivePathOf(subnet, prepared, type) === 'natGateway',
  )
  const gateways = served.map((subnet) => lastSegment(natGatewayIdOf(subnet, prepared) ?? ''))
  return CLEAN_UP_GATEWAY_KEPT.ifAny({ gateways: [...new Set(gateways)], subnets: namesOf(served) })
}

export const CLEAN_UP_NOTHING_LEFT = rule('CLEAN_UP_NOTHING_LEFT', {
  severity: 'info',
  message: 'No resources or authorized IP ranges are left to clean up.',
  remedy: 'Continue: no action is required, because this plan makes no change.',
  source: documented('this plan'),
})

export const NARROWING_CUTS_OFF = rule<{ ranges: string[]; addresses: string[] }>('NARROWING_CUTS_OFF', {
  severity: 'blocker',
  message: (f) =>
    f.addresses.length === 0
      ? `Without the authorized IP range${agree(f.ranges, '', 's')} ${listed(f.ranges)}, the API server would allow every address, because no authorized IP range would be left.`
      : `Without the authorized IP range${agree(f.ranges, '', 's')} ${listed(f.ranges)}, the API server would deny access to the nodes, which connect from ${listed(f.addresses)}.`,
  remedy: (f) =>
    `Keep ${these('range', f.ranges)}. To replace ${agree(f.ranges, 'the range', 'the ranges')}, first add the addresses that nodes use, and then remove ${agree(f.ranges, 'the range', 'the ranges')}.`,
  source: documented('api-server-authorized-ip-ranges'),
})

export const CLEAN_UP_MOVES_TRAFFIC = rule<{ steps: string[] }>('CLEAN_UP_MOVES_TRAFFIC', {
  severity: 'warning',
  // If the change did not take effect, the cleanup removes the path that the job attached, not the former path.
  message: (f) =>
    `This cleanup detaches an egress path that is in use, so traffic moves in the step${f.steps.length === 1 ? '' : 's'} ${quoted(f.steps)}.`,
  remedy: (f) =>
    `Read the new egress addresses in the report section "Public IP changes" (\`egressIps\` in the JSON). Add these addresses to all allow lists before ${agree(f.steps, 'this step', 'the first of these steps')}. The outbound type stays the same.`,
  source: documented('nat-overview'),
})

export const CLEAN_UP_V2_EMPTY_SUBNET = rule<{ subnets: string[] }>('CLEAN_UP_V2_EMPTY_SUBNET', {
  severity: 'warning',
  message: (f) =>
    `Detaching a StandardV2 NAT gateway from ${named('empty subnet', f.subnets)} may put the gateway or the virtual network into a failed state if ${agree(f.subnets, 'the subnet', 'one of the subnets')} was created before April 2025.`,
  remedy: (f) =>
    `Add at least one node to ${eachOf('subnet', f.subnets)} first, unless you know that ${agree(f.subnets, 'the subnet was', 'the subnets were')} created in April 2025 or later: Azure Resource Manager does not show this date.`,
  source: inferred('troubleshoot-nat', 'nat-gateway-v2-migrate'),
})

/** The empty subnets that lose a StandardV2 gateway. A failed state is documented for attaching such a gateway. */
function emptySubnets({ snapshot, cleanUp }: PlanningContext): Finding[] {
  const left = new Set(
    cleanUp.detachments
      .filter(({ removes }) => removes === 'natGateway')
      .flatMap(({ subnets }) => subnets.map(idKey)),
  )
  const subnets = snapshot.subnets.filter(
    (subnet) =>
      left.has(idKey(subnet.id)) &&
      gatewaysOn([subnet], snapshot).some(isStandardV2) &&
      isEmptySubnet(subnet, snapshot),
  )
  return CLEAN_UP_V2_EMPTY_SUBNET.ifAny({ subnets: namesOf(subnets) })
}

/** A cleanup must keep all resources that are in use. The check reports the traffic that the cleanup moves. */
export const checkCleanup: Check = (context) => {
  const { request, cleanUp, snapshot, after, ranges, from } = context
  if (request.cleanUp === undefined) return []
  const { detachments, retainedRoutes, retainedAttachments, narrow, inUse } = cleanUp
  const current = snapshot.cluster.authorizedIPRanges
  const expected = request.target.outboundType
  const all = [detachments, retainedRoutes, retainedAttachments, narrow, cleanUp.delete, inUse]
  const isDone = all.every((items) => items.length === 0) && !isAnyUnread(request.cleanUp, snapshot)
  const remaining = current.filter((entry) => !narrow.includes(entry))
  const egressAddresses = after.known.flatMap(({ address }) => (address === null ? [] : [toCidr(address)]))
  // Narrowing does not affect addresses outside the current ranges, such as the load balancer's own, which AKS allows.
  const allowed = egressAddresses.filter(
    (address) => uncovered([...current, ...ranges.add], [address]).length === 0,
  )
  const denied = ranges.mode === 'enforced' ? uncovered([...remaining, ...ranges.add], allowed) : []
  return [
    ...CLEAN_UP_OTHER_TYPE.when(from !== expected, {
      expected,
      present: from ?? String(snapshot.cluster.outboundType),
      leftBehind: detachments.length + cleanUp.delete.length,
    }),
    ...CLEAN_UP_STILL_IN_USE.ifAny({ resources: inUse.map(({ id, by }) => ({ id, by })) }),
    ...retainedRoutes.map((route) => CLEAN_UP_ROUTE_KEPT.finding({ ...route })),
    ...retainedAttachments.map((attachment) =>
      CLEAN_UP_OWN_ROUTE_KEPT.finding({ ...attachment, ranges: cleanUp.retainedRanges }),
    ),
    ...networkGateways(context),
    ...emptySubnets(context),
    ...CLEAN_UP_NOTHING_LEFT.when(from === expected && isDone, {}),
    ...NARROWING_CUTS_OFF.when(
      narrow.length > 0 && (denied.length > 0 || remaining.length + ranges.add.length === 0),
      {
        ranges: narrow,
        addresses: denied,
      },
    ),
    ...CLEAN_UP_MOVES_TRAFFIC.ifAny({
      steps: detachments.filter((step) => step.movesTraffic).map((step) => step.title),
    }),
  ]
}

/** An unread resource may still exist. READ_INCOMPLETE reports it. */
function isAnyUnread({ delete: ids }: CleanupRequest, { unread }: Snapshot): boolean {
  const failed = new Set(unread.filter(({ reason }) => reason !== 'not-found').map(({ what }) => idKey(what)))
  return ids.some((id) => failed.has(idKey(id)))
}

/** `gateway`, `vnet/nodes`: child resources of different parents can have the same name. */
function partName(id: string): string {
  const [resource, name] = [parentResourceName(id), lastSegment(id)]
  return resource === name ? name : `${resource}/${name}`
}
