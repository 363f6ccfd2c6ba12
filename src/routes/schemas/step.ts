import { Type } from 'typebox'
import { STEP_KEYS } from '../../core/plan-steps.ts'
import { anyJson, text, texts, words } from './plain.ts'

const FieldChangeSchema = Type.Union([
  Type.Object({ op: words(['set']), path: text(), value: anyJson('The value to write.') }),
  Type.Object({ op: words(['remove']), path: text() }),
  Type.Object({ op: words(['unionCidrs']), path: text(), cidrs: texts() }),
  Type.Object({ op: words(['unionDiscoveredEgress']), path: text() }),
])

const StepActionSchema = Type.Union([
  Type.Object({ kind: words(['checkFreshness']) }),
  Type.Object({
    kind: words(['updateCluster']),
    apiVersion: text('The ARM API version of the write.'),
    changes: Type.Array(FieldChangeSchema),
  }),
  Type.Object({ kind: words(['wait']), seconds: Type.Number() }),
  Type.Object({ kind: words(['readBack']) }),
  Type.Object({ kind: words(['discoverEgressIps']) }),
])

const ExpectationSchema = Type.Union([
  Type.Object({ path: text(), equals: anyJson('The value that the cluster must show.') }),
  Type.Object({ path: text(), absent: Type.Literal(true) }),
  Type.Object({ path: text(), coversCidrs: texts() }),
  Type.Object({ path: text(), coversDiscoveredEgress: Type.Literal(true) }),
])

export const StepSchema = Type.Object(
  {
    key: words(STEP_KEYS),
    title: text(),
    requires: Type.Array(words(STEP_KEYS), { description: 'Steps that must have succeeded before.' }),
    does: StepActionSchema,
    expects: Type.Array(ExpectationSchema, { description: 'What the cluster must show afterwards.' }),
    undo: text('How to undo it, or why it cannot be undone.'),
  },
  { $id: 'Step' },
)
