import type { FastifyRequest } from 'fastify'
import type { Precondition } from '../core/precondition.ts'
import { etagOf } from './etag.ts'
import { Problem } from './problems.ts'

/** Weak tags are left out: they say that two answers mean the same, and not that they are the same. */
const STRONG_TAG = /(?<!W\/)"[^"]*"/g

/**
 * The condition of a request's `If-Match`, which refuses versions that it does not name: RFC 9110, 13.1.1, by the strong
 * comparison. Left out where there is none. The room asks it where it has the effect: what was looked up before could
 * have changed meanwhile.
 */
export function preconditionOf(request: FastifyRequest): Precondition | undefined {
  const given = request.headers['if-match']
  if (given === undefined) return undefined
  return (version) => {
    const present = etagOf(version)
    if (given.trim() === '*' || given.match(STRONG_TAG)?.includes(present)) return
    throw new Problem('PRECONDITION_FAILED', { facts: { etag: present } })
  }
}
