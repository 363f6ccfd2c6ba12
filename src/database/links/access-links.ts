import { createHash, randomBytes } from 'node:crypto'
import { sql } from 'kysely'
import { DEFAULT_SHARE_MINUTES, type ShareLink } from '../../contract/share-link.ts'
import type { Owner } from '../../core/access/access-policy.ts'
import type { Origin } from '../../core/audit/audit.ts'
import { DomainError } from '../../core/lib/errors.ts'
import { type AuditDeps, auditAllowed } from '../audit/audit-log.ts'
import type { Database, Queries } from '../engine/database.ts'
import { toIso } from '../engine/tables.ts'
import {
  insertLink,
  type LinkRow,
  type LinkTarget,
  listShareLinks,
  markLinkRevoked,
  markLinkUsed,
  validLink,
} from '../stores/link-store.ts'

/** `shareLink` opens reports for people who do not sign in; `eventTicket` opens one stream for the caller who got it. */
export type LinkKind = 'shareLink' | 'eventTicket'

/** Who creates a link, for what. */
export interface LinkOrder {
  target: LinkTarget
  clusterKey: string
  by: { name: string; owner: Owner }
  origin: Origin
}

/** What a valid secret opens, and the creator, whose access it carries. */
export interface OpenedLink {
  id: string
  kind: LinkKind
  createdBy: string
  owner: Owner
}

/**
 * Share links and event tickets. Every method works on the database alone, so that a link works on any replica and after a
 * restart. Only the hash of a secret is stored.
 */
export interface AccessLinks {
  share(
    order: LinkOrder,
    request: { expiresInMinutes?: number; reason: string | null },
  ): Promise<{ link: ShareLink; secret: string }>
  /** A ticket for the event stream of a job or a campaign. */
  issueTicket(order: LinkOrder): Promise<{ ticket: string; expiresAt: string }>
  /** The share links of a plan or job that have not expired. */
  list(target: LinkTarget): Promise<ShareLink[]>
  /** Revoking a link again is no error. */
  revoke(order: LinkOrder, linkId: string): Promise<void>
  /**
   * Opens this plan or job with a secret; null if the secret is unknown, expired, revoked, used up, or of another kind or
   * resource. `origin` says from where, for the audit log.
   */
  open(secret: string, kind: LinkKind, target: LinkTarget, origin: Origin): Promise<OpenedLink | null>
}

/** Prefixes let secret scanners find leaked secrets. */
const PREFIXES: Record<LinkKind, string> = { shareLink: 'aeps_', eventTicket: 'aept_' }
const SECRET_BYTES = 32
const MAX_SECRET_LENGTH = 100
const TICKET_MS = 60_000
/** A page that is reloaded all the time must not fill the audit log. */
const AUDIT_INTERVAL_MS = 60_000
/** Links of one plan or job that have not expired; revoked links count, so that the list stays short. */
export const MAX_SHARE_LINKS = 50

export function createAccessLinks(
  deps: AuditDeps & {
    database: Database
    maxShareMinutes: number
    /** Milliseconds since a time, RFC 3339, although the clock may have been set since. Default: by `now`. */
    elapsedSince?: (time: string) => number
  },
): AccessLinks {
  const db = deps.database.kysely
  return {
    async share(order, { expiresInMinutes, reason }) {
      const minutes = assertLifetime(deps.maxShareMinutes, expiresInMinutes)
      const secret = newSecret('shareLink')
      const link = newLink(deps, 'shareLink', order, minutes * 60_000, reason)
      await db.transaction().execute(async (trx) => {
        await assertRoom(trx, order.target, link.created_at)
        await insertLink(trx, { ...link, secret_hash: hashOf(secret) })
        await auditAllowed(trx, deps, order.origin, subjectOf(link, reason))
      })
      return { link: toShareLink({ ...link, revoked_at: null, revoked_by: null, used_at: null }), secret }
    },
    async issueTicket(order) {
      const ticket = newSecret('eventTicket')
      const link = newLink(deps, 'eventTicket', order, TICKET_MS, null)
      await insertLink(db, { ...link, secret_hash: hashOf(ticket) })
      return { ticket, expiresAt: toIso(link.expires_at) }
    },
    async list(target) {
      return (await listShareLinks(db, target, deps.now())).map(toShareLink)
    },
    async revoke({ target, clusterKey, by, origin }, linkId) {
      await db.transaction().execute(async (trx) => {
        if (!(await markLinkRevoked(trx, target, linkId, deps.now(), by.name)))
          throw new DomainError('SHARE_LINK_NOT_FOUND', { shareLinkId: linkId })
        const link = {
          ...toColumns(target),
          id: linkId,
          cluster_key: clusterKey,
        }
        await auditAllowed(trx, deps, origin, subjectOf(link, null))
      })
    },
    async open(secret, kind, target, origin) {
      if (!secret.startsWith(PREFIXES[kind]) || secret.length > MAX_SECRET_LENGTH) return null
      if (kind === 'shareLink' && deps.maxShareMinutes === 0) return null
      const link = await validLink(db, hashOf(secret), deps.now())
      if (link === null || link.kind !== kind || !isFor(link, target)) return null
      const isUsable = kind === 'eventTicket' ? await useOnce(link) : await noteOpening(link, origin)
      return isUsable ? { id: link.id, kind, createdBy: link.created_by, owner: link.owner } : null
    },
  }

  async function useOnce({ id, created_at: createdAt }: LinkRow): Promise<boolean> {
    // A clock that was set back must not extend a ticket.
    const elapsedMs = deps.elapsedSince?.(createdAt.toISOString()) ?? 0
    return elapsedMs <= TICKET_MS && markLinkUsed(db, id, deps.now(), null)
  }

  /** Always true: a link may be opened many times. */
  async function noteOpening(link: LinkRow, origin: Origin): Promise<true> {
    const now = deps.now()
    const notSince = new Date(now.getTime() - AUDIT_INTERVAL_MS)
    if (link.used_at !== null && link.used_at >= notSince) return true
    await db.transaction().execute(async (trx) => {
      if (await markLinkUsed(trx, link.id, now, notSince))
        await auditAllowed(trx, deps, origin, subjectOf(link, null))
    })
    return true
  }
}

/** The lifetime in minutes; throws if the operator does not allow it. */
function assertLifetime(max: number, requested: number | undefined): number {
  if (max === 0) throw new DomainError('SHARE_LINKS_DISABLED')
  const minutes = requested ?? Math.min(DEFAULT_SHARE_MINUTES, max)
  if (minutes > max) throw new DomainError('SHARE_LINK_TOO_LONG', { maxMinutes: max }, ['/expiresInMinutes'])
  return minutes
}

function newSecret(kind: LinkKind): string {
  return PREFIXES[kind] + randomBytes(SECRET_BYTES).toString('base64url')
}

/** The secret has 256 random bits, so a fast hash without a salt suffices. */
function hashOf(secret: string): string {
  return createHash('sha256').update(secret).digest('hex')
}

function newLink(
  deps: AuditDeps,
  kind: LinkKind,
  { target, clusterKey, by }: LinkOrder,
  ms: number,
  reason: string | null,
) {
  const createdAt = deps.now()
  return {
    id: deps.newId(),
    kind,
    ...toColumns(target),
    cluster_key: clusterKey,
    created_at: createdAt,
    expires_at: new Date(createdAt.getTime() + ms),
    created_by: by.name,
    owner: by.owner,
    reason,
  }
}

function toColumns(target: LinkTarget): Pick<LinkRow, 'plan_id' | 'job_id' | 'campaign_id'> {
  const { planId = null, jobId = null, campaignId = null } = target as Partial<Record<string, string>>
  return { plan_id: planId, job_id: jobId, campaign_id: campaignId }
}

/** Rejects a link too many. Until the transaction ends, other links of the same plan or job wait. */
async function assertRoom(trx: Queries, target: LinkTarget, now: Date): Promise<void> {
  const [id] = Object.values(target)
  await sql`select pg_advisory_xact_lock(hashtextextended(${`share ${id}`}, 0))`.execute(trx)
  if ((await listShareLinks(trx, target, now)).length >= MAX_SHARE_LINKS)
    throw new DomainError('SHARE_LINK_LIMIT_REACHED', { limit: MAX_SHARE_LINKS })
}

function isFor({ plan_id, job_id, campaign_id }: LinkRow, target: LinkTarget): boolean {
  const opened = 'planId' in target ? plan_id : 'jobId' in target ? job_id : campaign_id
  return opened === Object.values(target)[0]?.toLowerCase()
}

type LinkSubject = Pick<LinkRow, 'id' | 'plan_id' | 'job_id' | 'cluster_key'>

/** The link is named by its ID in the reason: a record of the audit log has no member of its own for it. */
function subjectOf(
  { id, plan_id: planId, job_id: jobId, cluster_key: clusterId }: LinkSubject,
  reason: string | null,
) {
  return { clusterId, planId, jobId, reason: `share link ${id}${reason === null ? '' : `: ${reason}`}` }
}

function toShareLink(row: Omit<LinkRow, 'owner' | 'kind'>): ShareLink {
  return {
    id: row.id,
    planId: row.plan_id,
    jobId: row.job_id,
    createdAt: toIso(row.created_at),
    createdBy: row.created_by,
    expiresAt: toIso(row.expires_at),
    reason: row.reason,
    revokedAt: toIso(row.revoked_at),
    revokedBy: row.revoked_by,
    lastOpenedAt: toIso(row.used_at),
  }
}
