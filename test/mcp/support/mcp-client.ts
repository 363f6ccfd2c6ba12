import { Client, StreamableHTTPClientTransport } from '@modelcontextprotocol/client'
import type { Test } from 'tap'
import type { App } from '../../../src/routes/server/app-deps.ts'

export interface ToolResult {
  isError?: boolean
  content: { type: string; text: string }[]
  structuredContent?: Record<string, Record<string, unknown>>
}

export interface McpAnswer {
  status: number
  headers: Record<string, unknown>
  /** The result; undefined if the message was rejected. */
  result: ToolResult | undefined
  error: { code: number; message: string } | undefined
  text: string
}

/** Sends one message as clients of the revisions before 2026-07-28 do. */
export function send(app: App, method: string, params: unknown, token?: string): Promise<McpAnswer> {
  return post(app, { method, params }, token === undefined ? {} : { authorization: `Bearer ${token}` })
}

const REVISION = '2026-07-28'

/** Sends one message as clients of this revision do: it describes the client itself. */
export function sendModern(app: App, method: string, params: unknown): Promise<McpAnswer> {
  const own = typeof params === 'object' && !Array.isArray(params) ? params : null
  const _meta = {
    'io.modelcontextprotocol/protocolVersion': REVISION,
    'io.modelcontextprotocol/clientInfo': { name: 'test', version: '1' },
    'io.modelcontextprotocol/clientCapabilities': {},
  }
  const { name, uri } = (own ?? {}) as { name?: unknown; uri?: unknown }
  const subject = name ?? uri
  return post(
    app,
    { method, params: own === null ? params : { _meta, ...own } },
    {
      'mcp-protocol-version': REVISION,
      'mcp-method': method,
      ...(subject === undefined ? {} : { 'mcp-name': String(subject) }),
    },
  )
}

async function post(app: App, message: object, headers: Record<string, string>): Promise<McpAnswer> {
  const answer = await app.inject({
    method: 'POST',
    url: '/mcp',
    headers: {
      accept: 'application/json, text/event-stream',
      'content-type': 'application/json',
      ...headers,
    },
    payload: JSON.stringify({ jsonrpc: '2.0', id: 1, ...message }),
  })
  const { payload: text, statusCode: status, headers: answered } = answer
  const last = text
    .split('\n')
    .filter((line) => line.startsWith('data: '))
    .at(-1)
  const { result, error } = status === 200 ? JSON.parse(last?.slice(6) ?? text) : {}
  return { status, headers: answered, result, error, text }
}

export function callTool(app: App, name: string, args: object, token?: string): Promise<McpAnswer> {
  return send(app, 'tools/call', { name, arguments: args }, token)
}

/** The problem of a result that is an error. */
export function problemOf({ result }: McpAnswer) {
  return JSON.parse(result?.content[0]?.text ?? '{}').problem
}

/** The official client, connected to the service at this address. */
export async function connect(t: Test, url: string, era: 'legacy' | 'auto' = 'legacy'): Promise<Client> {
  const client = new Client(
    { name: 'test-agent', version: '1.2.3' },
    era === 'auto' ? { versionNegotiation: { mode: 'auto' } } : {},
  )
  await client.connect(new StreamableHTTPClientTransport(new URL('/mcp', url)))
  t.teardown(() => client.close())
  return client
}
