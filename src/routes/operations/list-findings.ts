import { Type } from 'typebox'
import { enumOf, ref } from '../../contract/fields.ts'
import { type FindingKind, FindingKindSchema, SEVERITIES } from '../../contract/finding.ts'
import { pageOf } from '../../contract/parameters.ts'
import { linkSources } from '../../core/references/references.ts'
import { RULES } from '../../core/rules/index.ts'
import { RETIRED_RULES } from '../../core/rules/retired-rules.ts'
import { findingType } from '../../core/rules/rule.ts'
import examples from '../examples/findings.json' with { type: 'json' }
import { defineOperation } from './define-operation.ts'

/** Every code that a plan can contain, or could contain in an earlier version. */
export const FINDING_KINDS: readonly FindingKind[] = [
  ...RULES.map(({ code, severity, confidence, source }) => ({
    type: findingType(code),
    code,
    severity,
    confidence,
    sources: linkSources(source).map(({ text, url }) => ({ title: text, url })),
    sample: (examples as Record<string, NonNullable<FindingKind['sample']>>)[code] ?? null,
    instead: null,
  })),
  ...Object.entries(RETIRED_RULES).map(([code, instead]) => ({
    type: findingType(code),
    code,
    severity: null,
    confidence: null,
    sources: [],
    sample: null,
    instead,
  })),
]

export const listFindings = defineOperation({
  operationId: 'listFindings',
  method: 'GET',
  path: '/findings',
  tag: 'Service',
  summary: 'List all finding codes',
  description:
    'Returns the complete list of finding codes with severity, confidence, sources, and an example. Codes of earlier versions name their replacement. The list has no pages.',
  grant: 'public',
  subject: 'nothing',
  query: Type.Object(
    { severity: Type.Optional(enumOf(SEVERITIES, { description: 'Returns only codes of this severity.' })) },
    { additionalProperties: false },
  ),
  responses: {
    200: {
      description: 'The finding codes.',
      schema: pageOf(ref(FindingKindSchema)),
      example: { findings: { items: FINDING_KINDS.slice(0, 1), next: null } },
    },
  },
  problems: [],
  handle: (_deps, { query: { severity } }) => {
    const items = FINDING_KINDS.filter((kind) => severity === undefined || kind.severity === severity)
    return { items, next: null }
  },
})
