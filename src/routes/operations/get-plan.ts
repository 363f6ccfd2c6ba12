import type { PlanStatus } from '../../core/plan.ts'
import { htmlReport } from '../../reports/html-report.ts'
import { markdownReport } from '../../reports/markdown-report.ts'
import { answers } from '../answers.ts'
import type { App, AppDeps } from '../deps.ts'
import { ETAG_HEADERS, etagOf, hasCondition, isKnown, NOT_MODIFIED, tagged } from '../etag.ts'
import { notAcceptable, preferredForm } from '../negotiate.ts'
import { IF_NONE_MATCH, requestHeaders } from '../schemas/headers.ts'
import { PlanPathSchema } from '../schemas/names.ts'
import { NO_QUERY, ref } from '../schemas/plain.ts'
import { PlanSchema } from '../schemas/plan.ts'
import { sendPage, sendText } from '../send-report.ts'

const path = '/v1/plans/:planId'

const FORMS = ['application/json', 'text/markdown', 'text/html'] as const

const HEADERS = {
  ...ETAG_HEADERS,
  vary: { type: 'string', description: '`Accept`: the form depends on it.' },
}

const schema = {
  operationId: 'getPlan',
  tags: ['Plans'],
  summary: 'Read a plan',
  description:
    'The plan as it was made; only its status tells what has become of it since. As JSON, or by the header `Accept` as a report for people: `text/markdown` for a ticket or a chat, `text/html` for a browser and for paper, with the egress path before and after as a picture.',
  params: PlanPathSchema,
  headers: requestHeaders(IF_NONE_MATCH),
  querystring: NO_QUERY,
  response: answers(
    {
      200: {
        description: 'The plan.',
        schema: ref(PlanSchema),
        example: 'plan',
        others: { 'text/markdown': 'planMarkdown', 'text/html': 'planHtml' },
        headers: HEADERS,
      },
      304: { ...NOT_MODIFIED, headers: HEADERS },
    },
    ['INVALID_REQUEST', 'URI_TOO_LONG', 'PLAN_NOT_FOUND', 'NOT_ACCEPTABLE'],
  ),
}

export function getPlan(app: App, { planning, version }: AppDeps): void {
  app.get(path, { schema, config: { operation: schema.operationId } }, async (request, reply) => {
    const { planId } = request.params
    const form = preferredForm(request, reply, FORMS)
    const tagOf = (status: PlanStatus) => planTag(status, form ?? 'application/json', version)
    if (form !== null && hasCondition(request)) {
      const etag = tagOf(await planning.getPlanStatus(planId))
      if (isKnown(request, etag)) return tagged(reply, etag).code(304).send()
    }
    if (form === 'application/json') {
      const { status, text } = await planning.getPlanText(planId)
      return tagged(reply, tagOf(status)).type('application/json; charset=utf-8').send(text)
    }
    const plan = await planning.getPlan(planId)
    if (form === null) throw notAcceptable(request, FORMS)
    tagged(reply, tagOf(plan.status))
    return form === 'text/html'
      ? sendPage(reply, htmlReport(plan))
      : sendText(reply, 'text/markdown; charset=utf-8; variant=GFM', markdownReport(plan))
  })
}

/**
 * A plan is as it was made, so its status is its version. What a report says of it may be said otherwise by another
 * version of this service.
 */
function planTag(status: PlanStatus, form: (typeof FORMS)[number], version: string): string {
  return form === 'application/json' ? etagOf(status) : etagOf(status, `${form.split('/')[1]}.${version}`)
}
