import type { FastifyReply, FastifyRequest } from 'fastify'

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
export function etagOf(version: string, form?: string): string {
  return form === undefined ? `"${version}"` : `"${version}.${form}"`
}

/** Whether the caller says to have something; then a cheap look can spare the answer. */
export function hasCondition(request: FastifyRequest): boolean {
  return request.headers['if-none-match'] !== undefined
}

/** Whether If-None-Match names this tag: RFC 9110, 13.1.2, by the weak comparison. */
export function isKnown(request: FastifyRequest, etag: string): boolean {
  const given = request.headers['if-none-match']
  if (given === undefined) return false
  return given.trim() === '*' || [...given.matchAll(TAG)].some(([, opaque]) => opaque === etag)
}

/** Marks an answer with its version. */
export function tagged(reply: FastifyReply, etag: string): FastifyReply {
  return reply.headers({ etag, 'cache-control': 'private, no-cache' })
}
