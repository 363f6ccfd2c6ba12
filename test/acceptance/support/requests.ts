import { request } from 'node:http'
import { DEMO_GROUP, DEMO_SUBSCRIPTION } from '../../support/demo.ts'
import type { Answer, Client, Loose } from './service.ts'

export interface RawAnswer {
  status: number
  headers: Record<string, string | string[] | undefined>
  text: string
}

/** Sends the path and the bytes as they are: fetch would tidy up what these tests are about. */
export function rawRequest(
  base: string,
  method: string,
  path: string,
  body: string | Buffer | undefined,
  headers: Record<string, string>,
): Promise<RawAnswer> {
  return new Promise((resolve, reject) => {
    const { hostname, port } = new URL(base)
    const sent = request({ hostname, port, method, path, headers }, (answer) => {
      const chunks: Buffer[] = []
      answer.on('data', (chunk: Buffer) => chunks.push(chunk))
      answer.on('end', () =>
        resolve({
          status: answer.statusCode ?? 0,
          headers: answer.headers,
          text: Buffer.concat(chunks).toString('utf8'),
        }),
      )
    })
    sent.on('error', reject)
    sent.end(body)
  })
}

/** Of ten seconds each. */
const MAX_WAITS = 12

export function demoCluster(name: string) {
  return { subscriptionId: DEMO_SUBSCRIPTION, resourceGroup: DEMO_GROUP, name }
}

/** A plan request for a demo cluster. */
export function planFor(name: string, outboundType: string, rest: object = {}): object {
  return { cluster: demoCluster(name), target: { outboundType, ...rest } }
}

/** Asks as the contract tells callers to: an exhausted service has done nothing, and says when to ask again. */
export async function postPatiently(service: Client, path: string, body: object): Promise<Answer> {
  for (let attempt = 0; ; attempt++) {
    const answer = await service.post(path, body)
    if (answer.body?.code?.toString() !== 'OVERLOADED' || attempt === MAX_WAITS) return answer
    await new Promise((resolve) => setTimeout(resolve, Number(answer.headers.get('retry-after')) * 1_000))
  }
}

/** Creates a plan and returns it; throws if the request is rejected. */
export async function makePlan(service: Client, request: object): Promise<Loose> {
  const answer = await postPatiently(service, '/v1/plans', request)
  if (answer.status !== 201) throw new Error(`POST /v1/plans: ${answer.status} ${answer.text}`)
  return answer.body
}

/** Executes a plan with all required acknowledgements; throws if the request is rejected. */
export async function execute(service: Client, plan: Loose): Promise<Loose> {
  const answer = await postPatiently(service, '/v1/jobs', {
    planId: plan.id,
    acknowledge: plan.acknowledgementsRequired,
  })
  if (answer.status !== 202) throw new Error(`POST /v1/jobs: ${answer.status} ${answer.text}`)
  return answer.body
}

/** Whether the service has looked at the request at all. */
export function isServed({ status, body }: Answer): boolean {
  return status !== 503 || body?.code?.toString() !== 'OVERLOADED'
}
