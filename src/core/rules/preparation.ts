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
      `Under the name that the plan would give stands something else: ${listed(f.resources.map((resource) => `${lastSegment(resource.id)} (${resource.because})`))}.`,
    remedy: (f) =>
      `Name it otherwise, choose another resource group in prepare, or remove what stands there.${f.resources.some((resource) => /\/natGateways\//i.test(resource.id)) ? ' A gateway that may be taken as it is can be named by its id (prepare.natGateway.id).' : ''}`,
    source: documented('Azure Resource Manager: a PUT replaces what has the same id'),
  },
)

export const PREPARE_NOTHING_LEFT = rule('PREPARE_NOTHING_LEFT', {
  severity: 'info',
  message: 'Everything that was to be prepared is there already.',
  remedy: 'Nothing to do.',
  source: documented('this plan'),
})

export const PREPARE_GATEWAY_UNREADABLE = rule<{ gateway: string }>('PREPARE_GATEWAY_UNREADABLE', {
  severity: 'blocker',
  message: (f) => `The NAT gateway ${f.gateway} does not exist, or this service may not read it.`,
  remedy:
    'Name one that exists and that the identity of this service may read, or leave the id out to have one made.',
  source: documented('Azure Resource Manager: InvalidResourceReference'),
})

export const CUTOVER_IS_PREPARATION = rule<{ steps: string[]; neighbours: string[]; madeHere: number }>(
  'CUTOVER_IS_PREPARATION',
  {
    severity: 'warning',
    message: (f) =>
      `Traffic moves before the cluster is touched: new connections take the new path from the step${f.steps.length === 1 ? '' : 's'} ${quoted(f.steps)} on.${f.neighbours.length === 0 ? '' : ` Others who use the same route table move too: ${listed(f.neighbours)}.`}`,
    remedy: (f) =>
      `Have the new addresses in all allow-lists before that step${f.madeHere === 0 ? '' : '. Where others have to be told first, order the job with holdBeforeCutOver: it makes the addresses, stops before that step, and goes on when it is released'}. Up to the change of the cluster, writing the former values back moves traffic back.`,
    source: inferred('nat-overview', 'nat-gateway-design', 'AKS release notes 2022-05-08'),
  },
)

/** Prepared resources must not replace existing ones, and preparation that moves traffic is reported. */
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
    ...CUTOVER_IS_PREPARATION.when(steps.length > 0, { steps, neighbours: neighbours(context), madeHere }),
  ]
}

/** Other subnets with a route table that gets a route. */
function neighbours({ preparation, snapshot }: PlanningContext): string[] {
  const own = new Set(snapshot.subnets.map((subnet) => idKey(subnet.id)))
  const tables = Object.values(snapshot.routeTables).filter((table) =>
    preparation.writes.some(({ id }) => idKey(id).startsWith(`${idKey(table.id)}/routes/`)),
  )
  const others = tables.flatMap((table) => table.subnetIds).filter((id) => !own.has(idKey(id)))
  return [...new Set(others.map((id) => `subnet ${id.split('/').slice(-3).join('/')}`))]
}
