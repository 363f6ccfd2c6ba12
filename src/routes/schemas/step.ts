import { Type } from 'typebox'
import { STEP_KEY_PATTERN, STEP_KEYS, type StepKey } from '../../core/plan-steps.ts'
import { anyJson, armBody, nullable, ref, text, texts, words } from './plain.ts'

/** A plan has some steps once, and others as often as it has resources to make or alter. */
export function stepKey(description?: string) {
  const known = `One of ${STEP_KEYS.join(', ')}, or prepare-, clean-up-, upgrade-node-image- or undo- with a name of its own.`
  return Type.Unsafe<StepKey>({
    type: 'string',
    pattern: STEP_KEY_PATTERN,
    description: description === undefined ? known : `${description} ${known}`,
  })
}

export const FieldChangeSchema = Type.Union(
  [
    Type.Object({ op: words(['set']), path: text(), value: anyJson('The value to write.') }),
    Type.Object({ op: words(['remove']), path: text() }),
    Type.Object({ op: words(['unionCidrs', 'subtractCidrs']), path: text(), cidrs: texts() }),
    Type.Object({ op: words(['unionDiscoveredEgress']), path: text() }),
    Type.Object({
      op: words(['unionAddressesOf', 'subtractAddressesOf']),
      path: text(),
      resourceIds: texts(),
    }),
  ],
  { $id: 'FieldChange' },
)

export const StepActionSchema = Type.Union(
  [
    Type.Object({ kind: words(['checkFreshness']) }),
    Type.Object({
      kind: words(['updateCluster']),
      apiVersion: text('The ARM API version of the write.'),
      changes: Type.Array(ref(FieldChangeSchema)),
    }),
    Type.Object({
      kind: words(['putResource']),
      id: text('The ARM id of a network resource.'),
      apiVersion: text('The ARM API version of the write.'),
      body: nullable(armBody('The body of a resource that must not exist yet.'), {
        description: 'Null where a resource is altered.',
      }),
      changes: Type.Array(ref(FieldChangeSchema)),
      former: Type.Array(ref(FieldChangeSchema), {
        description: 'What the altered fields have to show before, and show again when the step is undone.',
      }),
    }),
    Type.Object({
      kind: words(['upgradeNodeImage']),
      id: text('The ARM id of the agent pool.'),
      apiVersion: text(),
    }),
    Type.Object({ kind: words(['deleteResource']), id: text(), apiVersion: text() }),
    Type.Object({ kind: words(['wait']), seconds: Type.Number() }),
    Type.Object({ kind: words(['readBack']) }),
    Type.Object({ kind: words(['discoverEgressIps']) }),
  ],
  { $id: 'StepAction' },
)

const ExpectationSchema = Type.Union([
  Type.Object({ path: text(), equals: anyJson('The value that the cluster must show.') }),
  Type.Object({ path: text(), absent: Type.Literal(true) }),
  Type.Object({
    path: text(),
    coversCidrs: texts(),
    lacksCidrs: Type.Optional(texts('Entries that the list must not hold any more.')),
  }),
  Type.Object({ path: text(), coversDiscoveredEgress: Type.Literal(true) }),
  Type.Object({ path: text(), coversAddressesOf: texts() }),
])

export const StepSchema = Type.Object(
  {
    key: stepKey(),
    title: text(),
    requires: Type.Array(stepKey(), { description: 'Steps that must have succeeded before.' }),
    does: ref(StepActionSchema),
    expects: Type.Array(ExpectationSchema, { description: 'What the cluster must show afterwards.' }),
    undo: text('How to undo it, or why it cannot be undone.'),
    undoes: Type.Array(ref(StepActionSchema), {
      description: 'The same for machines; empty where there is nothing to undo, or no way.',
    }),
  },
  { $id: 'Step' },
)
