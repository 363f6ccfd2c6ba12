import type { FastifyReply, FastifyRequest } from 'fastify'
import type { Precondition } from '../../core/lib/errors.ts'
import { Problem } from '../problems/problems.ts'

/** What an answer that is worth asking for again says in its headers, for the OpenAPI document. */
export const ETAG_HEADERS = {
  etag: {
    type: 'string',
    description:
      'The version of this answer. Send it as `If-None-Match` to be answered 304 while it is still this one.',
  },
  'cache-control': {
    type: 'string',
    description: '`private, no-cache`: may be kept, and has to be asked for again.',
  },
}

export const NOT_MODIFIED = {
  description: 'What `If-None-Match` names is still what is there: no body.',
  headers: ETAG_HEADERS,
}

const TAG = /(?:W\/)?("[^"]*")/g

/** The entity tag of a version; `form` tells answers of the same version apart that are not the same bytes. */
export function toEtag(version: string, form?: string): string {
  return form === undefined ? `"${version}"` : `"${version}.${form}"`
}

/** Whether the caller says to have something; then a cheap look can spare the answer. */
export function hasIfNoneMatch(request: FastifyRequest): boolean {
  return request.headers['if-none-match'] !== undefined
}

/** Whether If-None-Match names this tag: RFC 9110, 13.1.2, by the weak comparison. */
export function matchesIfNoneMatch(request: FastifyRequest, etag: string): boolean {
  const tags = request.headers['if-none-match']
  if (tags === undefined) return false
  return tags.trim() === '*' || [...tags.matchAll(TAG)].some(([, opaque]) => opaque === etag)
}

/** Marks an answer with its version. */
export function withEtag(reply: FastifyReply, etag: string): FastifyReply {
  return reply.headers({ etag, 'cache-control': 'private, no-cache' })
}

/** Weak tags are left out: they say that two answers mean the same, and not that they are the same. */
const STRONG_TAG = /(?<!W\/)"[^"]*"/g

/**
 * The condition of a request's `If-Match`, which refuses versions that it does not name: RFC 9110, 13.1.1, by the strong
 * comparison. Left out where there is none. The room asks it where it has the effect: what was looked up before could
 * have changed meanwhile.
 */
export function toPrecondition(request: FastifyRequest): Precondition | undefined {
  const tags = request.headers['if-match']
  if (tags === undefined) return undefined
  return (version) => {
    const present = toEtag(version)
    if (tags.trim() === '*' || tags.match(STRONG_TAG)?.includes(present)) return
    throw new Problem('PRECONDITION_FAILED', { facts: { etag: present } })
  }
}
