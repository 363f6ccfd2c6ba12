import t from 'tap'
import type { Static } from 'typebox'
import type { Approval } from '../../src/core/access/approval.ts'
import type { AuditRecord } from '../../src/database/audit.ts'
import type { PlanApprovals } from '../../src/jobs/approvals.ts'
import type { ApprovalSchema, PlanApprovalsSchema } from '../../src/routes/schemas/approval.ts'
import type { AuditRecordSchema } from '../../src/routes/schemas/audit.ts'
import { APPROVAL_ID, fakeApp, PLAN_ID } from './fakes.ts'

/** True for the same keys and values that fit both ways; anything else does not compile. */
type Same<A, B> = [A, keyof A] extends [B, keyof B]
  ? [B, keyof B] extends [A, keyof A]
    ? true
    : never
  : never
const TIES: [
  Same<Static<typeof ApprovalSchema>, Approval>,
  Same<Static<typeof PlanApprovalsSchema>, PlanApprovals>,
  Same<Static<typeof AuditRecordSchema>, AuditRecord>,
] = [true, true, true]

t.test('the schemas of approvals and audit are tied to their types by the compiler', async (t) => {
  t.equal(TIES.length, 3)
})

const approvals = `/v1/plans/${PLAN_ID}/approvals`

t.test('every fault of a request is named with its place', async (t) => {
  const { app, rooms } = await fakeApp(t)
  const table: [
    method: 'GET' | 'POST' | 'DELETE',
    url: string,
    payload: object | undefined,
    places: string[][],
  ][] = [
    [
      'POST',
      approvals,
      { reason: 7, by: 'x' },
      [
        ['/by', 'FIELD_UNKNOWN'],
        ['/reason', 'TYPE_WRONG'],
      ],
    ],
    ['POST', approvals, { reason: 'a\u0007b' }, [['/reason', 'FORMAT_INVALID']]],
    ['POST', approvals, { reason: 'x'.repeat(501) }, [['/reason', 'LENGTH_WRONG']]],
    ['POST', '/v1/plans/x/approvals', {}, [['planId', 'FORMAT_INVALID']]],
    ['DELETE', `${approvals}/x`, undefined, [['approvalId', 'FORMAT_INVALID']]],
    ['DELETE', `${approvals}/${APPROVAL_ID}`, { a: 1 }, [['', 'BODY_NOT_EXPECTED']]],
    ['GET', `${approvals}?limit=1`, undefined, [['limit', 'PARAMETER_UNKNOWN']]],
    [
      'GET',
      '/v1/audit?from=yesterday&to=2026-13-01T00:00:00Z',
      undefined,
      [
        ['from', 'FORMAT_INVALID'],
        ['to', 'FORMAT_INVALID'],
      ],
    ],
    ['GET', '/v1/audit?from=2026-09-01', undefined, [['from', 'FORMAT_INVALID']]],
    ['GET', '/v1/audit?from=0000-01-01T00:00:00Z', undefined, [['from', 'FORMAT_INVALID']]],
    ['GET', '/v1/audit?actor=a%00', undefined, [['actor', 'FORMAT_INVALID']]],
    [
      'GET',
      '/v1/audit?operation=a-b&planId=1&jobId=2',
      undefined,
      [
        ['jobId', 'FORMAT_INVALID'],
        ['operation', 'FORMAT_INVALID'],
        ['planId', 'FORMAT_INVALID'],
      ],
    ],
    ['GET', '/v1/audit?limit=101', undefined, [['limit', 'PARAMETER_OUT_OF_RANGE']]],
    ['GET', '/v1/audit?cluster=x', undefined, [['cluster', 'RESOURCE_ID_INVALID']]],
    [
      'GET',
      '/v1/audit?actor=&who=x',
      undefined,
      [
        ['actor', 'LENGTH_WRONG'],
        ['who', 'PARAMETER_UNKNOWN'],
      ],
    ],
  ]
  for (const [method, url, payload, places] of table) {
    const answer = await app.inject({ method, url, ...(payload === undefined ? {} : { payload }) })
    t.equal(answer.statusCode, 400, url)
    const found = answer
      .json()
      .errors.map((each: Record<string, string>) => [each.pointer ?? each.parameter, each.code])
    t.strictSame(found.toSorted(), places, url)
  }
  t.strictSame(rooms.calls, [], 'no room was asked')
})
