import type { FastifyInstance } from 'fastify'
import { buildSimulator, type SimulatorOptions } from '../../../src/simulator/start-simulator.ts'

export const SUBSCRIPTION = '11111111-1111-1111-1111-111111111111'
export const STABLE = '2026-06-01'
const CLUSTERS = `/subscriptions/${SUBSCRIPTION}/resourceGroups/rg-demo/providers/Microsoft.ContainerService/managedClusters`

/** Any JSON, loosely typed: tests read members of bodies, and an absent member shows in the comparison. */
export interface Loose {
  [member: string]: Loose
}

/** The list behind a loose value. */
export function listOf(value: Loose | undefined): Loose[] {
  return (value ?? []) as unknown as Loose[]
}

export interface Answer {
  status: number
  headers: Record<string, string | undefined>
  body: Loose
}

/** A simulator in manual time, asked through inject. Closed with the test. */
export interface Simulated {
  server: FastifyInstance
  ask(method: string, url: string, body?: unknown, headers?: Record<string, string>): Promise<Answer>
  cluster(name: string, apiVersion?: string): Promise<Loose>
  put(body: unknown, options?: { apiVersion?: string; headers?: Record<string, string> }): Promise<Answer>
  advance(seconds: number): Promise<void>
  fault(fault: unknown, match?: unknown): Promise<void>
  poll(answer: Answer): Promise<Loose>
}

export function clusterPath(name: string, apiVersion = STABLE): string {
  return `${CLUSTERS}/${name}?api-version=${apiVersion}`
}

/** The path and query of an absolute URL. */
export function pathOf(url: string | undefined): string {
  return (url ?? '').replace(/^https?:\/\/[^/]+/, '')
}

export function simulated(
  t: { teardown(end: () => unknown): void },
  options: SimulatorOptions = {},
): Simulated {
  const server = buildSimulator({ mode: 'manual', ...options })
  t.teardown(() => server.close())
  const ask: Simulated['ask'] = async (method, url, body, headers = {}) => {
    const answer = await server.inject({
      method: method as 'GET',
      url,
      headers,
      ...(body === undefined ? {} : { payload: body as object }),
    })
    return {
      status: answer.statusCode,
      headers: answer.headers as Record<string, string | undefined>,
      body: (answer.body === '' ? null : JSON.parse(answer.body)) as Loose,
    }
  }
  return {
    server,
    ask,
    cluster: async (name, apiVersion) => (await ask('GET', clusterPath(name, apiVersion))).body,
    put: (body, { apiVersion = STABLE, headers = {} } = {}) =>
      ask('PUT', `${(body as { id: string }).id}?api-version=${apiVersion}`, body, headers),
    advance: async (advanceSeconds) => {
      await ask('POST', '/simulator/clock', { advanceSeconds })
    },
    fault: async (fault, match = { method: 'PUT', pathPattern: 'managedClusters' }) => {
      const answer = await ask('POST', '/simulator/faults', [{ match, fault }])
      if (answer.status !== 200) throw new Error(JSON.stringify(answer.body))
    },
    poll: async (answer) => (await ask('GET', pathOf(answer.headers['azure-asyncoperation']))).body,
  }
}

/** The body with another outbound type and without the load balancer's addresses, as a client would send it. */
export function toOutboundType(body: Loose, outboundType: string, profiles: object = {}): Loose {
  const copy = structuredClone(body) as Loose
  const profile = copy.properties?.networkProfile as unknown as Record<string, unknown>
  delete profile.loadBalancerProfile
  delete profile.natGatewayProfile
  Object.assign(profile, { outboundType }, profiles)
  return copy
}

/** Gives a demo cluster a Basic load balancer, which has no profile. */
export async function makeBasic(azure: Simulated, name: string): Promise<void> {
  const body = await azure.cluster(name)
  const { loadBalancerProfile: _profile, ...rest } = body.properties?.networkProfile ?? {}
  const networkProfile = { ...rest, loadBalancerSku: 'Basic' }
  const put = [{ ...body, properties: { ...body.properties, networkProfile } }]
  const answer = await azure.ask('POST', '/simulator/resources', { put })
  if (answer.status !== 200) throw new Error(JSON.stringify(answer.body))
}
