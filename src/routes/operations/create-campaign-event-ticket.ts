import { ref } from '../../contract/fields.ts'
import { CampaignPathSchema } from '../../contract/parameters.ts'
import { EventTicketSchema } from '../../contract/share-link.ts'
import { clusterKey } from '../../core/access/access-policy.ts'
import { parseResourceId } from '../../core/arm/resource-id.ts'
import { DomainError } from '../../core/lib/errors.ts'
import { visibleScope } from '../auth/authorize.ts'
import { absoluteUrl } from '../conditional/long-poll.ts'
import { EXAMPLE_CAMPAIGN_EVENT_TICKET } from '../examples/share-links.ts'
import { defineOperation } from './define-operation.ts'

export const createCampaignEventTicket = defineOperation({
  operationId: 'createCampaignEventTicket',
  method: 'POST',
  path: '/v1/campaigns/:campaignId/event-tickets',
  tag: 'Campaigns',
  summary: 'Create a ticket for the event stream of a campaign',
  description:
    'Returns a URL that opens the event stream of the campaign without an `Authorization` header, which an `EventSource` in a browser cannot send. The ticket is valid for 60 s and for one request. An open stream continues after the ticket has expired. When the stream ends early, get a new ticket, and add `&after=` with the `id` of the last event.',
  grant: 'Egress.Read',
  subject: 'list',
  params: CampaignPathSchema,
  responses: {
    201: {
      description: 'The ticket.',
      schema: ref(EventTicketSchema),
      example: { eventTicket: EXAMPLE_CAMPAIGN_EVENT_TICKET },
    },
  },
  problems: ['CAMPAIGN_NOT_FOUND'],
  handle: async (
    { campaigns, links },
    { params: { campaignId }, subscriber: by, origin, request, reply },
  ) => {
    // A link is stored with a cluster: the first visible member.
    const query = { campaignId, limit: 1, cursor: null, ...visibleScope(request) }
    const [member] = (await campaigns.listMembers(query)).items
    const cluster = parseResourceId(member?.clusterId ?? '')
    if (cluster === null) throw new DomainError('CAMPAIGN_NOT_FOUND', { campaignId })
    const order = { target: { campaignId }, clusterKey: clusterKey(cluster), by, origin }
    const issued = await links.issueTicket(order)
    const url = absoluteUrl(request, `/v1/campaigns/${campaignId}/events?ticket=${issued.ticket}`)
    return reply
      .code(201)
      .header('cache-control', 'no-store')
      .send({ ...issued, url })
  },
})
