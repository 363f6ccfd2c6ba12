import type { FastifyRequest } from 'fastify'
import type { AzureMode } from '../core/plan.ts'

/** A real change takes minutes; the simulated one takes seconds. */
export const POLL_SECONDS: Record<AzureMode, string> = { simulated: '1', azure: '10' }

export const POLL_HEADERS = {
  'retry-after': {
    type: 'integer',
    description: 'Seconds to wait before asking again; only while the job is unfinished.',
  },
}

const HOST = /^[A-Za-z0-9.-]+(:\d{1,5})?$|^\[[0-9A-Fa-f:.]+\](:\d{1,5})?$/

/** The URL as this caller reaches it; the path alone when the Host header is not one. */
export function absoluteUrl(request: FastifyRequest, path: string): string {
  return HOST.test(request.host) ? `${request.protocol}://${request.host}${path}` : path
}
