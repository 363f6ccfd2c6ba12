import { type Static, Type } from 'typebox'
import { AZURE_MODES } from './cluster.ts'
import { OptionalCost } from './cost.ts'
import { SnatSideSchema } from './egress.ts'
import { dateTime, enumOf, nullable, ref, string, strings } from './fields.ts'
import { HANDOFF_TOOLS } from './handoff.ts'
import { CLUSTER_IDENTITY, DeclaredTypeSchema, SUPPORTS, TYPE_KEYS } from './outbound-type.ts'
import { DisruptionSchema } from './plan.ts'
import { PLAN_VERDICTS } from './plan-status.ts'
import { UnreadSchema } from './preflight.ts'
import { PreparationSchema } from './preparation.ts'
import { ZoneSideSchema } from './zone-resilience.ts'

export const ComparedFindingSchema = Type.Object(
  { code: string('The stable code of the finding.'), message: string(), remedy: string() },
  { $id: 'ComparedFinding' },
)

/** What a plan to one target with default parameters would state, reduced to what decides between targets. */
export const ComparedTargetSchema = Type.Object(
  {
    target: enumOf(TYPE_KEYS),
    rank: nullable(Type.Integer({ minimum: 1 }), {
      description:
        'The position in the recommended order. Null for the current type of the cluster and for targets that cannot be reached.',
    }),
    reasons: strings('The reasons for the position, the most important first.'),
    support: enumOf(SUPPORTS),
    verdict: enumOf(PLAN_VERDICTS),
    why: string('Why the target has this verdict, in one sentence.'),
    blockers: Type.Array(ref(ComparedFindingSchema)),
    acknowledgements: Type.Array(ref(ComparedFindingSchema)),
    prepare: nullable(
      Type.Object({
        request: ref(PreparationSchema),
        verdict: enumOf(PLAN_VERDICTS),
        resolves: strings('Codes of blockers that the preparation resolves.'),
        blockers: strings('Codes of blockers that remain or appear.'),
        acknowledgements: strings('Codes that the prepared plan requires in `acknowledge`.'),
      }),
      {
        description:
          'The request member `prepare` that resolves blockers, and the result with it. The other members of the row describe the plan with this preparation. Null if no preparation helps, or if the preparation needs a value that Azure does not show.',
      },
    ),
    addresses: Type.Object(
      {
        kept: strings(),
        lost: strings('Addresses that the cluster no longer uses after the change.'),
        unrecoverable: strings('The lost addresses that Azure releases permanently.'),
        added: strings('New addresses that are known now.'),
        addedLater: Type.Integer({ description: 'The number of new addresses that do not exist yet.' }),
        unknown: strings('Addresses for which it is unknown whether they stay.'),
        isComplete: Type.Optional(
          Type.Boolean({
            description:
              'False if traffic uses addresses after the change that Azure Resource Manager does not show, so that new addresses may be missing.',
          }),
        ),
      },
      { description: 'The public egress addresses of the cluster.' },
    ),
    disruption: ref(DisruptionSchema),
    zones: Type.Object({ before: ref(ZoneSideSchema), after: ref(ZoneSideSchema) }),
    snat: Type.Object({ before: ref(SnatSideSchema), after: ref(SnatSideSchema) }),
    cost: OptionalCost,
    costUnknownBecause: Type.Optional(
      Type.String({ description: 'Why there is no `cost`. Absent if there is one.' }),
    ),
    rollback: Type.Object({
      supported: Type.Boolean(),
      lost: strings('What a rollback cannot restore, in sentences.'),
      blockers: strings('Codes of findings that would block the rollback.'),
    }),
    infrastructureAsCode: Type.Array(
      Type.Object({
        tool: enumOf(HANDOFF_TOOLS),
        canExpress: Type.Boolean({ description: 'Whether the tool can express the target.' }),
        warning: nullable(Type.String(), {
          description: 'What the tool cannot express, and when it would replace the cluster.',
        }),
      }),
      { description: 'The effect on infrastructure as code. Empty if the target is blocked.' },
    ),
  },
  { $id: 'ComparedTarget' },
)
export type ComparedTarget = Static<typeof ComparedTargetSchema>

/** All targets of one cluster, compared from one snapshot. */
export const ComparisonSchema = Type.Object(
  {
    cluster: Type.Object({
      ...CLUSTER_IDENTITY,
    }),
    asOf: dateTime('The time at which the last read of Azure ended.'),
    azure: enumOf(AZURE_MODES),
    declared: DeclaredTypeSchema,
    targets: Type.Array(ref(ComparedTargetSchema), {
      description: 'Every target, in the recommended order. Targets without a rank come last.',
    }),
    unread: Type.Array(UnreadSchema, {
      description: 'Reads that failed. Empty if the comparison is complete.',
    }),
  },
  { $id: 'Comparison' },
)
export type Comparison = Static<typeof ComparisonSchema>
