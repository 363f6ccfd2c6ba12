import { ArmFault } from './arm-fault.ts'

/**
 * What a poll needs to know, small enough to store. It is ours and not the SDK's serialised poller,
 * because that one holds the endpoint's host, adds a GET of the cluster to the last poll, throws where
 * an operation failed, and keeps ARM's `Retry-After` to itself.
 */
export interface PollerText {
  /**
   * `operation`: the URL of `azure-asyncoperation`, whose body says how it stands; `location`: the URL
   * of `location`, where the status code says it; `resource`: the cluster, whose `provisioningState` says it.
   */
  kind: 'operation' | 'location' | 'resource'
  /** Path and query exactly as ARM sent them, without the host: no stored text can lead elsewhere. */
  path: string
  subscriptionId: string
  apiVersion: string
}

const VERSION = 1

export function writePollerText(poller: PollerText): string {
  return JSON.stringify({ version: VERSION, ...poller })
}

/** Rejects text that `writePollerText` did not write with an `ArmFault` `unknown`. */
export function readPollerText(text: string): PollerText {
  const poller = parsed(text)
  const { kind, path, subscriptionId, apiVersion } = poller ?? {}
  const isKind = kind === 'operation' || kind === 'location' || kind === 'resource'
  const hasTexts = typeof subscriptionId === 'string' && typeof apiVersion === 'string'
  if (poller?.version === VERSION && isKind && typeof path === 'string' && path.startsWith('/') && hasTexts) {
    return { kind, path, subscriptionId, apiVersion }
  }
  throw new ArmFault({
    kind: 'unknown',
    code: 'UnreadablePoller',
    message: 'The stored operation cannot be read, so it cannot be polled.',
  })
}

/** Where an accepted PUT says that its operation can be followed; a URL on another host is not followed. */
export function pollerFor(
  headers: Record<string, string>,
  origin: string,
  resource: { path: string; subscriptionId: string; apiVersion: string },
): PollerText {
  const { subscriptionId, apiVersion } = resource
  const operation = pathOn(origin, headers['azure-asyncoperation'])
  if (operation !== null) return { kind: 'operation', path: operation, subscriptionId, apiVersion }
  const location = pathOn(origin, headers.location)
  if (location !== null) return { kind: 'location', path: location, subscriptionId, apiVersion }
  return { kind: 'resource', ...resource }
}

/** The URL's path and query, character by character because they are signed; null when it leads to another host. */
export function pathOn(origin: string, url: string | undefined): string | null {
  if (url === undefined || !URL.canParse(url, origin)) return null
  if (new URL(url, origin).origin !== origin) return null
  const path = url.replace(/^[a-z]+:\/\/[^/?#]*/i, '')
  return path.startsWith('/') ? path : null
}

function parsed(text: string): Record<string, unknown> | null {
  try {
    const json: unknown = JSON.parse(text)
    return typeof json === 'object' && json !== null ? { ...json } : null
  } catch {
    return null
  }
}
