import {
  type JSONRPCRequest,
  ProtocolError,
  ProtocolErrorCode,
  type Result,
  Server,
  type ServerContext,
} from '@modelcontextprotocol/server'
import { makeVisible } from './untrusted.ts'

type Handler = (request: JSONRPCRequest, context: ServerContext) => Promise<Result>

/** A server that reports invalid parameters as such. The library reports them as an internal error. */
export class CheckedServer extends Server {
  protected override _wrapHandler(method: string, handler: Handler): Handler {
    const wrapped = super._wrapHandler(method, handler)
    return async (request, context) => {
      try {
        return await wrapped(request, context)
      } catch (error) {
        throw toInvalidParams(error) ?? error
      }
    }
  }
}

/** The faults that the library found in a request: its error has them as JSON. Null for any other error. */
function toInvalidParams(error: unknown): ProtocolError | null {
  if (!(error instanceof Error)) return null
  const [first] = parseFaults(error.message.replace(/^Invalid tools\/call request: /, ''))
  if (first === undefined) return null
  const { path = [], message = 'Invalid input' } = first
  return new ProtocolError(ProtocolErrorCode.InvalidParams, makeVisible(`${path.join('.')}: ${message}`))
}

function parseFaults(text: string): { path?: unknown[]; message?: string }[] {
  try {
    const faults: unknown = JSON.parse(text)
    return Array.isArray(faults) ? faults : []
  } catch {
    return []
  }
}
