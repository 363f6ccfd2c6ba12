import { ref } from '../../contract/fields.ts'
import { IF_NONE_MATCH, PlanPathSchema } from '../../contract/parameters.ts'
import { PlanSchema, type PlanStatus } from '../../contract/plan.ts'
import { htmlReport, markdownReport } from '../../reports/plan-report.ts'
import {
  negotiateMediaType,
  notAcceptableProblem,
  PAGE_STYLE_VERSION,
  sendHtml,
  sendText,
  withPageHeaders,
} from '../conditional/content-negotiation.ts'
import {
  ETAG_HEADERS,
  hasIfNoneMatch,
  matchesIfNoneMatch,
  NOT_MODIFIED,
  toEtag,
  withEtag,
} from '../conditional/etag.ts'
import { EXAMPLE_PLAN } from '../examples/plans.ts'
import { defineOperation } from './define-operation.ts'

const FORMS = ['application/json', 'text/markdown', 'text/html'] as const

const HEADERS = {
  ...ETAG_HEADERS,
  vary: { type: 'string', description: '`Accept`: the format depends on this header.' },
}

/** Only the start of the page: a complete page does not help readers of an API document. */
const EXAMPLE_HTML = '<!doctype html>\n<html lang="en">…</html>\n'

export const getPlan = defineOperation({
  operationId: 'getPlan',
  method: 'GET',
  path: '/v1/plans/:planId',
  tag: 'Plans',
  summary: 'Read a plan',
  description:
    'Returns the plan, which is immutable except for its status. The default is JSON. The header `Accept` selects a report instead. `text/markdown` is for tickets and chats. `text/html` is for browsers and printing; it includes a diagram of the egress paths before and after.',
  grant: 'Egress.Read',
  subject: 'path',
  params: PlanPathSchema,
  headers: IF_NONE_MATCH,
  responses: {
    200: {
      description: 'The plan.',
      schema: ref(PlanSchema),
      example: { plan: EXAMPLE_PLAN },
      others: {
        'text/markdown': { planMarkdown: markdownReport(EXAMPLE_PLAN) },
        'text/html': { planHtml: EXAMPLE_HTML },
      },
      headers: HEADERS,
    },
    304: { ...NOT_MODIFIED, headers: HEADERS },
  },
  problems: ['PLAN_NOT_FOUND', 'NOT_ACCEPTABLE'],
  handle: async ({ planning, version }, { params: { planId }, request, reply }) => {
    const form = negotiateMediaType(request, reply, FORMS)
    const tagOf = (status: PlanStatus) => toPlanEtag(status, form ?? 'application/json', version)
    if (form !== null && hasIfNoneMatch(request)) {
      const etag = tagOf(await planning.getPlanStatus(planId))
      if (matchesIfNoneMatch(request, etag)) {
        if (form === 'text/html') withPageHeaders(reply)
        return withEtag(reply, etag).code(304).send()
      }
    }
    if (form === 'application/json') {
      const { status, text } = await planning.getPlanText(planId)
      return withEtag(reply, tagOf(status)).type('application/json; charset=utf-8').send(text)
    }
    const plan = await planning.getPlan(planId)
    if (form === null) throw notAcceptableProblem(request, FORMS)
    withEtag(reply, tagOf(plan.status))
    return form === 'text/html'
      ? sendHtml(reply, htmlReport(plan))
      : sendText(reply, 'text/markdown; charset=utf-8; variant=GFM', markdownReport(plan))
  },
})

/**
 * A plan is immutable except for its status, so the status is its version. Another version of this service may word a
 * report differently.
 */
function toPlanEtag(status: PlanStatus, form: (typeof FORMS)[number], version: string): string {
  switch (form) {
    case 'application/json':
      return toEtag(status)
    case 'text/markdown':
      return toEtag(status, `markdown.${version}`)
    case 'text/html':
      return toEtag(status, `html.${version}.${PAGE_STYLE_VERSION}`)
  }
}
