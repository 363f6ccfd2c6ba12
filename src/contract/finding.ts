import { type Static, Type } from 'typebox'
import { enumOf, nullable, string } from './fields.ts'
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
    type: Type.Optional(
      string(
        'A relative URI. GET it for a description of the finding. Omitted in plans of earlier versions.',
      ),
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

/** The meaning of a finding code, with the text of an example. */
export const FindingKindSchema = Type.Object(
  {
    type: string('The relative URI of this description.'),
    code: string(),
    severity: nullable(enumOf(SEVERITIES), {
      description: 'The usual severity; some facts change it. Null for a code that is no longer reported.',
    }),
    confidence: nullable(enumOf(CONFIDENCES)),
    sources: Type.Array(
      Type.Object({
        title: string(),
        url: nullable(Type.String(), { description: 'Null if the source has no page.' }),
      }),
    ),
    sample: nullable(Type.Object({ message: string(), remedy: string() }), {
      description: 'An example. Its numbers and names come from a test case of the rule.',
    }),
    instead: nullable(Type.String(), {
      description: 'Where plans contain this information now. Null for a code that plans still report.',
    }),
  },
  { $id: 'FindingKind', description: 'The meaning of a finding code.' },
)
export type FindingKind = Static<typeof FindingKindSchema>
