import { type Static, Type } from 'typebox'
import { enumOf, nullable, string, strings } from './fields.ts'

const CHECK_RESULTS = ['allowed', 'missing', 'notChecked'] as const
export type CheckResult = (typeof CHECK_RESULTS)[number]

/** The identity that needs a permission: the identity of this service, or the identity of the cluster. */
const PRINCIPAL_KINDS = ['caller', 'clusterIdentity'] as const
export type PrincipalKind = (typeof PRINCIPAL_KINDS)[number]

const LOCK_EFFECTS = ['blocks', 'mayBlock', 'none'] as const

const POLICY_VERDICTS = ['denies', 'notDecided'] as const
export type PolicyVerdict = (typeof POLICY_VERDICTS)[number]

/** A failed read that does not fail the whole snapshot. `what`: the resource type, or the ID of a resource. */
export const UnreadSchema = Type.Object({
  what: string(),
  reason: enumOf(['denied', 'not-found', 'failed']),
  code: string(),
  message: string(),
})
export type Unread = Static<typeof UnreadSchema>

/** The prerequisites of the plan, checked before anything is written. */
export const PreflightSchema = Type.Object(
  {
    checks: Type.Array(
      Type.Object({
        who: enumOf(PRINCIPAL_KINDS, {
          description:
            'The identity that needs the permission: the identity of this service (`caller`) or the identity of the cluster.',
        }),
        principalIds: strings(
          'Object IDs in the Microsoft Entra tenant. Empty for `caller`, because ARM does not report its ID.',
        ),
        scope: string('The ID of the resource.'),
        action: string('The action, as spelled in role definitions.'),
        result: enumOf(CHECK_RESULTS, {
          description: '`notChecked`: the permission could not be determined.',
        }),
        because: string(),
      }),
    ),
    locks: Type.Array(
      Type.Object({
        id: string(),
        name: string(),
        level: string('The level in ARM: `ReadOnly` or `CanNotDelete`.'),
        scope: string('The ID of the locked resource, resource group or subscription.'),
        effect: enumOf(LOCK_EFFECTS),
        because: string(),
      }),
      { description: 'Locks on resources that the plan changes.' },
    ),
    policies: Type.Array(
      Type.Object({
        assignment: string('The ID of the policy assignment.'),
        name: string(),
        scope: string('The scope of the assignment.'),
        definition: string('The ID of the policy definition that causes the verdict.'),
        verdict: enumOf(POLICY_VERDICTS),
        because: string(),
      }),
      { description: 'Policies that deny, or may deny, the public IP addresses that the plan creates.' },
    ),
    quota: nullable(
      Type.Object({
        name: string('The name of the quota in ARM.'),
        current: Type.Integer(),
        limit: Type.Integer(),
        needed: Type.Integer({ description: 'The number of new public IP addresses in the plan.' }),
        atPeak: Type.Integer({ description: 'The usage while old and new public IP addresses coexist.' }),
      }),
      { description: 'Null if the plan creates no public IP address, or the usage could not be read.' },
    ),
    coverage: Type.Object({
      complete: Type.Boolean(),
      unread: Type.Array(
        Type.Object({ ...UnreadSchema.properties, code: string('The error code from ARM.') }),
        {
          description: 'Reads that failed, with the reason. The checks that depend on them are skipped.',
        },
      ),
    }),
  },
  {
    $id: 'Preflight',
    description: 'Permissions, locks, policies and quota, checked before anything is written.',
  },
)
export type Preflight = Static<typeof PreflightSchema>
export type PermissionCheck = Preflight['checks'][number]
export type LockCheck = Preflight['locks'][number]
export type PolicyCheck = Preflight['policies'][number]
export type QuotaCheck = NonNullable<Preflight['quota']>
