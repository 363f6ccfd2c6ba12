import type { Test } from 'tap'
import type { Arm } from '../../src/azure/arm.ts'
import { connectArm } from '../../src/azure/connect/connect-arm.ts'
import { createTakeSnapshot, type TakeSnapshot } from '../../src/planning/snapshot/take-snapshot.ts'
import { buildSimulator } from '../../src/simulator/start-simulator.ts'

export const DEMO_SUBSCRIPTION = '11111111-1111-1111-1111-111111111111'
export const DEMO_GROUP = 'rg-demo'

/** The clusters of the demo fleet, as the README and Swagger UI name them. */
export const DEMO_CLUSTERS = [
  'lb-managed',
  'lb-managed-ranges',
  'nat-managed',
  'natv2-managed',
  'lb-byo',
  'lb-byo-nat-ready',
  'lb-byo-nat-attached',
  'lb-byo-udr-ready',
  'lb-byo-udr-internet',
  'lb-byo-two-subnets',
  'lb-byo-ranges',
  'nat-byo',
  'udr-byo',
  'udr-private',
  'windows-nat',
  'kubenet-byo',
  'lb-services',
  'lb-own-ips',
  'dualstack-managed',
  'failed',
  'stopped',
  'isolated',
] as const

export interface LoggedRequest {
  seq: number
  method: string
  path: string
  status: number
  ifMatch: string | null
  requestBody: unknown
}

export interface Demo {
  url: string
  arm: Arm
  takeSnapshot: TakeSnapshot
  ref(name: string): { subscriptionId: string; resourceGroup: string; name: string }
  /** What the simulator was asked since the last reset, its own endpoints left out. */
  requests(): Promise<LoggedRequest[]>
  /** One of the simulator's own endpoints. */
  control(path: string, body?: unknown, method?: string): Promise<unknown>
}

/** A simulated Azure with the demo fleet and a manual clock, and the real SDK clients on it; closed with the test. */
export async function startDemo(
  t: Test,
  options: { mode?: 'auto' | 'manual'; timeScale?: number } = {},
): Promise<Demo> {
  const simulator = buildSimulator({ mode: options.mode ?? 'manual', timeScale: options.timeScale ?? 1 })
  t.teardown(() => simulator.close())
  const url = await simulator.listen({ host: '127.0.0.1', port: 0 })
  const arm = connectArm({ endpoint: url, simulated: true })
  // Without a connection: a job of a test has hundreds of ticks, and each asks the simulator twice.
  const control = async (path: string, body?: unknown, method = body === undefined ? 'GET' : 'POST') => {
    const { statusCode, payload } = await simulator.inject({
      url: `/simulator/${path}`,
      method: method as 'GET',
      ...(body === undefined
        ? {}
        : { payload: JSON.stringify(body), headers: { 'content-type': 'application/json' } }),
    })
    if (statusCode >= 400) throw new Error(`simulator/${path}: ${statusCode} ${payload}`)
    return payload === '' ? null : JSON.parse(payload)
  }
  return {
    url,
    arm,
    takeSnapshot: createTakeSnapshot(arm, () => new Date('2026-09-01T00:00:00Z')),
    ref: (name) => ({ subscriptionId: DEMO_SUBSCRIPTION, resourceGroup: DEMO_GROUP, name }),
    requests: async () => (await control('requests')) as LoggedRequest[],
    control,
  }
}
