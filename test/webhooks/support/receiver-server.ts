import { once } from 'node:events'
import { createServer, type IncomingHttpHeaders, type IncomingMessage, type ServerResponse } from 'node:http'
import type { AddressInfo } from 'node:net'
import type { Test } from 'tap'

export interface Received {
  method: string
  path: string
  headers: IncomingHttpHeaders
  body: string
}

type Answer = (response: ServerResponse, request: Received) => void

/** A server that accepts messages on loopback, responds as configured, and keeps the messages. */
export interface ReceiverServer {
  url: string
  received: Received[]
  /** The responses to the next messages; 204 by default. */
  answer: Answer
  /** Resolves when there are so many. */
  reaches(count: number): Promise<void>
}

export async function receiverServer(t: Pick<Test, 'teardown'>): Promise<ReceiverServer> {
  let wake = () => {}
  const server: ReceiverServer = {
    url: '',
    received: [],
    answer: (response) => response.writeHead(204).end(),
    async reaches(count) {
      while (server.received.length < count) await new Promise<void>((resolve) => (wake = resolve))
    },
  }
  const take = async (request: IncomingMessage, response: ServerResponse) => {
    const chunks: Buffer[] = []
    for await (const chunk of request) chunks.push(chunk as Buffer)
    const { method = '', url = '', headers } = request
    const got = { method, path: url, headers, body: Buffer.concat(chunks).toString() }
    server.received.push(got)
    server.answer(response, got)
    wake()
  }
  const http = createServer((request, response) => void take(request, response))
  http.listen(0, '127.0.0.1')
  await once(http, 'listening')
  t.teardown(() => {
    http.closeAllConnections()
    http.close()
  })
  server.url = `http://127.0.0.1:${(http.address() as AddressInfo).port}/hook`
  return server
}
