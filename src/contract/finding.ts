import { type Static, Type } from 'typebox'
import { enumOf, string } from './fields.ts'
import { openObject } from './json.ts'

/**
 * `blocker`: cannot be executed. `acknowledge`: executed only when the caller names the code.
 * `warning` and `info`: shown.
 */
export const SEVERITIES = ['blocker', 'acknowledge', 'warning', 'info'] as const
export type Severity = (typeof SEVERITIES)[number]

export const CONFIDENCES = ['documented', 'observed', 'inferred'] as const
export type Confidence = (typeof CONFIDENCES)[number]

export const FindingSchema = Type.Object(
  {
    code: string(
      'Stable, for programs; the finding to name in `acknowledge` when its severity is `acknowledge`.',
    ),
    severity: enumOf(SEVERITIES, {
      description:
        '`blocker`: the plan cannot be executed. `acknowledge`: it is executed only when the caller names the code. `warning` and `info` are shown.',
    }),
    message: string(),
    remedy: string('What to do about it.'),
    facts: openObject('Every number, name and list of the sentence, as data. The keys depend on the code.'),
    confidence: enumOf(CONFIDENCES, {
      description: 'Whether the rule is documented by Azure, was observed, or is inferred.',
    }),
    source: string('Where the rule comes from.'),
  },
  { $id: 'Finding' },
)
export type Finding = Static<typeof FindingSchema>
