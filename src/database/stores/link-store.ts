import { sql } from 'kysely'
import type { Owner } from '../../core/access/access-policy.ts'
import type { Queries } from '../engine/database.ts'
import type { AccessLinksTable } from '../engine/tables.ts'

/** The plan, the job or the campaign that a link opens. */
export type LinkTarget = { planId: string } | { jobId: string } | { campaignId: string }

/** A link with its owner parsed. */
export type LinkRow = Omit<AccessLinksTable, 'owner' | 'secret_hash'> & { owner: Owner }

export async function insertLink(
  db: Queries,
  link: Omit<LinkRow, 'revoked_at' | 'revoked_by' | 'used_at'> & { secret_hash: string },
): Promise<void> {
  const values = {
    ...link,
    owner: JSON.stringify(link.owner),
    revoked_at: null,
    revoked_by: null,
    used_at: null,
  }
  await db.insertInto('access_links').values(values).execute()
}

/** The valid link with this hash: not expired, not revoked. */
export async function validLink(db: Queries, secretHash: string, now: Date): Promise<LinkRow | null> {
  const row = await db
    .selectFrom('access_links')
    .selectAll()
    .where('secret_hash', '=', secretHash)
    .where('expires_at', '>', now)
    .where('revoked_at', 'is', null)
    .executeTakeFirst()
  return row === undefined ? null : toLinkRow(row)
}

/** The share links of a plan or job that have not expired, newest first. Revoked links are included. */
export async function listShareLinks(db: Queries, target: LinkTarget, now: Date): Promise<LinkRow[]> {
  const rows = await db
    .selectFrom('access_links')
    .selectAll()
    .where('kind', '=', 'shareLink')
    .where(isOf(target))
    .where('expires_at', '>', now)
    .orderBy('id', 'desc')
    .execute()
  return rows.map(toLinkRow)
}

/** Revokes a share link of this plan or job; false if there is none. A revoked link keeps its first revocation. */
export async function markLinkRevoked(
  db: Queries,
  target: LinkTarget,
  id: string,
  at: Date,
  by: string,
): Promise<boolean> {
  const result = await db
    .updateTable('access_links')
    .set({ revoked_at: sql`coalesce(revoked_at, ${at})`, revoked_by: sql`coalesce(revoked_by, ${by})` })
    .where('kind', '=', 'shareLink')
    .where(isOf(target))
    .where('id', '=', id)
    .executeTakeFirst()
  return result.numUpdatedRows > 0n
}

/** Records that a valid link opens something now; false if it did so after `notSince`, or is no longer valid. */
export async function markLinkUsed(
  db: Queries,
  id: string,
  now: Date,
  notSince: Date | null,
): Promise<boolean> {
  const result = await db
    .updateTable('access_links')
    .set({ used_at: now })
    .where('id', '=', id)
    .where('revoked_at', 'is', null)
    .where((link) =>
      notSince === null
        ? link('used_at', 'is', null)
        : link.or([link('used_at', 'is', null), link('used_at', '<', notSince)]),
    )
    .executeTakeFirst()
  return result.numUpdatedRows > 0n
}

/** Deletes expired links and tickets. The audit log keeps who created and opened them. */
export async function deleteExpiredLinks(db: Queries, now: Date): Promise<void> {
  await db.deleteFrom('access_links').where('expires_at', '<', now).execute()
}

function isOf(target: LinkTarget) {
  if ('planId' in target) return sql<boolean>`plan_id = ${target.planId}`
  return 'jobId' in target
    ? sql<boolean>`job_id = ${target.jobId}`
    : sql<boolean>`campaign_id = ${target.campaignId}`
}

function toLinkRow({ secret_hash: _hash, owner, ...row }: AccessLinksTable): LinkRow {
  return { ...row, owner: JSON.parse(owner) as Owner }
}
