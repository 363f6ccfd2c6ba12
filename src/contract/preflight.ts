import { Type } from 'typebox'

import { enumOf, nullable, string, strings } from './fields.ts'

const CHECK_RESULTS = ['allowed', 'missing', 'notChecked'] as const
export type CheckResult = (typeof CHECK_RESULTS)[number]

/** Who needs to be allowed something: the identity that plans and executes, or the cluster's own. */
const PRINCIPAL_KINDS = ['caller', 'clusterIdentity'] as const
export type PrincipalKind = (typeof PRINCIPAL_KINDS)[number]

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
  who: PrincipalKind
  /** Object ids; empty for the caller, whose id ARM does not tell. */
  principalIds: string[]
  scope: string
  action: string
  result: CheckResult
  because: string
}

const LOCK_EFFECTS = ['blocks', 'mayBlock', 'none'] as const
type LockEffect = (typeof LOCK_EFFECTS)[number]

export interface LockCheck {
  id: string
  name: string
  level: string
  scope: string
  effect: LockEffect
  because: string
}

const POLICY_VERDICTS = ['denies', 'notDecided'] as const
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

export const PreflightSchema = Type.Object(
  {
    checks: Type.Array(
      Type.Object({
        who: enumOf(PRINCIPAL_KINDS, {
          description: 'The identity that this service runs as, or the own identity of the cluster.',
        }),
        principalIds: strings('Object ids; empty for the caller, whose id ARM does not tell.'),
        scope: string('The id of the resource.'),
        action: string('As in a role definition.'),
        result: enumOf(CHECK_RESULTS, {
          description: '`notChecked`: it could not be found out, which is neither yes nor no.',
        }),
        because: string(),
      }),
    ),
    locks: Type.Array(
      Type.Object({
        id: string(),
        name: string(),
        level: string('As ARM spells it: ReadOnly, CanNotDelete.'),
        scope: string('The id of what is locked.'),
        effect: enumOf(LOCK_EFFECTS),
        because: string(),
      }),
      { description: 'Locks on what the plan touches.' },
    ),
    policies: Type.Array(
      Type.Object({
        assignment: string('The id of the policy assignment.'),
        name: string(),
        scope: string('Where it is assigned.'),
        definition: string('The id of the definition that decides.'),
        verdict: enumOf(POLICY_VERDICTS),
        because: string(),
      }),
      { description: 'Policies that deny, or may deny, the public IPs that the plan makes.' },
    ),
    quota: nullable(
      Type.Object({
        name: string("ARM's name of the limit."),
        current: Type.Integer(),
        limit: Type.Integer(),
        needed: Type.Integer({ description: 'New public IPs of the plan.' }),
        atPeak: Type.Integer({ description: 'While old and new ones exist.' }),
      }),
      { description: 'Null where no public IP is made, or the usages could not be read.' },
    ),
    coverage: Type.Object({
      complete: Type.Boolean(),
      unread: Type.Array(
        Type.Object({
          what: string(),
          reason: enumOf(['denied', 'not-found', 'failed']),
          code: string("ARM's own code."),
          message: string(),
        }),
        { description: 'What could not be read, and why; the checks that need it are not made.' },
      ),
    }),
  },
  {
    $id: 'Preflight',
    description: 'Rights, locks, policies and quota, looked at before anything is written.',
  },
)

/** One read that failed without failing the whole snapshot. */
export interface Unread {
  /** The resource type, or the id of the one resource, that could not be read. */
  what: string
  reason: 'denied' | 'not-found' | 'failed'
  code: string
  message: string
}
