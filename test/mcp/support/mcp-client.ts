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
export async function send(app: App, method: string, params: unknown, token?: string): Promise<McpAnswer> {
  const answer = await app.inject({
    method: 'POST',
    url: '/mcp',
    headers: {
      accept: 'application/json, text/event-stream',
      'content-type': 'application/json',
      ...(token === undefined ? {} : { authorization: `Bearer ${token}` }),
    },
    payload: JSON.stringify({ jsonrpc: '2.0', id: 1, method, params }),
  })
  const { payload: text, statusCode: status, headers } = answer
  const last = text
    .split('\n')
    .filter((line) => line.startsWith('data: '))
    .at(-1)
  const message = status === 200 ? JSON.parse(last?.slice(6) ?? text) : {}
  return { status, headers, result: message.result, error: message.error, text }
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
