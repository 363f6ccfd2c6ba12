import type { FastifyRequest } from 'fastify'
import { Problem } from './problems.ts'

/** Weak tags are left out: they say that two answers mean the same, and not that they are the same. */
const STRONG_TAG = /(?<!W\/)"[^"]*"/g

/**
 * Refuses a request whose `If-Match` names another version than the present one: RFC 9110, 13.1.1, by the strong
 * comparison. `etag` is asked only where there is a condition, and rejects for what does not exist.
 */
export async function requireMatch(request: FastifyRequest, etag: () => Promise<string>): Promise<void> {
  const given = request.headers['if-match']
  if (given === undefined) return
  const present = await etag()
  if (given.trim() === '*' || given.match(STRONG_TAG)?.includes(present)) return
  throw new Problem('PRECONDITION_FAILED', { facts: { etag: present } })
}
