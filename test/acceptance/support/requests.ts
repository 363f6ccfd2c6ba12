import { DEMO_GROUP, DEMO_SUBSCRIPTION } from '../../support/demo.ts'
import { type Answer, type Client, type Loose, until } from './service.ts'

export function demoCluster(name: string) {
  return { subscriptionId: DEMO_SUBSCRIPTION, resourceGroup: DEMO_GROUP, name }
}

/** A plan request for a demo cluster. */
export function planFor(name: string, outboundType: string, rest: object = {}): object {
  return { cluster: demoCluster(name), target: { outboundType, ...rest } }
}

/** Makes a plan and gives it; throws when it is refused. */
export function makePlan(service: Client, request: object): Promise<Loose> {
  return made(service, '/v1/plans', request, 201)
}

/** Executes a plan with everything acknowledged that it asks for; throws when it is refused. */
export function execute(service: Client, plan: Loose): Promise<Loose> {
  return made(service, '/v1/jobs', { planId: plan.id, acknowledge: plan.acknowledgementsRequired }, 202)
}

/** Sends it again for as long as the service has too much to do: on a busy machine it may, and nothing was done. */
async function made(service: Client, path: string, body: object, status: number): Promise<Loose> {
  const answer = await until(() => service.post(path, body), isServed, 60_000)
  if (answer.status !== status) throw new Error(`POST ${path}: ${answer.status} ${answer.text}`)
  return answer.body
}

/** Whether the service has looked at the request at all. */
export function isServed({ status, body }: Answer): boolean {
  return status !== 503 || String(body?.code) !== 'OVERLOADED'
}
