import type { Json } from '../json.ts'
import type { Plan } from '../plan.ts'
import type { Step, StepAction } from '../plan-steps.ts'
import { isRoute, nameOf } from '../resource-id.ts'
import type { JobState } from './job-state.ts'
import { mayHaveWritten } from './may-have-written.ts'
import { movingSteps } from './undo-steps.ts'

const SWITCH = 'change-outbound-type'

/** What a job that did not come to its end leaves behind and nobody sees on the cluster itself, and what to do about it. */
export function endWarnings(plan: Plan, state: JobState): string[] {
  if (state.finishedAt === null || state.status === 'Succeeded') return []
  return mayHaveWritten(state, SWITCH) ? lockedOut(plan, state) : trafficMoved(plan, state)
}

/** The cut-over came before the switch, and the switch never came: the declared type and the real path differ. */
function trafficMoved(plan: Plan, state: JobState): string[] {
  if (!plan.steps.some(({ key }) => key === SWITCH)) return []
  // A gateway that was attached under a default route carries nothing.
  if (plan.cutOver.step === null) return []
  const moved = movingSteps(plan).filter(
    ({ key }) => mayHaveWritten(state, key) && !isDone(state, `undo-${key}`),
  )
  if (moved.length === 0) return []
  const has = moved.every(({ key }) => isDone(state, key)) ? 'has moved' : 'may have moved'
  const orders = moved
    .reverse()
    .flatMap(({ undoes }) => undoes.flatMap((does) => byHand(does) ?? []))
    .map((order) => `\`${order}\``)
  return [
    `Traffic ${has}: it leaves by what the job attached (${moved.map(({ key }) => key).join(', ')}), although the outbound type is still ${plan.from.outboundType}. ` +
      `A new plan to ${plan.to.outboundType} finishes the change. To go back instead, which moves traffic at once: a clean-up plan of this job takes off the gateways, tables and routes that it made, where nobody else needs them; by hand it is ${orders.join('; ')}.`,
  ]
}

/** Addresses that only AKS knows were to be admitted after the switch. */
function lockedOut(plan: Plan, state: JobState): string[] {
  const admits = ['authorize-discovered-ips', 'undo-authorize-discovered-ips'] as const
  const isMissing = plan.steps.some(({ key }) => key === admits[0])
  if (!isMissing || admits.some((key) => isDone(state, key))) return []
  const { resourceGroup, name } = plan.cluster
  return [
    'The authorized ranges of the API server were not widened by the addresses that AKS makes for the change: nodes that leave by an address outside the ranges are locked out of the API server. ' +
      'Read the addresses that the cluster leaves by now (its egress report names them), and add each that no range covers as a /32, beside all that stand there, because the list is replaced: ' +
      `\`az aks update -g ${resourceGroup} -n ${name} --api-server-authorized-ip-ranges <present ranges>,<address>/32\`.`,
  ]
}

/** A step that is passed over because nothing is to be done has its end, other than one that is never reached. */
function isDone({ steps }: JobState, key: Step['key']): boolean {
  const step = steps[key]
  return step?.status === 'Succeeded' || (step?.status === 'Skipped' && step.finishedAt !== null)
}

/** A step of the way back as an order for the Azure CLI; null for what is none of the network's. */
function byHand(does: StepAction): string | null {
  if (does.kind === 'deleteResource') return `az network route-table route delete --ids ${does.id}`
  if (does.kind !== 'putResource') return null
  const what = isRoute(does.id) ? 'route-table route' : 'vnet subnet'
  return `az network ${what} update --ids ${does.id} ${does.changes.map(argument).join(' ')}`
}

const OPTIONS: Record<string, string> = {
  natGateway: '--nat-gateway',
  routeTable: '--route-table',
  nextHopType: '--next-hop-type',
  nextHopIpAddress: '--next-hop-ip-address',
}

function argument(change: { op: string; path: string; value?: Json }): string {
  const field = nameOf(change.path)
  if (change.op === 'remove') return `--remove ${field}`
  const { value } = change
  const isReference = typeof value === 'object' && value !== null && !Array.isArray(value)
  return `${OPTIONS[field] ?? field} ${isReference ? value.id : value}`
}
