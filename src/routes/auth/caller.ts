import type { Action, Principals } from '../../core/access/policy.ts'
import type { Actor } from '../../core/audit/audit.ts'

/** Who calls, as far as it is proven. */
export interface Caller extends Actor {
  /** App roles and delegated scopes that the token grants. */
  grants: ReadonlySet<string>
  /** Object ids of the caller's groups, as far as the token holds them. */
  groups: readonly string[]
  /** The caller is in more groups than a token holds, so `groups` is not all of them. */
  groupsMissing: boolean
}

/** Proves who calls from the `Authorization` header; rejects with a `Refusal`. */
export type Authenticate = (authorization: string | undefined) => Promise<Caller>

/** What a caller must be granted for an operation: an app role or a delegated scope of this name. */
export const GRANTS = [
  'Egress.Read',
  'Egress.Plan',
  'Egress.Execute',
  'Egress.Approve',
  'Egress.Audit',
] as const
export type Grant = (typeof GRANTS)[number]

/** What the access policy calls the thing that each grant is for. */
export const ACTION_OF: Readonly<Record<Grant, Action>> = {
  'Egress.Read': 'read',
  'Egress.Plan': 'plan',
  'Egress.Execute': 'execute',
  'Egress.Approve': 'approve',
  'Egress.Audit': 'audit',
}

/** The caller of a service that checks nobody: allowed on loopback with simulated Azure only. */
export const UNCHECKED_CALLER: Caller = {
  id: 'anonymous',
  kind: 'anonymous',
  name: 'anonymous',
  appId: null,
  grants: new Set<Grant>(GRANTS),
  groups: [],
  groupsMissing: false,
}

/** The caller as the access policy looks at it. */
export function principalsOf({ id, kind, appId, groups }: Caller): Principals {
  return { id, appId: kind === 'application' ? appId : null, groups }
}
