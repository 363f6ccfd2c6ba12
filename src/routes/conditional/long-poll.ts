import type { FastifyReply, FastifyRequest } from 'fastify'
import type { AzureMode } from '../../contract/cluster.ts'
import type { Job } from '../../contract/job.ts'
import type { ChangeFeed } from '../../database/engine/change-feed.ts'
import type { JobVersion } from '../../jobs/jobs.ts'
import { callerKey } from '../auth/caller.ts'

/** A change takes minutes in Azure, and seconds in the simulator. */
const RUNNING_SECONDS: Record<AzureMode, string> = { simulated: '1', azure: '10' }
/** A held job waits for a release, which may take days. */
const HELD_SECONDS: Record<AzureMode, string> = { simulated: '5', azure: '60' }

/** A job that waits for its schedule can be rescheduled or canceled in the meantime. */
const MAX_WAITING_SECONDS = 3_600

/**
 * The value of `Retry-After` for an unfinished job: until it begins, at most an hour, and never less than for a running
 * job.
 */
export function resolveRetryAfter(
  azure: AzureMode,
  { isHeld, beginsAt = null }: Pick<JobVersion, 'isHeld' | 'beginsAt'>,
  now: Date,
): string {
  if (isHeld) return HELD_SECONDS[azure]
  const seconds = beginsAt === null ? 0 : Math.ceil((Date.parse(beginsAt) - now.getTime()) / 1_000)
  return String(Math.max(Number(RUNNING_SECONDS[azure]), Math.min(seconds, MAX_WAITING_SECONDS)))
}

export const POLL_HEADERS = {
  'retry-after': {
    type: 'integer',
    description:
      'The number of seconds to wait before the next request. Only present while the job is unfinished. Higher while the job is held. Before a scheduled job begins, the time until then, at most 3600.',
  },
}

/** The headers of a response after which the caller polls a job. */
export const MONITOR_HEADERS = {
  location: { type: 'string', description: 'The path of the job.' },
  'operation-location': { type: 'string', description: 'The absolute URL for polling the job.' },
  ...POLL_HEADERS,
}

/** The URL of a job and the time of the first poll. A finished job has no waiting time. */
export function monitorHeaders(
  request: FastifyRequest,
  { id, status, hold, beginsAt = null }: Pick<Job, 'id' | 'status' | 'hold' | 'beginsAt'>,
  azure: AzureMode,
): Record<string, string> {
  const location = `/v1/jobs/${id}`
  const isUnfinished = status === 'NotStarted' || status === 'Running'
  return {
    location,
    'operation-location': absoluteUrl(request, location),
    ...(isUnfinished
      ? { 'retry-after': resolveRetryAfter(azure, { isHeld: hold?.status === 'Held', beginsAt }, new Date()) }
      : {}),
  }
}

const HOST = /^[A-Za-z0-9.-]+(:\d{1,5})?$|^\[[0-9A-Fa-f:.]+\](:\d{1,5})?$/

/** The URL as this caller reaches it, or only the path if the Host header is invalid. */
export function absoluteUrl(request: FastifyRequest, path: string): string {
  return HOST.test(request.host) ? `${request.protocol}://${request.host}${path}` : path
}

const MAX_WAIT_SECONDS = 60
/**
 * The seconds of `Prefer: wait=n` (RFC 7240, 4.3), at most 60. Null without a valid `wait` preference. An unknown preference
 * is not an error. If there are several, the first one applies.
 */
export function parsePreferWait(header: string | string[] | undefined): number | null {
  const preferences = [header ?? []].flat().join(',').split(',')
  for (const preference of preferences) {
    // Split manually: a regular expression for optional spaces would backtrack.
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

interface Poll<T> {
  /** The ID of the job or plan. */
  id: string
  seconds: number
  changes: ChangeFeed
  /** Simultaneous calls must share one read: thousands of polls can wait for one resource. */
  read: () => Promise<T>
  isNews: (now: T, first: T) => boolean
}

/**
 * Delays a poll until the job or plan changes, for at most the given seconds. It returns earlier if the caller disconnects or the
 * service stops. It reads the database only at the start and after each change. Returns `waited: false` without any delay
 * if this caller already has too many polls waiting, and the news, null if there is none.
 */
export async function waitForChange<T>(
  request: FastifyRequest,
  reply: FastifyReply,
  poll: Poll<T>,
): Promise<{ waited: boolean; news: T | null }> {
  const { heldResponses } = request.server
  const caller = callerKey(request)
  if (heldResponses.isFull(caller)) return { waited: false, news: null }
  const waiting = new ChangeSignal()
  const end = () => waiting.end()
  // Watches before the first read, so that no change in between is lost.
  const unwatch = poll.changes.watch(poll.id, () => waiting.change())
  const forget = heldResponses.add(caller, end)
  const timer = setTimeout(end, poll.seconds * 1_000)
  reply.raw.once('close', end)
  try {
    const first = await poll.read()
    let now = first
    while (!poll.isNews(now, first)) {
      if (!(await waiting.next())) return { waited: true, news: null }
      now = await poll.read()
    }
    return { waited: true, news: now }
  } finally {
    unwatch()
    forget()
    clearTimeout(timer)
    reply.raw.off('close', end)
  }
}

/** Signals unread changes, and the end of the wait. */
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
