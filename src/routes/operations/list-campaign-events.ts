import { Type } from 'typebox'
import { CampaignEventSchema } from '../../contract/campaign.ts'
import { nullable, ref } from '../../contract/fields.ts'
import { CampaignPathSchema, LAST_EVENT_ID } from '../../contract/parameters.ts'
import { visibleScope } from '../auth/authorize.ts'
import {
  negotiateMediaType,
  notAcceptableProblem,
  prefersEventStream,
} from '../conditional/content-negotiation.ts'
import {
  eventStreamErrors,
  resolveResumePoint,
  sendEventStream,
  toServerSentEvent,
} from '../conditional/event-stream.ts'
import { EXAMPLE_CAMPAIGN_EVENT } from '../examples/campaigns.ts'
import { defineOperation } from './define-operation.ts'

const FORMS = ['application/json', 'text/event-stream'] as const

export const listCampaignEvents = defineOperation({
  operationId: 'listCampaignEvents',
  method: 'GET',
  path: '/v1/campaigns/:campaignId/events',
  tag: 'Campaigns',
  summary: 'Read or stream the log of a campaign',
  description:
    'Returns the append-only log of a campaign, oldest first. To read further entries, send the last `sequence` as `after`. The log contains no names of clusters; `memberId` refers to the list of members. With `Accept: text/event-stream`, the response is a stream of server-sent events: each event has the `sequence` as its `id` and the entry as its `data`. The stream ends after the entry with the type `ended`. If it ends earlier, an `EventSource` reconnects and continues with `Last-Event-ID`.',
  grant: 'Egress.Read',
  subject: 'list',
  openedBy: ['eventTicket'],
  params: CampaignPathSchema,
  query: Type.Object(
    {
      after: Type.Optional(
        Type.Integer({
          minimum: 0,
          maximum: 2_147_483_647,
          default: 0,
          description: 'Returns only entries with a greater sequence.',
        }),
      ),
      ticket: Type.Optional(
        Type.String({
          maxLength: 100,
          description:
            'A ticket of `POST /v1/campaigns/{campaignId}/event-tickets`, in place of the `Authorization` header. It is valid once.',
        }),
      ),
      limit: Type.Optional(
        Type.Integer({
          minimum: 1,
          maximum: 1000,
          description: 'The number of entries per page. Default: 100. Not allowed for a stream.',
        }),
      ),
    },
    { additionalProperties: false },
  ),
  headers: LAST_EVENT_ID,
  errorsOf: eventStreamErrors,
  responses: {
    200: {
      description: 'A page of entries.',
      schema: Type.Object({
        items: Type.Array(ref(CampaignEventSchema)),
        next: nullable(Type.Integer(), {
          description: 'The value of `after` for the next page. Null if there are no further entries yet.',
        }),
      }),
      example: { campaignLog: { items: [EXAMPLE_CAMPAIGN_EVENT], next: null } },
      others: {
        'text/event-stream': {
          campaignEventStream: `retry: 2000\n\n${toServerSentEvent(EXAMPLE_CAMPAIGN_EVENT)}`,
        },
      },
      headers: {
        vary: { type: 'string', description: '`Accept`: this header selects the list or the stream.' },
      },
    },
    204: {
      description: 'For a stream: the campaign has ended, and there are no entries after `Last-Event-ID`.',
    },
  },
  problems: ['PARAMETER_OUT_OF_RANGE', 'CAMPAIGN_NOT_FOUND', 'TOO_MANY_STREAMS', 'NOT_ACCEPTABLE'],
  handle: async ({ campaigns, changes }, { params, query: { after = 0, limit = 100 }, request, reply }) => {
    const reach = visibleScope(request).reach
    const form = negotiateMediaType(request, reply, FORMS)
    if (prefersEventStream(request.headers)) {
      const id = params.campaignId.toLowerCase()
      const { finishedAt } = await campaigns.get(id, reach)
      return sendEventStream(request, reply, changes, {
        id,
        after: resolveResumePoint(request.headers, after),
        isFinished: finishedAt !== null,
        read: (from, count) => campaigns.log(id, from, count, reach),
      })
    }
    const entries = await campaigns.log(params.campaignId, after, limit + 1, reach)
    if (form === null) throw notAcceptableProblem(request, FORMS)
    const items = entries.slice(0, limit)
    return { items, next: entries.length > limit ? (items.at(-1)?.sequence ?? null) : null }
  },
})
