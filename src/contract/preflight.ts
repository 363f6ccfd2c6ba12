import { type Static, Type } from 'typebox'
import { enumOf, nullable, string, strings } from './fields.ts'

const CHECK_RESULTS = ['allowed', 'missing', 'notChecked'] as const
export type CheckResult = (typeof CHECK_RESULTS)[number]

/** The identity that needs a permission: the one that plans and executes, or that of the cluster. */
const PRINCIPAL_KINDS = ['caller', 'clusterIdentity'] as const
export type PrincipalKind = (typeof PRINCIPAL_KINDS)[number]

const LOCK_EFFECTS = ['blocks', 'mayBlock', 'none'] as const

const POLICY_VERDICTS = ['denies', 'notDecided'] as const
export type PolicyVerdict = (typeof POLICY_VERDICTS)[number]

/** One read that failed without failing the whole snapshot. `what`: the resource type, or the id of one resource. */
export const UnreadSchema = Type.Object({
  what: string(),
  reason: enumOf(['denied', 'not-found', 'failed']),
  code: string(),
  message: string(),
})
export type Unread = Static<typeof UnreadSchema>

/** What the plan needs of its environment, checked before anything is written. */
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
      unread: Type.Array(Type.Object({ ...UnreadSchema.properties, code: string("ARM's own code.") }), {
        description: 'What could not be read, and why; the checks that need it are not made.',
      }),
    }),
  },
  {
    $id: 'Preflight',
    description: 'Rights, locks, policies and quota, looked at before anything is written.',
  },
)
export type Preflight = Static<typeof PreflightSchema>
export type PermissionCheck = Preflight['checks'][number]
export type LockCheck = Preflight['locks'][number]
export type PolicyCheck = Preflight['policies'][number]
export type QuotaCheck = NonNullable<Preflight['quota']>
