import { createMcpHandler } from '@modelcontextprotocol/server'
import type { FastifyBaseLogger } from 'fastify'
import { isReport } from './documents.ts'
import { buildServer, type McpCall } from './server.ts'
import { ALL_TOOLS } from './tools/all-tools.ts'

export interface McpEndpoint {
  /** Whether the message calls an operation, which is counted and audited itself. */
  callsOperation(message: unknown): boolean
  serve(call: McpCall, signal: AbortSignal): Promise<Response>
  close(): Promise<void>
}

/** Streams that a client holds open for changes of the lists, which never change. */
const MAX_SUBSCRIPTIONS = 1

/** The protocol in its newest stable revision and, stateless too, in those before it. */
export function createEndpoint(log: FastifyBaseLogger): McpEndpoint {
  const handler = createMcpHandler(
    ({ authInfo }) => {
      const call = authInfo?.extra?.call
      return buildServer(call as McpCall)
    },
    {
      maxSubscriptions: MAX_SUBSCRIPTIONS,
      onerror: (error) => log.debug({ err: error }, 'MCP request rejected'),
    },
  )
  return {
    callsOperation: (message) => {
      const { method, params } = (message ?? {}) as { method?: unknown; params?: Record<string, unknown> }
      if (method === 'tools/call') return ALL_TOOLS.some(({ name }) => name === params?.name)
      return method === 'resources/read' && isReport(params?.uri)
    },
    serve: ({ request, ...call }, signal) => {
      const headers = new Headers()
      for (const [name, value] of Object.entries(request.headers))
        if (typeof value === 'string' && name !== 'content-length') headers.set(name, value)
      const web = new Request(`http://localhost${request.url}`, { method: 'POST', headers, signal })
      // Tokens were verified by the application; this only carries the call to its handlers.
      const authInfo = { token: '', clientId: '', scopes: [], extra: { call: { request, ...call } } }
      return handler.fetch(web, { parsedBody: request.body, authInfo })
    },
    close: () => handler.close(),
  }
}
