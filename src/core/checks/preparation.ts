import { finding } from '../findings/catalogue.ts'
import type { Finding } from '../plan.ts'
import type { PlanningContext } from '../planning-context.ts'
import { idKey } from '../resource-id.ts'
import type { Check } from './check.ts'

/** What is to be made beforehand must not stand in the way of something else, and what moves traffic is said. */
export const preparation: Check = (context) => {
  const { preparation: made, request } = context
  if (request.prepare === undefined || context.transition?.support === 'unsupported') return []
  const findings: Finding[] = []
  if (made.conflicts.length > 0) findings.push(finding('PREPARE_NAME_TAKEN', { resources: made.conflicts }))
  else if (made.writes.length === 0) findings.push(finding('PREPARE_NOTHING_LEFT', {}))
  const gatewayId = request.prepare.natGateway?.id
  if (gatewayId !== undefined && context.snapshot.natGateways[idKey(gatewayId)] === undefined)
    findings.push(finding('PREPARE_GATEWAY_UNREADABLE', { gateway: gatewayId }))
  const moving = made.writes.filter((each) => each.movesTraffic && each.isOutranked !== true)
  if (moving.length > 0) {
    const steps = moving.map((each) => each.title)
    const madeHere = context.ledger.filter((each) => each.knownAt === 'prepare').length
    findings.push(finding('CUTOVER_IS_PREPARATION', { steps, neighbours: neighbours(context), madeHere }))
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
