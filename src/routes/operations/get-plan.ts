import { ref } from '../../contract/fields.ts'
import { IF_NONE_MATCH, PlanPathSchema } from '../../contract/parameters.ts'
import { PlanSchema } from '../../contract/plan.ts'
import { type PlanState, planVersion } from '../../core/plan/plan-state.ts'
import { htmlReport, markdownReport } from '../../reports/plan-report.ts'
import {
  negotiateMediaType,
  notAcceptableProblem,
  reportVariant,
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
import type { AppDeps } from '../server/app-deps.ts'
import { defineOperation } from './define-operation.ts'
import { readReportedPlan } from './reported-plan.ts'

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
    'Returns the plan, which is immutable except for its status and `jobId`. The default is JSON. The header `Accept` selects a report instead. `text/markdown` is for tickets and chats. `text/html` is for browsers and printing; it includes a diagram of the egress paths before and after. While a job executes the plan and after it, the reports contain the actual addresses.',
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
  handle: async (deps, { params: { planId }, request, reply }) => {
    const form = negotiateMediaType(request, reply, FORMS)
    const { planning } = deps
    if (form !== null && hasIfNoneMatch(request)) {
      const etag = await toPlanEtag(deps, await planning.getPlanState(planId), form)
      if (matchesIfNoneMatch(request, etag)) {
        if (form === 'text/html') withPageHeaders(reply)
        return withEtag(reply, etag).code(304).send()
      }
    }
    if (form === 'application/json') {
      const { text, ...state } = await planning.getPlanText(planId)
      return withEtag(reply, toEtag(planVersion(state)))
        .type('application/json; charset=utf-8')
        .send(text)
    }
    // The version before the content: a newer report under an older tag is only read again.
    const etag = await toPlanEtag(deps, await planning.getPlanState(planId), form ?? 'application/json')
    const plan = await readReportedPlan(deps, planId)
    if (form === null) throw notAcceptableProblem(request, FORMS)
    withEtag(reply, etag)
    return form === 'text/html'
      ? sendHtml(reply, htmlReport(plan))
      : sendText(reply, 'text/markdown; charset=utf-8; variant=GFM', markdownReport(plan))
  },
})

/**
 * The version of a plan in one format. A report also changes with the job that executes the plan, and another version of
 * this service may word it differently.
 */
async function toPlanEtag(
  { jobs, version }: AppDeps,
  state: PlanState,
  form: (typeof FORMS)[number],
): Promise<string> {
  if (form === 'application/json') return toEtag(planVersion(state))
  const job = state.jobId === null ? [] : [(await jobs.getVersion(state.jobId)).version]
  return toEtag(planVersion(state), [...job, reportVariant(form, version)].join('.'))
}
