import type { EventTicket, ShareLink, ShareLinkWithSecret } from '../../contract/share-link.ts'
import { EXAMPLE_JOB, EXAMPLE_PLAN } from './jobs.ts'

export const EXAMPLE_SHARE_LINK: ShareLink = {
  id: '01990000-0000-7000-8000-000000000008',
  planId: EXAMPLE_PLAN.id,
  jobId: null,
  createdAt: '2026-09-01T00:02:00.000Z',
  createdBy: 'first.person@example.com',
  expiresAt: '2026-09-01T08:02:00.000Z',
  reason: 'CHG-1234',
  revokedAt: null,
  revokedBy: null,
  lastOpenedAt: null,
}

/** Zeros instead of random bytes: they protect nothing. */
const SECRET = `aeps_${'A'.repeat(43)}`

export const EXAMPLE_SHARE_LINK_WITH_SECRET: ShareLinkWithSecret = {
  ...EXAMPLE_SHARE_LINK,
  url: `https://planner.example.com/shared/plans/${EXAMPLE_PLAN.id}#${SECRET}`,
  secret: SECRET,
}

const TICKET = `aept_${'A'.repeat(43)}`

export const EXAMPLE_CAMPAIGN_EVENT_TICKET: EventTicket = {
  ticket: TICKET,
  url: `https://planner.example.com/v1/campaigns/01990000-0000-7000-8000-000000000008/events?ticket=${TICKET}`,
  expiresAt: '2026-09-01T00:06:00.000Z',
}

export const EXAMPLE_EVENT_TICKET: EventTicket = {
  ticket: TICKET,
  url: `https://planner.example.com/v1/jobs/${EXAMPLE_JOB.id}/events?ticket=${TICKET}`,
  expiresAt: '2026-09-01T00:06:00.000Z',
}
