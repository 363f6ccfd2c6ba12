import { ref } from '../../contract/fields.ts'
import { JobPathSchema } from '../../contract/parameters.ts'
import { EventTicketSchema } from '../../contract/share-link.ts'
import { DomainError } from '../../core/lib/errors.ts'
import { absoluteUrl } from '../conditional/long-poll.ts'
import { EXAMPLE_EVENT_TICKET } from '../examples/share-links.ts'
import { defineOperation } from './define-operation.ts'

export const createEventTicket = defineOperation({
  operationId: 'createEventTicket',
  method: 'POST',
  path: '/v1/jobs/:jobId/event-tickets',
  tag: 'Jobs',
  summary: 'Create a ticket for the event stream of a job',
  description:
    'Returns a URL that opens the event stream of the job without an `Authorization` header, which an `EventSource` in a browser cannot send. The ticket is valid for 60 s and for one request. An open stream continues after the ticket has expired. When the stream ends early, get a new ticket, and add `&after=` with the `id` of the last event.',
  grant: 'Egress.Read',
  subject: 'path',
  params: JobPathSchema,
  responses: {
    201: {
      description: 'The ticket.',
      schema: ref(EventTicketSchema),
      example: { eventTicket: EXAMPLE_EVENT_TICKET },
    },
  },
  problems: ['JOB_NOT_FOUND'],
  handle: async ({ jobs, links }, { params: { jobId }, subscriber: by, origin, request, reply }) => {
    const clusterKey = await jobs.clusterKey(jobId)
    if (clusterKey === null) throw new DomainError('JOB_NOT_FOUND', { jobId })
    const issued = await links.issueTicket({ target: { jobId }, clusterKey, by, origin })
    const url = absoluteUrl(request, `/v1/jobs/${jobId}/events?ticket=${issued.ticket}`)
    return reply
      .code(201)
      .header('cache-control', 'no-store')
      .send({ ...issued, url })
  },
})
