import { type Static, Type } from 'typebox'
import { closed, dateTime, nullable, string, uuid } from './fields.ts'
import { ReasonSchema } from './plan-request.ts'

export const MIN_SHARE_MINUTES = 5
export const MAX_SHARE_MINUTES = 1_440
export const DEFAULT_SHARE_MINUTES = 60

const ShareLinkFields = {
  id: uuid('The ID of the share link.'),
  planId: nullable(uuid('The plan that the link opens.'), { description: 'Null for a job.' }),
  jobId: nullable(uuid('The job that the link opens.'), { description: 'Null for a plan.' }),
  createdAt: dateTime(),
  createdBy: string(),
  expiresAt: dateTime(),
  reason: nullable(Type.String()),
  revokedAt: nullable(dateTime(), { description: 'Null while the link is not revoked.' }),
  revokedBy: nullable(Type.String()),
  lastOpenedAt: nullable(dateTime(), {
    description: 'The time at which the link was last opened, accurate to one minute. Null if it never was.',
  }),
}

/** A link that opens one plan or job without sign-in, as everyone sees it who may read the plan or job. */
export const ShareLinkSchema = Type.Object(ShareLinkFields, { $id: 'ShareLink' })
export type ShareLink = Static<typeof ShareLinkSchema>

export const ShareLinkWithSecretSchema = Type.Object(
  {
    ...ShareLinkFields,
    url: string(
      'The page to open in a browser. The secret is in the fragment, which browsers never send to a server. It is returned only once.',
    ),
    secret: string('The secret for programs: `Authorization: ShareLink <secret>`. It is returned only once.'),
  },
  { $id: 'ShareLinkWithSecret' },
)
export type ShareLinkWithSecret = Static<typeof ShareLinkWithSecretSchema>

export const ShareLinkRequestSchema = Type.Object(
  {
    expiresInMinutes: Type.Optional(
      Type.Integer({
        minimum: MIN_SHARE_MINUTES,
        maximum: MAX_SHARE_MINUTES,
        description:
          'The lifetime of the link in minutes, 5 to 1440. Default: 60. The operator can set a lower maximum.',
      }),
    ),
    reason: Type.Optional(ReasonSchema),
  },
  { ...closed, $id: 'ShareLinkRequest' },
)

export const EventTicketSchema = Type.Object(
  {
    ticket: string('The ticket. It is valid once.'),
    url: string('The URL for an `EventSource`, with the ticket.'),
    expiresAt: dateTime('The time until which the stream must be opened.'),
  },
  { $id: 'EventTicket' },
)
export type EventTicket = Static<typeof EventTicketSchema>
