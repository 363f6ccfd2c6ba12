import { DEMO_GROUP, DEMO_SUBSCRIPTION } from '../../support/demo.ts'
import type { Client, Loose } from './service.ts'

export function demoCluster(name: string) {
  return { subscriptionId: DEMO_SUBSCRIPTION, resourceGroup: DEMO_GROUP, name }
}

/** A plan request for a demo cluster. */
export function planFor(name: string, outboundType: string, rest: object = {}): object {
  return { cluster: demoCluster(name), target: { outboundType, ...rest } }
}

/** Makes a plan and gives it; throws when it is refused. */
export async function makePlan(service: Client, request: object): Promise<Loose> {
  const answer = await service.post('/v1/plans', request)
  if (answer.status !== 201) throw new Error(`POST /v1/plans: ${answer.status} ${answer.text}`)
  return answer.body
}

/** Executes a plan with everything acknowledged that it asks for; throws when it is refused. */
export async function execute(service: Client, plan: Loose): Promise<Loose> {
  const answer = await service.post('/v1/jobs', {
    planId: plan.id,
    acknowledge: plan.acknowledgementsRequired,
  })
  if (answer.status !== 202) throw new Error(`POST /v1/jobs: ${answer.status} ${answer.text}`)
  return answer.body
}
