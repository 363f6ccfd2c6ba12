import type { Finding } from '../../contract/finding.ts'
import { idKey, lastSegment } from '../arm/resource-id.ts'
import type { PlanningContext } from '../context/planning-context.ts'
import { listed, quoted } from '../lib/text.ts'
import { type Check, rule } from './rule.ts'

export const PREPARE_NAME_TAKEN = rule<{ resources: { id: string; because: string }[] }>(
  'PREPARE_NAME_TAKEN',
  {
    severity: 'blocker',
    message: (f) =>
      `Under the name that the plan would give stands something else: ${listed(f.resources.map((each) => `${lastSegment(each.id)} (${each.because})`))}.`,
    remedy: (f) =>
      `Name it otherwise, choose another resource group in prepare, or remove what stands there.${f.resources.some((each) => /\/natGateways\//i.test(each.id)) ? ' A gateway that may be taken as it is can be named by its id (prepare.natGateway.id).' : ''}`,
    confidence: 'documented',
    source: 'Azure Resource Manager: a PUT replaces what has the same id',
  },
)

export const PREPARE_NOTHING_LEFT = rule('PREPARE_NOTHING_LEFT', {
  severity: 'info',
  message: () => 'Everything that was to be prepared is there already.',
  remedy: () => 'Nothing to do.',
  confidence: 'documented',
  source: 'this plan',
})

export const PREPARE_GATEWAY_UNREADABLE = rule<{ gateway: string }>('PREPARE_GATEWAY_UNREADABLE', {
  severity: 'blocker',
  message: (f) => `The NAT gateway ${f.gateway} does not exist, or this service may not read it.`,
  remedy: () =>
    'Name one that exists and that the identity of this service may read, or leave the id out to have one made.',
  confidence: 'documented',
  source: 'Azure Resource Manager: InvalidResourceReference',
})

export const CUTOVER_IS_PREPARATION = rule<{ steps: string[]; neighbours: string[]; madeHere: number }>(
  'CUTOVER_IS_PREPARATION',
  {
    severity: 'warning',
    message: (f) =>
      `Traffic moves before the cluster is touched: new connections take the new path from the step${f.steps.length === 1 ? '' : 's'} ${quoted(f.steps)} on.${f.neighbours.length === 0 ? '' : ` Others who use the same route table move too: ${listed(f.neighbours)}.`}`,
    remedy: (f) =>
      `Have the new addresses in all allow-lists before that step${f.madeHere === 0 ? '' : '. Where others have to be told first, order the job with holdBeforeCutOver: it makes the addresses, stops before that step, and goes on when it is released'}. Up to the change of the cluster, writing the former values back moves traffic back.`,
    confidence: 'inferred',
    source: 'nat-overview (NOV); nat-gateway-design (NDES); AKS release notes 2022-05-08',
  },
)

/** What is to be made beforehand must not stand in the way of something else, and what moves traffic is said. */
export const checkPreparation: Check = (context) => {
  const { preparation: made, request } = context
  if (request.prepare === undefined || context.transition?.support === 'unsupported') return []
  const findings: Finding[] = []
  if (made.conflicts.length > 0) findings.push(PREPARE_NAME_TAKEN.finding({ resources: made.conflicts }))
  else if (made.writes.length === 0) findings.push(PREPARE_NOTHING_LEFT.finding({}))
  const gatewayId = request.prepare.natGateway?.id
  if (gatewayId !== undefined && context.snapshot.natGateways[idKey(gatewayId)] === undefined)
    findings.push(PREPARE_GATEWAY_UNREADABLE.finding({ gateway: gatewayId }))
  const moving = made.writes.filter((each) => each.movesTraffic && each.isOutranked !== true)
  if (moving.length > 0) {
    const steps = moving.map((each) => each.title)
    const madeHere = context.ledger.filter((each) => each.knownAt === 'prepare').length
    findings.push(CUTOVER_IS_PREPARATION.finding({ steps, neighbours: neighbours(context), madeHere }))
  }
  return findings
}

/** Other subnets with the same route table: a route that goes in there is theirs too. */
function neighbours({ preparation: made, snapshot }: PlanningContext): string[] {
  const own = new Set(snapshot.subnets.map((subnet) => idKey(subnet.id)))
  const tables = Object.values(snapshot.routeTables).filter((table) =>
    made.writes.some((each) => idKey(each.id).startsWith(`${idKey(table.id)}/routes/`)),
  )
  const others = tables.flatMap((table) => table.subnetIds).filter((id) => !own.has(idKey(id)))
  return [...new Set(others.map((id) => `subnet ${id.split('/').slice(-3).join('/')}`))]
}
