import { createServer, type IncomingMessage, type ServerResponse } from 'node:http'
import type { AddressInfo } from 'node:net'
import { pipeline, type Readable } from 'node:stream'
import { ArmFault } from '../../../src/azure/errors/arm-fault.ts'
import type { ClusterRef } from '../../../src/contract/cluster.ts'
import type { JsonObject } from '../../../src/contract/json.ts'

/** A request as its bytes arrived. */
export interface SeenRequest {
  method: string
  url: string
  headers: IncomingMessage['headers']
  body: string
}

interface ArmServer {
  endpoint: string
  seen: SeenRequest[]
}

/** What to answer; `drop` ends the connection without an answer, `hang` never answers. */
export type Reply =
  | { status: number; headers?: Record<string, string>; body?: unknown; text?: string; stream?: Readable }
  | 'drop'
  | 'hang'

export interface Test {
  teardown(end: () => unknown): unknown
}

/** A bare HTTP server in the place of Resource Manager, that answers as `reply` says and remembers what it was asked. */
export async function armServer(
  t: Test,
  reply: (request: SeenRequest, nth: number) => Reply,
): Promise<ArmServer> {
  const seen: SeenRequest[] = []
  const server = createServer(async (message, response) => {
    const chunks: Buffer[] = []
    for await (const chunk of message) chunks.push(chunk as Buffer)
    const request = {
      method: message.method ?? '',
      url: message.url ?? '',
      headers: message.headers,
      body: Buffer.concat(chunks).toString('utf8'),
    }
    seen.push(request)
    send(response, reply(request, seen.length))
  })
  await new Promise<void>((done) => server.listen(0, '127.0.0.1', done))
  t.teardown(() => {
    server.closeAllConnections()
    return new Promise((done) => server.close(done))
  })
  return { endpoint: `http://127.0.0.1:${(server.address() as AddressInfo).port}`, seen }
}

function send(response: ServerResponse, reply: Reply): void {
  if (reply === 'hang') return
  if (reply === 'drop') {
    response.destroy()
    return
  }
  response.writeHead(reply.status, { 'content-type': 'application/json', ...reply.headers })
  if (reply.stream !== undefined) {
    // A client that gives up ends the stream.
    pipeline(reply.stream, response, () => {})
    return
  }
  response.end(reply.text ?? (reply.body === undefined ? '' : JSON.stringify(reply.body)))
}

export const SUBSCRIPTION = '11111111-1111-1111-1111-111111111111'
export const REF: ClusterRef = { subscriptionId: SUBSCRIPTION, resourceGroup: 'rg-demo', name: 'one' }
export const CLUSTER_PATH = `/subscriptions/${SUBSCRIPTION}/resourceGroups/rg-demo/providers/Microsoft.ContainerService/managedClusters/one`

/** A small managed cluster's body. */
export function aClusterBody(changes: { eTag?: string; properties?: JsonObject } = {}): JsonObject {
  return {
    id: CLUSTER_PATH.replace('resourceGroups', 'resourcegroups'),
    location: 'eastus',
    name: 'one',
    type: 'Microsoft.ContainerService/ManagedClusters',
    properties: {
      provisioningState: 'Succeeded',
      nodeResourceGroup: 'MC_rg-demo_one_eastus',
      networkProfile: { outboundType: 'loadBalancer' },
      ...changes.properties,
    },
    ...(changes.eTag === undefined ? {} : { eTag: changes.eTag }),
  }
}

/** The `ArmFault` that a promise rejects with; anything else is thrown on. */
export async function faultOf(promise: Promise<unknown>): Promise<ArmFault> {
  try {
    await promise
  } catch (error) {
    if (error instanceof ArmFault) return error
    throw error
  }
  throw new Error('it did not reject')
}
