import type { Finding } from '../../contract/finding.ts'
import { distinctIds, idKey, isRoute, lastSegment, routeTableOf } from '../arm/resource-id.ts'
import { equalsArm } from '../arm/words.ts'
import type { PlanningContext } from '../context/planning-context.ts'
import { natGatewayIdOf } from '../egress/subnet-attachments.ts'
import { agree, eachOf, listed, named, quoted, these } from '../lib/text.ts'
import { changesCluster } from '../plan/steps/build-steps.ts'
import type { Preparation, ResourceWrite, UnusedReason } from '../preparation/preparation.ts'
import { unusedRemedy } from '../preparation/prepared-snapshot.ts'
import { resourceGroupObstacle } from '../preparation/resource-group.ts'
import { documented, inferred } from '../references/references.ts'
import { vnetKeyOf } from '../snapshot/assemble.ts'
import { neighbourLabel, neighboursOn } from '../snapshot/neighbours.ts'
import type { Snapshot } from '../snapshot/snapshot.ts'
import { type Check, rule } from './rule.ts'

export const PREPARE_NAME_TAKEN = rule<{ resources: { id: string; because: string }[] }>(
  'PREPARE_NAME_TAKEN',
  {
    severity: 'blocker',
    message: (f) =>
      f.resources.length === 1
        ? `The job cannot create ${f.resources.map(({ id, because }) => `\`${lastSegment(id)}\`, because a different resource already has this name: ${because}`).join('')}.`
        : `The job cannot create some resources, because different resources already have the same names: ${listed(f.resources.map(({ id, because }) => `\`${lastSegment(id)}\` (${because})`))}.`,
    remedy: (f) =>
      `Choose another name or resource group in \`prepare\`, or remove the existing resource.${f.resources.some((resource) => /\/natGateways\//i.test(resource.id)) ? ' To use an existing NAT gateway unchanged, set `prepare.natGateway.id` to its ID.' : ''}`,
    source: documented('Azure Resource Manager: a PUT replaces the resource with the same ID'),
  },
)

export const PREPARE_NOTHING_LEFT = rule<{ because: string[] }>('PREPARE_NOTHING_LEFT', {
  severity: 'info',
  message: (f) => `The plan prepares nothing new: ${listed(f.because)}.`,
  remedy:
    'Continue if you want to use the existing resources: the plan contains no preparation steps. Otherwise, specify different values in `prepare`: the job then prepares additional resources, and does not delete the existing resources.',
  source: documented('this plan'),
})

export const PREPARE_PART_UNUSED = rule<{
  parts: { part: string; because: string; reason: UnusedReason }[]
}>('PREPARE_PART_UNUSED', {
  severity: 'warning',
  message: (f) =>
    `The plan does not use ${these('part', f.parts)} of the request: ${listed(f.parts.map(({ part, because }) => `\`${part}\` (${because})`))}.`,
  remedy: (f) => [...new Set(f.parts.map(unusedRemedy))].join(' '),
  source: documented('this plan'),
})

export const PREPARE_PART_MET = rule<{ parts: { part: string; because: string }[] }>('PREPARE_PART_MET', {
  severity: 'info',
  message: (f) =>
    `The plan contains no steps for ${these('part', f.parts)} of the request: ${listed(f.parts.map(({ part, because }) => `\`${part}\` (${because})`))}.`,
  remedy: (f) =>
    `Continue: no action is required, because nothing is missing for ${these('part', f.parts)} of the request.`,
  source: documented('this plan'),
})

export const PREPARE_ROUTE_UNSUPPORTED = rule<{
  routeTable: string
  subnets: { id: string; purpose: string | null }[]
}>('PREPARE_ROUTE_UNSUPPORTED', {
  severity: 'acknowledge',
  message: (f) =>
    `The default route in the route table \`${f.routeTable}\` also applies to the subnet${agree(f.subnets, '', 's')} ${listed(f.subnets.map(({ id, purpose }) => `\`${lastSegment(id)}\` (${purpose})`))}: Azure may reject the route, or the route may break services that need a direct path to the internet.`,
  remedy: ({ subnets }) => {
    const separate = `ttach a separate route table, without the default route, to ${eachOf('subnet', subnets)} first.`
    if (subnets.every(({ purpose }) => purpose !== 'Application Gateway')) return `A${separate}`
    return `Check the deployment type of every application gateway in ${these('subnet', subnets)}, which this service cannot read. If ${these('subnet', subnets)} ${agree(subnets, 'contains', 'contain')} only private deployments, acknowledge this finding: private deployments support the route. Otherwise, a${separate} If the cluster uses kubenet, migrate the cluster to Azure CNI Overlay instead.`
  },
  source: documented(
    'configuration-infrastructure',
    'vpn-gateway-about-vpn-gateway-settings',
    'bastion-faq',
    'Azure/AKS issue 3032',
    { text: 'Azure/application-gateway-kubernetes-ingress issue 1484' },
  ),
})

export const PREPARE_REPLACES_GATEWAY = rule<{
  subnets: { subnet: string; former: string; replacement: string }[]
}>('PREPARE_REPLACES_GATEWAY', {
  severity: 'acknowledge',
  message: (f) =>
    `The job replaces ${listed(f.subnets.map(({ subnet, former, replacement }) => `the NAT gateway \`${former}\` of the subnet \`${subnet}\` with \`${replacement}\``))}: connections are interrupted, and egress addresses change.`,
  remedy:
    'Execute the plan in a maintenance window, and add the new addresses to all allow lists before the job replaces the NAT gateway. If the job creates these addresses, create the job with `holdBeforeCutOver`. The job then creates the addresses, and waits until you release it. The replaced NAT gateway and its addresses remain and incur costs until you delete them.',
  source: documented('nat-gateway-v2-migrate'),
})

export const PREPARE_GATEWAY_UNREADABLE = rule<{ gateway: string }>('PREPARE_GATEWAY_UNREADABLE', {
  severity: 'blocker',
  message: (f) =>
    `The NAT gateway \`${f.gateway}\` does not exist, or this service has no permission to read it.`,
  remedy:
    'Set `prepare.natGateway.id` to an existing NAT gateway that the identity of this service can read, or omit the ID to create a gateway.',
  source: documented('Azure Resource Manager: InvalidResourceReference'),
})

export const PREPARE_GATEWAY_OF_OTHER_NETWORK = rule<{
  gateway: string
  networks: string[]
  subnets: string[]
}>('PREPARE_GATEWAY_OF_OTHER_NETWORK', {
  severity: 'blocker',
  message: (f) =>
    `Azure rejects the NAT gateway \`${f.gateway}\` on ${named('subnet', f.subnets)}, because the gateway already serves ${named('virtual network', f.networks)}, and a NAT gateway supports only one virtual network.`,
  remedy:
    'Set `prepare.natGateway.id` to a NAT gateway that serves no other virtual network, or omit the ID to create a gateway.',
  source: documented('nat-overview'),
})

export const PREPARE_GROUP_IS_MANAGED = rule<{ resourceGroup: string }>('PREPARE_GROUP_IS_MANAGED', {
  severity: 'blocker',
  message: (f) =>
    `AKS manages the resource group \`${f.resourceGroup}\` and may change or delete resources that the job would create there.`,
  remedy:
    'Set `prepare.resourceGroup` to another resource group, or omit this field to use the resource group of the virtual network.',
  source: documented('node-resource-group-lockdown'),
})

export const PREPARE_GROUP_MANAGED_ELSEWHERE = rule<{ resourceGroup: string }>(
  'PREPARE_GROUP_MANAGED_ELSEWHERE',
  {
    severity: 'blocker',
    message: (f) =>
      `Another Azure resource manages the resource group \`${f.resourceGroup}\` and may change or delete resources that the job would create there.`,
    remedy:
      'Set `prepare.resourceGroup` to a resource group without `managedBy`, or omit this field to use the resource group of the virtual network.',
    source: inferred('resourcegroup'),
  },
)

export const PREPARE_GROUP_NOT_GRANTED = rule<{ resourceGroup: string }>('PREPARE_GROUP_NOT_GRANTED', {
  severity: 'blocker',
  message: (f) =>
    `The access policy does not allow the caller to create resources in the resource group \`${f.resourceGroup}\`, which belongs neither to the cluster nor to its virtual network.`,
  remedy:
    'Omit `prepare.resourceGroup`, or ask an operator of this service to change the access policy: your grant for this cluster must list the resource group in `prepareIn`.',
  source: documented('this plan'),
})

export const PREPARE_GROUP_MISSING = rule<{ resourceGroup: string }>('PREPARE_GROUP_MISSING', {
  severity: 'blocker',
  message: (f) =>
    `The resource group \`${f.resourceGroup}\`, in which the job would create resources, does not exist.`,
  remedy: 'Create the resource group, or set `prepare.resourceGroup` to an existing resource group.',
  source: documented('Azure Resource Manager: ResourceGroupNotFound'),
})

export const PREPARE_GROUP_NOT_CHECKED = rule<{ resourceGroup: string }>('PREPARE_GROUP_NOT_CHECKED', {
  severity: 'acknowledge',
  message: (f) =>
    `It is unknown whether AKS or another Azure resource manages the resource group \`${f.resourceGroup}\`: a manager can change or delete the resources that the job creates there.`,
  remedy: (f) =>
    `Assign the identity of this service a role with \`Microsoft.Resources/subscriptions/resourceGroups/read\` on the resource group and create a new plan. Alternatively, run \`az group show -n ${f.resourceGroup} --query managedBy\`: if the output is empty, no Azure resource manages the group, and you can acknowledge this finding.`,
  source: inferred('resourcegroup'),
})

export const CUTOVER_IS_PREPARATION = rule<{
  steps: string[]
  /** The only destinations whose traffic moves, as parts of a sentence; empty if all traffic moves. */
  exceptions: string[]
  neighbours: string[]
  madeHere: number
  /** Whether no later step changes the cluster. */
  isOnly?: true
}>('CUTOVER_IS_PREPARATION', {
  severity: 'warning',
  message: (f) =>
    `Traffic moves in the step${f.steps.length === 1 ? '' : 's'} ${quoted(f.steps)}${f.isOnly === true ? '' : ', before the cluster changes'}: from then on, new connections${f.exceptions.length === 0 ? '' : ` to ${listed(f.exceptions)}`} use the new path${f.neighbours.length === 0 ? '' : `, including connections of other subnets with the same route table: ${listed(f.neighbours)}`}.`,
  remedy: (f) =>
    `${f.madeHere === 0 ? `Add the new addresses to all allow lists before ${agree(f.steps, 'that step', 'the first of these steps')}.` : `Create the job with \`holdBeforeCutOver\`: the job then creates the new addresses, and waits before ${agree(f.steps, 'that step', 'the first of these steps')}. Add these addresses to all allow lists, including your partners', and release the job (\`POST /v1/jobs/{jobId}/release\`).`} ${f.isOnly === true ? 'Undoing' : 'Until the cluster changes, undoing'} ${agree(f.steps, 'that step', 'these steps')} moves the traffic back.`,
  source: inferred('nat-overview', 'nat-gateway-design', 'AKS release notes 2022-05-08'),
})

/** Reports prepared resources that would replace existing ones, and preparation that moves traffic. */
export const checkPreparation: Check = (context) => {
  const { preparation, request } = context
  if (request.prepare === undefined || context.transition?.support === 'unsupported') return []
  const gatewayId = request.prepare.natGateway?.id
  const isUnreadable = gatewayId !== undefined && context.snapshot.natGateways[idKey(gatewayId)] === undefined
  const moving = preparation.writes.filter(({ movesTraffic }) => movesTraffic === true)
  const exceptions = moving.every((write) => write.exceptions !== undefined)
    ? [...new Set(moving.flatMap((write) => write.exceptions ?? []))]
    : []
  return [
    ...unusableGroup(context),
    ...PREPARE_NAME_TAKEN.ifAny({ resources: preparation.conflicts }),
    ...unusedParts(preparation),
    ...(isUnreadable ? [PREPARE_GATEWAY_UNREADABLE.finding({ gateway: gatewayId })] : []),
    ...gatewaysOfOtherNetworks(context),
    ...unsupportedNeighbours(context),
    ...PREPARE_REPLACES_GATEWAY.ifAny({ subnets: replacedGateways(context) }),
    ...CUTOVER_IS_PREPARATION.when(moving.length > 0, {
      steps: moving.map((write) => write.title),
      exceptions,
      neighbours: otherSubnets(moving, context.snapshot),
      madeHere: context.ledger.filter((row) => row.knownAt === 'prepare').length,
      ...(changesCluster(context) ? {} : { isOnly: true as const }),
    }),
  ]
}

const GROUP_RULES = {
  nodeResourceGroup: PREPARE_GROUP_IS_MANAGED,
  managedGroup: PREPARE_GROUP_MANAGED_ELSEWHERE,
  notGranted: PREPARE_GROUP_NOT_GRANTED,
  missing: PREPARE_GROUP_MISSING,
  unread: PREPARE_GROUP_NOT_CHECKED,
}

function unusableGroup({ request, snapshot }: PlanningContext): Finding[] {
  const obstacle = resourceGroupObstacle(request, snapshot)
  const { resourceGroup = '' } = request.prepare ?? {}
  return obstacle === null ? [] : [GROUP_RULES[obstacle].finding({ resourceGroup })]
}

function unusedParts({ writes, conflicts, unused }: Preparation): Finding[] {
  const met = unused.flatMap(({ reason, ...part }) => (reason === null ? [part] : []))
  const ignored = unused.flatMap(({ reason, ...part }) => (reason === null ? [] : [{ ...part, reason }]))
  const because = [...new Set(met.map((entry) => entry.because))]
  const isNothingLeft = writes.length + conflicts.length === 0 && ignored.length === 0
  return isNothingLeft
    ? PREPARE_NOTHING_LEFT.ifAny({ because })
    : [...PREPARE_PART_UNUSED.ifAny({ parts: ignored }), ...PREPARE_PART_MET.ifAny({ parts: met })]
}

/** The existing gateways that would get subnets of a second virtual network. */
function gatewaysOfOtherNetworks({ prepared, snapshot }: PlanningContext): Finding[] {
  const attached = prepared.subnets.filter(({ id, natGatewayId }) => {
    const former = snapshot.subnets.find((subnet) => idKey(subnet.id) === idKey(id))
    return natGatewayId !== null && idKey(former?.natGatewayId ?? '') !== idKey(natGatewayId)
  })
  return distinctIds(attached.flatMap(({ natGatewayId }) => natGatewayId ?? [])).flatMap((gatewayId) => {
    const gateway = snapshot.natGateways[idKey(gatewayId)]
    const { subnetIds = [], sourceVirtualNetworkId = null } = gateway ?? {}
    const served = [
      ...subnetIds.map(vnetKeyOf),
      ...(sourceVirtualNetworkId === null ? [] : [idKey(sourceVirtualNetworkId)]),
    ]
    const subnets = attached.filter(
      ({ id, natGatewayId }) =>
        idKey(natGatewayId ?? '') === idKey(gatewayId) && served.some((network) => network !== vnetKeyOf(id)),
    )
    if (subnets.length === 0) return []
    const networks = [...new Set(served.map(lastSegment))]
    return [
      PREPARE_GATEWAY_OF_OTHER_NETWORK.finding({
        gateway: lastSegment(gatewayId),
        networks,
        subnets: subnets.map(({ id }) => lastSegment(id)),
      }),
    ]
  })
}

/** The gateways that carry traffic now and are replaced. */
function replacedGateways({ preparation, prepared, snapshot }: PlanningContext) {
  const moving = new Set(
    preparation.writes.filter(({ movesTraffic }) => movesTraffic === true).map(({ id }) => idKey(id)),
  )
  return snapshot.subnets.flatMap((subnet) => {
    const former = natGatewayIdOf(subnet, snapshot)
    const later = prepared.subnets.find(({ id }) => idKey(id) === idKey(subnet.id))
    const replacement = later === undefined ? null : natGatewayIdOf(later, prepared)
    if (former === null || replacement === null || equalsArm(former, replacement)) return []
    if (!moving.has(idKey(subnet.id))) return []
    return [
      {
        subnet: lastSegment(subnet.id),
        former: lastSegment(former),
        replacement: lastSegment(replacement),
      },
    ]
  })
}

/** Other subnets with a route table that gets a route. */
function otherSubnets(writes: ResourceWrite[], snapshot: Snapshot): string[] {
  const neighbours = writtenTables(writes, snapshot).flatMap((table) => table.neighbours)
  return [...new Set(neighbours.map(neighbourLabel))]
}

/** The existing route tables that get a default route, with the subnets of others that have them. */
function writtenTables(writes: ResourceWrite[], snapshot: Snapshot) {
  const tables = writes.flatMap(({ id }) => (isRoute(id) ? [routeTableOf(id)] : []))
  return distinctIds(tables).map((id) => ({ id, neighbours: neighboursOn(id, snapshot) }))
}

function unsupportedNeighbours({ preparation, snapshot }: PlanningContext): Finding[] {
  return writtenTables(preparation.writes, snapshot).flatMap(({ id, neighbours }) => {
    const unsupported = neighbours.filter(({ needsInternetRoute }) => needsInternetRoute)
    return PREPARE_ROUTE_UNSUPPORTED.ifAny({
      routeTable: lastSegment(id),
      subnets: unsupported.map((neighbour) => ({ id: neighbour.id, purpose: neighbour.purpose })),
    })
  })
}
