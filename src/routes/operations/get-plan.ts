import { htmlReport } from '../../reports/html-report.ts'
import { markdownReport } from '../../reports/markdown-report.ts'
import { answers } from '../answers.ts'
import type { App, AppDeps } from '../deps.ts'
import { notAcceptable, preferredForm } from '../negotiate.ts'
import { PlanPathSchema } from '../schemas/names.ts'
import { NO_QUERY, ref } from '../schemas/plain.ts'
import { PlanSchema } from '../schemas/plan.ts'
import { sendPage, sendText } from '../send-report.ts'

const path = '/v1/plans/:planId'

const FORMS = ['application/json', 'text/markdown', 'text/html'] as const

const schema = {
  operationId: 'getPlan',
  tags: ['Plans'],
  summary: 'Read a plan',
  description:
    'The plan as it was made; only its status tells what has become of it since. As JSON, or by the header `Accept` as a report for people: `text/markdown` for a ticket or a chat, `text/html` for a browser and for paper, with the egress path before and after as a picture.',
  params: PlanPathSchema,
  querystring: NO_QUERY,
  response: answers(
    {
      200: {
        description: 'The plan.',
        schema: ref(PlanSchema),
        example: 'plan',
        others: { 'text/markdown': 'planMarkdown', 'text/html': 'planHtml' },
        headers: { vary: { type: 'string', description: '`Accept`: the form depends on it.' } },
      },
    },
    ['INVALID_REQUEST', 'URI_TOO_LONG', 'PLAN_NOT_FOUND', 'NOT_ACCEPTABLE'],
  ),
}

export function getPlan(app: App, { planning }: AppDeps): void {
  app.get(path, { schema, config: { operation: schema.operationId } }, async (request, reply) => {
    const { planId } = request.params
    const form = preferredForm(request, reply, FORMS)
    if (form === 'application/json')
      return reply.type('application/json; charset=utf-8').send(await planning.getPlanText(planId))
    const plan = await planning.getPlan(planId)
    if (form === null) throw notAcceptable(request, FORMS)
    return form === 'text/html'
      ? sendPage(reply, htmlReport(plan))
      : sendText(reply, 'text/markdown; charset=utf-8; variant=GFM', markdownReport(plan))
  })
}
