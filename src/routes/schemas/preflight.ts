import { Type } from 'typebox'
import { CHECK_RESULTS, LOCK_EFFECTS, POLICY_VERDICTS, PRINCIPALS } from '../../core/plan-preflight.ts'
import { nullable, text, texts, words } from './plain.ts'

export const PreflightSchema = Type.Object(
  {
    checks: Type.Array(
      Type.Object({
        who: words(PRINCIPALS, {
          description: 'The identity that this service runs as, or the own identity of the cluster.',
        }),
        principalIds: texts('Object ids; empty for the caller, whose id ARM does not tell.'),
        scope: text('The id of the resource.'),
        action: text('As in a role definition.'),
        result: words(CHECK_RESULTS, {
          description: '`notChecked`: it could not be found out, which is neither yes nor no.',
        }),
        because: text(),
      }),
    ),
    locks: Type.Array(
      Type.Object({
        id: text(),
        name: text(),
        level: text('As ARM spells it: ReadOnly, CanNotDelete.'),
        scope: text('The id of what is locked.'),
        effect: words(LOCK_EFFECTS),
        because: text(),
      }),
      { description: 'Locks on what the plan touches.' },
    ),
    policies: Type.Array(
      Type.Object({
        assignment: text('The id of the policy assignment.'),
        name: text(),
        scope: text('Where it is assigned.'),
        definition: text('The id of the definition that decides.'),
        verdict: words(POLICY_VERDICTS),
        because: text(),
      }),
      { description: 'Policies that deny, or may deny, the public IPs that the plan makes.' },
    ),
    quota: nullable(
      Type.Object({
        name: text("ARM's name of the limit."),
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
          what: text(),
          reason: words(['denied', 'not-found', 'failed']),
          code: text("ARM's own code."),
          message: text(),
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
