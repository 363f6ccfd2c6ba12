import { ref } from '../../contract/fields.ts'
import { IF_NONE_MATCH, PlanPathSchema, PREFERENCE_APPLIED, preferWait } from '../../contract/parameters.ts'
import { PlanSchema } from '../../contract/plan.ts'
import type { PlanVersion } from '../../planning/planning.ts'
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
import { parsePreferWait, waitForChange } from '../conditional/long-poll.ts'
import { EXAMPLE_PLAN } from '../examples/jobs.ts'
import type { AppDeps } from '../server/app-deps.ts'
import { defineOperation } from './define-operation.ts'
import { readReportedPlan, reportedVersions } from './reported-plan.ts'

const FORMS = ['application/json', 'text/markdown', 'text/html'] as const

const HEADERS = {
  ...ETAG_HEADERS,
  ...PREFERENCE_APPLIED,
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
    'Returns the plan, which is immutable except for its status, its approval, and `jobId`. Add `Prefer: wait=30` to wait for an approval: the service responds as soon as the plan changes. The default is JSON. The header `Accept` selects a report instead. `text/markdown` is for tickets and chats. `text/html` is for browsers and printing; it includes a diagram of the egress paths before and after. During and after a job for the plan, the reports contain the actual addresses.',
  grant: 'Egress.Read',
  subject: 'path',
  openedBy: ['shareLink'],
  params: PlanPathSchema,
  headers: {
    ...IF_NONE_MATCH,
    ...preferWait('plan', 'A plan that does not wait for an approval is returned immediately.'),
  },
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
    const { planning, changes } = deps
    const tagOf = async (plan: PlanVersion) =>
      form === null || form === 'application/json'
        ? toEtag(plan.version)
        : etagOf(deps, plan.version, form, await reportedVersions(deps, planId, plan))
    const seconds = parsePreferWait(request.headers.prefer)
    if (form !== null && seconds !== null) {
      // A pending plan has no job and no valid approval. So withdrawn approvals, which stay, complete its entity tag.
      const first = await planning.getPlanVersion(planId)
      const parts =
        form === 'application/json' || !first.isPending ? [] : await reportedVersions(deps, planId, first)
      const isKnown = ({ version }: PlanVersion) =>
        matchesIfNoneMatch(request, etagOf(deps, version, form, parts))
      const isNews = (now: PlanVersion, first: PlanVersion) =>
        !now.isPending || (hasIfNoneMatch(request) ? !isKnown(now) : now.version !== first.version)
      const read = () => planning.getPlanVersion(planId)
      const { waited } = await waitForChange(request, reply, { id: planId, seconds, changes, read, isNews })
      if (waited) reply.header('preference-applied', `wait=${seconds}`)
    }
    if (form !== null && hasIfNoneMatch(request)) {
      const etag = await tagOf(await planning.getPlanVersion(planId))
      if (matchesIfNoneMatch(request, etag)) {
        if (form === 'text/html') withPageHeaders(reply)
        return withEtag(reply, etag).code(304).send()
      }
    }
    if (form === 'application/json') {
      const { text, ...present } = await planning.getPlanText(planId)
      return withEtag(reply, await tagOf(present))
        .type('application/json; charset=utf-8')
        .send(text)
    }
    // The version is read before the content. If the plan changes in between, the client has new content with an old
    // tag, and only reads it again.
    const etag = await tagOf(await planning.getPlanVersion(planId))
    const plan = await readReportedPlan(deps, planId)
    if (form === null) throw notAcceptableProblem(request, FORMS)
    withEtag(reply, etag)
    return form === 'text/html'
      ? sendHtml(reply, htmlReport(plan, request.caller.shareLinkId !== undefined))
      : sendText(reply, 'text/markdown; charset=utf-8; variant=GFM', markdownReport(plan))
  },
})

/** The entity tag of a plan in one format. A report also changes with what it shows beside the plan. */
function etagOf(
  { version: program }: AppDeps,
  version: string,
  form: (typeof FORMS)[number],
  others: string[] = [],
): string {
  if (form === 'application/json') return toEtag(version)
  return toEtag(version, [...others, reportVariant(form, program)].join('.'))
}
