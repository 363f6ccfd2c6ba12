import { idKey, lastSegment } from '../arm/resource-id.ts'
import type { PlanningContext } from '../context/planning-context.ts'
import { listed, quoted } from '../lib/text.ts'
import { documented, inferred } from '../references/references.ts'
import { type Check, rule } from './rule.ts'

export const PREPARE_NAME_TAKEN = rule<{ resources: { id: string; because: string }[] }>(
  'PREPARE_NAME_TAKEN',
  {
    severity: 'blocker',
    message: (f) =>
      `A different resource already uses a name that the plan would assign: ${listed(f.resources.map((resource) => `${lastSegment(resource.id)} (${resource.because})`))}.`,
    remedy: (f) =>
      `Choose another name or resource group in \`prepare\`, or remove the existing resource.${f.resources.some((resource) => /\/natGateways\//i.test(resource.id)) ? ' To use an existing NAT gateway unchanged, set `prepare.natGateway.id` to its ID.' : ''}`,
    source: documented('Azure Resource Manager: a PUT replaces the resource with the same ID'),
  },
)

export const PREPARE_NOTHING_LEFT = rule('PREPARE_NOTHING_LEFT', {
  severity: 'info',
  message: 'All resources that the request would prepare already exist.',
  remedy: 'Expect no preparation steps in this plan.',
  source: documented('this plan'),
})

export const PREPARE_GATEWAY_UNREADABLE = rule<{ gateway: string }>('PREPARE_GATEWAY_UNREADABLE', {
  severity: 'blocker',
  message: (f) =>
    `The NAT gateway ${f.gateway} does not exist, or this service has no permission to read it.`,
  remedy:
    'Set `prepare.natGateway.id` to an existing NAT gateway that the planning identity can read, or omit the ID to create a gateway.',
  source: documented('Azure Resource Manager: InvalidResourceReference'),
})

export const CUTOVER_IS_PREPARATION = rule<{ steps: string[]; neighbours: string[]; madeHere: number }>(
  'CUTOVER_IS_PREPARATION',
  {
    severity: 'warning',
    message: (f) =>
      `Traffic moves before the cluster changes: new connections use the new path from the step${f.steps.length === 1 ? '' : 's'} ${quoted(f.steps)} onward${f.neighbours.length === 0 ? '' : `, including connections of others with the same route table: ${listed(f.neighbours)}`}.`,
    remedy: (f) =>
      `Add the new addresses to all allow lists before that step.${f.madeHere === 0 ? '' : ' If partners need the addresses first, create the job with `holdBeforeCutOver`: the job creates the addresses, stops before that step, and continues when it is released.'} Until the cluster changes, restoring the previous values moves the traffic back.`,
    source: inferred('nat-overview', 'nat-gateway-design', 'AKS release notes 2022-05-08'),
  },
)

/** Reports prepared resources that would replace existing ones, and preparation that moves traffic. */
export const checkPreparation: Check = (context) => {
  const { preparation, request } = context
  if (request.prepare === undefined || context.transition?.support === 'unsupported') return []
  const gatewayId = request.prepare.natGateway?.id
  const isUnreadable = gatewayId !== undefined && context.snapshot.natGateways[idKey(gatewayId)] === undefined
  const steps = preparation.writes
    .filter((write) => write.movesTraffic && write.isOutranked !== true)
    .map((write) => write.title)
  const madeHere = context.ledger.filter((row) => row.knownAt === 'prepare').length
  return [
    ...PREPARE_NAME_TAKEN.ifAny({ resources: preparation.conflicts }),
    ...PREPARE_NOTHING_LEFT.when(preparation.conflicts.length + preparation.writes.length === 0, {}),
    ...(isUnreadable ? [PREPARE_GATEWAY_UNREADABLE.finding({ gateway: gatewayId })] : []),
    ...CUTOVER_IS_PREPARATION.when(steps.length > 0, { steps, neighbours: otherSubnets(context), madeHere }),
  ]
}

/** Other subnets with a route table that gets a route. */
function otherSubnets({ preparation, snapshot }: PlanningContext): string[] {
  const clusterSubnets = new Set(snapshot.subnets.map((subnet) => idKey(subnet.id)))
  const tables = Object.values(snapshot.routeTables).filter((table) =>
    preparation.writes.some(({ id }) => idKey(id).startsWith(`${idKey(table.id)}/routes/`)),
  )
  const others = tables.flatMap((table) => table.subnetIds).filter((id) => !clusterSubnets.has(idKey(id)))
  return [...new Set(others.map((id) => `subnet ${id.split('/').slice(-3).join('/')}`))]
}
