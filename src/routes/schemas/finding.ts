import { Type } from 'typebox'
import { CONFIDENCES, SEVERITIES } from '../../core/plan.ts'
import { openObject, text, words } from './plain.ts'

export const FindingSchema = Type.Object(
  {
    code: text(
      'Stable, for programs; the finding to name in `acknowledge` when its severity is `acknowledge`.',
    ),
    severity: words(SEVERITIES, {
      description:
        '`blocker`: the plan cannot be executed. `acknowledge`: it is executed only when the caller names the code. `warning` and `info` are shown.',
    }),
    message: text(),
    remedy: text('What to do about it.'),
    facts: openObject('Every number, name and list of the sentence, as data. The keys depend on the code.'),
    confidence: words(CONFIDENCES, {
      description: 'Whether the rule is documented by Azure, was observed, or is inferred.',
    }),
    source: text('Where the rule comes from.'),
  },
  { $id: 'Finding' },
)
