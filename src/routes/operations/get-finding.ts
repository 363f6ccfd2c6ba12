import { Type } from 'typebox'
import { ref } from '../../contract/fields.ts'
import { FindingKindSchema } from '../../contract/finding.ts'
import { equalsArm } from '../../core/arm/words.ts'
import { htmlFinding } from '../../reports/overview/finding-page.ts'
import { negotiateMediaType, sendHtml } from '../conditional/content-negotiation.ts'
import { Problem } from '../problems/problems.ts'
import { defineOperation } from './define-operation.ts'
import { FINDING_KINDS } from './list-findings.ts'

const [EXAMPLE = {}] = FINDING_KINDS.filter(({ code }) => code === 'EGRESS_IP_LOST')

export const getFinding = defineOperation({
  operationId: 'getFinding',
  method: 'GET',
  path: '/findings/:code',
  tag: 'Service',
  summary: 'Read a finding code',
  description:
    'Describes a finding code. The `type` of every finding is a URI of this operation. Browsers receive a page (`text/html`).',
  grant: 'public',
  subject: 'nothing',
  params: Type.Object(
    {
      code: Type.String({
        description: 'The code of a finding.',
        maxLength: 1000,
        examples: ['EGRESS_IP_LOST'],
      }),
    },
    { additionalProperties: false },
  ),
  responses: {
    200: {
      description: 'The description of the finding code.',
      schema: ref(FindingKindSchema),
      example: { finding: EXAMPLE },
      others: { 'text/html': { findingHtml: '<!doctype html>\n<html lang="en">…</html>\n' } },
      headers: { vary: { type: 'string', description: '`Accept`: the format depends on this header.' } },
    },
  },
  problems: ['FINDING_NOT_FOUND'],
  handle: (_deps, { params: { code }, request, reply }) => {
    const form = negotiateMediaType(request, reply, ['application/json', 'text/html'])
    const kind = FINDING_KINDS.find((candidate) => equalsArm(candidate.code, code))
    if (kind === undefined) throw new Problem('FINDING_NOT_FOUND', { facts: { code: code.slice(0, 100) } })
    return form === 'text/html' ? sendHtml(reply, htmlFinding(kind)) : kind
  },
})
