import type { FastifyRequest } from 'fastify'
import type { Job } from '../core/job/job.ts'
import type { AzureMode } from '../core/plan.ts'

/** A real change takes minutes; the simulated one takes seconds. */
const RUNNING_SECONDS: Record<AzureMode, string> = { simulated: '1', azure: '10' }
/** Somebody has to speak first, which may take days. */
const HELD_SECONDS: Record<AzureMode, string> = { simulated: '5', azure: '60' }

/** When to ask again for an unfinished job, as the header has it. */
export function retryAfter(azure: AzureMode, isHeld: boolean): string {
  return (isHeld ? HELD_SECONDS : RUNNING_SECONDS)[azure]
}

export const POLL_HEADERS = {
  'retry-after': {
    type: 'integer',
    description:
      'Seconds to wait before asking again; only while the job is unfinished, and more while it is held.',
  },
}

/** Of an answer that sends its caller to poll a job. */
export const MONITOR_HEADERS = {
  location: { type: 'string', description: 'The path of the job.' },
  'operation-location': { type: 'string', description: 'The absolute URL of the job, to poll.' },
  ...POLL_HEADERS,
}

/** Where a job is polled, and when first; a job that is at its end already needs no waiting. */
export function monitorHeaders(
  request: FastifyRequest,
  { id, status, hold }: Pick<Job, 'id' | 'status' | 'hold'>,
  azure: AzureMode,
): Record<string, string> {
  const location = `/v1/jobs/${id}`
  const isUnfinished = status === 'NotStarted' || status === 'Running'
  return {
    location,
    'operation-location': absoluteUrl(request, location),
    ...(isUnfinished ? { 'retry-after': retryAfter(azure, hold?.status === 'Held') } : {}),
  }
}

const HOST = /^[A-Za-z0-9.-]+(:\d{1,5})?$|^\[[0-9A-Fa-f:.]+\](:\d{1,5})?$/

/** The URL as this caller reaches it; the path alone when the Host header is not one. */
export function absoluteUrl(request: FastifyRequest, path: string): string {
  return HOST.test(request.host) ? `${request.protocol}://${request.host}${path}` : path
}
