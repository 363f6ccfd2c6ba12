import type { FastifyReply, FastifyRequest } from 'fastify'
import type { AzureMode } from '../../contract/cluster.ts'
import type { Job } from '../../contract/job.ts'
import type { ChangeFeed } from '../../database/engine/change-feed.ts'
import type { JobVersion } from '../../jobs/jobs.ts'

/** A real change takes minutes; the simulated one takes seconds. */
const RUNNING_SECONDS: Record<AzureMode, string> = { simulated: '1', azure: '10' }
/** Somebody has to speak first, which may take days. */
const HELD_SECONDS: Record<AzureMode, string> = { simulated: '5', azure: '60' }

/** When to ask again for an unfinished job, as the header has it. */
export function resolveRetryAfter(azure: AzureMode, isHeld: boolean): string {
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
    ...(isUnfinished ? { 'retry-after': resolveRetryAfter(azure, hold?.status === 'Held') } : {}),
  }
}

const HOST = /^[A-Za-z0-9.-]+(:\d{1,5})?$|^\[[0-9A-Fa-f:.]+\](:\d{1,5})?$/

/** The URL as this caller reaches it; the path alone when the Host header is not one. */
function absoluteUrl(request: FastifyRequest, path: string): string {
  return HOST.test(request.host) ? `${request.protocol}://${request.host}${path}` : path
}

const MAX_WAIT_SECONDS = 60
/**
 * The seconds of `Prefer: wait=n` (RFC 7240, 4.3), at most 60; null where there is none that can be applied.
 * A preference that is not understood is no error, and of several the first counts.
 */
export function parsePreferWait(header: string | string[] | undefined): number | null {
  const preferences = [header ?? []].flat().join(',').split(',')
  for (const preference of preferences) {
    // Taken apart by hand: an expression that allows for all the spaces would try them again and again.
    const [pair = ''] = preference.split(';')
    const [name = '', ...rest] = pair.split('=')
    if (name.trim().toLowerCase() !== 'wait') continue
    const value = unquoted(rest.join('=').trim())
    const seconds = /^\d{1,9}$/.test(value) ? Number(value) : 0
    return seconds > 0 ? Math.min(seconds, MAX_WAIT_SECONDS) : null
  }
  return null
}

function unquoted(value: string): string {
  return value.length >= 2 && value.startsWith('"') && value.endsWith('"') ? value.slice(1, -1) : value
}

/**
 * Holds a poll until there is news of the job, for so many seconds at most. It comes back earlier when the caller
 * goes away or the service stops. Nothing is asked of the database but once at the start and after each change.
 */
export async function waitForChange(
  request: FastifyRequest,
  reply: FastifyReply,
  poll: {
    jobId: string
    seconds: number
    changes: ChangeFeed
    read: () => Promise<JobVersion>
    isNews: (now: JobVersion, first: JobVersion) => boolean
  },
): Promise<void> {
  const { heldResponses } = request.server
  if (heldResponses.isFull) return
  const waiting = new ChangeSignal()
  const end = () => waiting.end()
  // Watched before the first look: a change in between is seen by one of the two.
  const unwatch = poll.changes.watch(poll.jobId, () => waiting.change())
  const forget = heldResponses.add(end)
  const timer = setTimeout(end, poll.seconds * 1_000)
  reply.raw.once('close', end)
  try {
    const first = await poll.read()
    let now = first
    while (!poll.isNews(now, first) && (await waiting.next())) now = await poll.read()
  } finally {
    unwatch()
    forget()
    clearTimeout(timer)
    reply.raw.off('close', end)
  }
}

/** Changes that have not been looked at, and the end of it all. */
class ChangeSignal {
  #hasChanged = false
  #hasEnded = false
  #wake = () => {}

  change(): void {
    this.#hasChanged = true
    this.#wake()
  }

  end(): void {
    this.#hasEnded = true
    this.#wake()
  }

  /** Resolves with true at a change since the last call, with false at the end. */
  async next(): Promise<boolean> {
    if (!this.#hasChanged && !this.#hasEnded)
      await new Promise<void>((resolve) => {
        this.#wake = resolve
      })
    this.#hasChanged = false
    return !this.#hasEnded
  }
}
