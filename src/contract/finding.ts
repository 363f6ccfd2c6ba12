import { type Static, Type } from 'typebox'
import { enumOf, string } from './fields.ts'
import { openObject } from './json.ts'

/**
 * `blocker`: cannot be executed. `acknowledge`: executed only if the caller acknowledges the code.
 * `warning` and `info`: shown.
 */
export const SEVERITIES = ['blocker', 'acknowledge', 'warning', 'info'] as const
export type Severity = (typeof SEVERITIES)[number]

export const CONFIDENCES = ['documented', 'observed', 'inferred'] as const
export type Confidence = (typeof CONFIDENCES)[number]

export const FindingSchema = Type.Object(
  {
    code: string(
      'The stable code of the finding, for programs. List it in `acknowledge` if the severity is `acknowledge`.',
    ),
    severity: enumOf(SEVERITIES, {
      description:
        '`blocker`: the plan cannot be executed. `acknowledge`: the plan is executed only if the job request lists the code in `acknowledge`. `warning` and `info`: for information only.',
    }),
    message: string(),
    remedy: string('The recommended action.'),
    facts: openObject('Every number, name and list of the message, as data. The keys depend on the code.'),
    confidence: enumOf(CONFIDENCES, {
      description: 'Whether the rule is documented by Azure, observed, or inferred.',
    }),
    source: string('The source of the rule.'),
  },
  { $id: 'Finding' },
)
export type Finding = Static<typeof FindingSchema>
