import type { FastifyInstance, FastifyReply, FastifyRequest } from 'fastify'
import { absoluteUrl } from '../routes/conditional/long-poll.ts'
import { resolveAuthority, toScope } from '../routes/openapi/security-schemes.ts'
import type { OperationInfo } from '../routes/operation.ts'
import { GRANTS } from '../routes/operation.ts'
import { Problem } from '../routes/problems/problems.ts'
import type { AppDeps } from '../routes/server/app-deps.ts'
import { dispatcher } from './dispatch.ts'
import type { McpEndpoint } from './endpoint.ts'

const PATH = '/mcp'
/** RFC 9728: the well-known path before the path of the resource. */
const METADATA_PATH = '/.well-known/oauth-protected-resource'

/** Authenticated like every operation. What a caller may do is decided by the operations that its tools call. */
const MCP: OperationInfo = { operationId: 'mcp', grant: 'signedIn', subject: 'nothing', dispatches: true }

type Count = (request: FastifyRequest, reply: FastifyReply) => Promise<void>

/** Serves the Model Context Protocol, stateless, and the metadata by which clients find where to sign in. */
export function addMcp(app: FastifyInstance, deps: AppDeps, countRead: Count): void {
  if (deps.mcp === false) return
  const { signIn } = deps
  let endpoint: Promise<McpEndpoint> | null = null
  // Loaded with the first request: a service without agents does not need the protocol library.
  const load = () =>
    (endpoint ??= import('./endpoint.ts').then(({ createEndpoint }) => createEndpoint(app.log)))
  // After the last response: closing it aborts calls in flight. No stream is open longer than its call.
  app.addHook('onClose', async () => (await endpoint)?.close())
  app.post(PATH, {
    schema: { hide: true },
    config: { operation: MCP },
    onSend: async (request, reply) => {
      const challenge = reply.getHeader('www-authenticate')
      if (signIn === undefined || reply.statusCode !== 401 || challenge === undefined) return
      const separator = String(challenge).includes('=') ? ', ' : ' '
      const url = absoluteUrl(request, `${METADATA_PATH}${PATH}`)
      reply.header('www-authenticate', `${challenge}${separator}resource_metadata="${url}"`)
    },
    handler: async (request, reply) => {
      // The protocol has no batches since 2025-06-18; one of them could ask for thousands of answers.
      if (Array.isArray(request.body))
        throw new Problem('INVALID_REQUEST', {
          errors: [
            {
              in: 'body',
              pointer: '',
              code: 'TYPE_WRONG',
              message: 'The body must be one JSON-RPC message.',
            },
          ],
        })
      const { callsOperation, serve } = await load()
      const count = () => countRead(request, reply)
      if (!callsOperation(request.body)) await count()
      const ended = new AbortController()
      reply.raw.once('close', () => ended.abort())
      const agent = describeAgent(request)
      const send = dispatcher(app, request, agent, ended.signal)
      return reply.send(await serve({ request, send, count, version: deps.version }, ended.signal))
    },
  })
  if (signIn === undefined) return
  const { mcpResource = null } = signIn
  // Microsoft Entra ID rejects a sign-in whose `resource` is not the prefix of its scopes (AADSTS9010010).
  const registered = mcpResource === null ? signIn : { ...signIn, audience: mcpResource }
  const metadata = (request: FastifyRequest) => ({
    resource: mcpResource ?? absoluteUrl(request, PATH),
    authorization_servers: [`${resolveAuthority(signIn)}/${signIn.tenantId}/v2.0`],
    scopes_supported: GRANTS.filter((grant) => grant !== 'Egress.Approve' && grant !== 'Egress.Audit').map(
      (grant) => toScope(grant, registered),
    ),
    bearer_methods_supported: ['header'],
    resource_name: 'AKS Egress Planner',
  })
  for (const path of [METADATA_PATH, `${METADATA_PATH}${PATH}`])
    app.get(path, { schema: { hide: true }, config: { public: true } }, async (request) => metadata(request))
}

const MAX_AGENT_LENGTH = 100

/** The name and version of the client, as it states them; every client of this endpoint is an agent. */
function describeAgent({ body, headers }: FastifyRequest): string {
  const { params } = (body ?? {}) as { params?: { clientInfo?: unknown; _meta?: Record<string, unknown> } }
  const info = params?._meta?.['io.modelcontextprotocol/clientInfo'] ?? params?.clientInfo
  const { name, version } = (info ?? {}) as { name?: unknown; version?: unknown }
  const stated = typeof name === 'string' ? `${name}/${String(version ?? '')}` : headers['x-agent']
  const printable = String(stated ?? 'mcp')
    .replace(/[^\x20-\x7e]/g, '')
    .slice(0, MAX_AGENT_LENGTH)
  return printable.trim() === '' ? 'mcp' : printable.trim()
}
