import type { Unread } from './snapshot.ts'

export const CHECK_RESULTS = ['allowed', 'missing', 'notChecked'] as const
export type CheckResult = (typeof CHECK_RESULTS)[number]

/** Who needs to be allowed something: the identity that plans and executes, or the cluster's own. */
export const PRINCIPALS = ['caller', 'clusterIdentity'] as const
export type Principal = (typeof PRINCIPALS)[number]

/** What the plan needs of its environment, and what was found of it before anything is written. */
export interface Preflight {
  checks: PermissionCheck[]
  /** Locks on what the plan touches. */
  locks: LockCheck[]
  /** Policies that deny, or may deny, the public IPs that the plan makes. */
  policies: PolicyCheck[]
  /** Public IPs of the region at the moment when old and new ones exist; null where none are made or it was not read. */
  quota: QuotaCheck | null
  coverage: { complete: boolean; unread: Unread[] }
}

export interface PermissionCheck {
  who: Principal
  /** Object ids; empty for the caller, whose id ARM does not tell. */
  principalIds: string[]
  scope: string
  action: string
  result: CheckResult
  because: string
}

export const LOCK_EFFECTS = ['blocks', 'mayBlock', 'none'] as const
export type LockEffect = (typeof LOCK_EFFECTS)[number]

export interface LockCheck {
  id: string
  name: string
  level: string
  scope: string
  effect: LockEffect
  because: string
}

export const POLICY_VERDICTS = ['denies', 'notDecided'] as const
export type PolicyVerdict = (typeof POLICY_VERDICTS)[number]

export interface PolicyCheck {
  /** Id of the policy assignment. */
  assignment: string
  name: string
  /** Where it is assigned. */
  scope: string
  /** Id of the definition that decides: itself assigned, or a member of the initiative that is. */
  definition: string
  verdict: PolicyVerdict
  because: string
}

export interface QuotaCheck {
  /** ARM's name of the limit. */
  name: string
  current: number
  limit: number
  /** New public IPs of the plan. */
  needed: number
  atPeak: number
}
