import type { FastifyReply, FastifyRequest } from 'fastify'
import type { Precondition } from '../../core/lib/errors.ts'
import { Problem } from '../problems/problems.ts'

/** The headers of a response that supports conditional requests, for the OpenAPI document. */
export const ETAG_HEADERS = {
  etag: {
    type: 'string',
    description:
      'The version of this response. Send it as `If-None-Match` to receive 304 while the version is unchanged.',
  },
  'cache-control': {
    type: 'string',
    description: '`private, no-cache`: clients may store the response and must revalidate it before use.',
  },
}

export const NOT_MODIFIED = {
  description: 'The version in `If-None-Match` is current. The response has no body.',
  headers: ETAG_HEADERS,
}

const TAG = /(?:W\/)?("[^"]*")/g

/** The entity tag of a version. `form` distinguishes formats of the same version. */
export function toEtag(version: string, form?: string): string {
  return form === undefined ? `"${version}"` : `"${version}.${form}"`
}

/** Whether the caller has an earlier version. Reading only the current version can then replace the full response. */
export function hasIfNoneMatch(request: FastifyRequest): boolean {
  return request.headers['if-none-match'] !== undefined
}

/** Whether If-None-Match contains this tag, by weak comparison (RFC 9110, 13.1.2). */
export function matchesIfNoneMatch(request: FastifyRequest, etag: string): boolean {
  const tags = request.headers['if-none-match']
  if (tags === undefined) return false
  return tags.trim() === '*' || [...tags.matchAll(TAG)].some(([, opaque]) => opaque === etag)
}

/** Sets the version of a response. */
export function withEtag(reply: FastifyReply, etag: string): FastifyReply {
  return reply.headers({ etag, 'cache-control': 'private, no-cache' })
}

/** Weak tags are ignored, because they mean that two responses are equivalent but not identical. */
const STRONG_TAG = /(?<!W\/)"[^"]*"/g

/**
 * The condition of `If-Match`, which rejects all other versions, by strong comparison (RFC 9110, 13.1.1). The tag of any
 * format of the version meets it: what the caller has read is up to date. Undefined without the header. The module checks it in the transaction of the effect, because an earlier read may be outdated.
 */
export function toPrecondition(request: FastifyRequest): Precondition | undefined {
  const tags = request.headers['if-match']
  if (tags === undefined) return undefined
  return (version) => {
    const present = toEtag(version)
    const isPresent = (tag: string) => tag === present || tag.startsWith(`${present.slice(0, -1)}.`)
    if (tags.trim() === '*' || tags.match(STRONG_TAG)?.some(isPresent)) return
    throw new Problem('PRECONDITION_FAILED', { facts: { etag: present } })
  }
}
