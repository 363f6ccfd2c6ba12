import type { PermissionCheck, Preflight } from '../../contract/preflight.ts'
import { type Block, bulletList, paragraph, pluralize, type Section } from '../document/document.ts'
import type { ReportedPlan } from '../plan/reported-plan.ts'

const EFFECT = { blocks: 'stops the plan', mayBlock: 'may stop the plan', none: 'does not matter here' }
const VERDICT = { denies: 'denies what the plan makes', notDecided: 'may deny what the plan makes' }

/** Rights, locks, policies and limits around the cluster, what is missing first; and what could not be read. */
export function preflightSection({ preflight: found }: ReportedPlan): Section {
  return {
    id: 'preflight',
    title: 'Rights, locks, policies and limits',
    blocks: [
      ...rightsOf(found),
      ...locksOf(found),
      ...policiesOf(found),
      ...quotaOf(found),
      ...unreadOf(found),
    ],
  }
}

function rightsOf({ checks }: Preflight): Block[] {
  const allowed = checks.filter(({ result }) => result === 'allowed').length
  if (checks.length === 0) return [paragraph('The plan needs no rights that could be checked.')]
  if (allowed === checks.length)
    return [
      paragraph(
        `All ${pluralize(allowed, 'right')} that the plan needs ${allowed === 1 ? 'is' : 'are'} there.`,
      ),
    ]
  const open = checks.filter(({ result }) => result !== 'allowed')
  const sorted = open.toSorted((a, b) => order(a) - order(b))
  return [
    paragraph(`${allowed} of ${pluralize(checks.length, 'right')} that the plan needs are there; not these:`),
    {
      kind: 'table',
      caption: 'Rights that are missing or could not be checked',
      columns: ['Action', 'Found', 'Whose', 'On', 'Why'],
      rows: sorted.map(({ action, result, who, scope, because }) => [
        [{ code: action }],
        [{ mark: result }],
        who === 'caller' ? 'this service' : "the cluster's identity",
        [{ code: scope }],
        because,
      ]),
    },
  ]
}

function order({ result }: PermissionCheck): number {
  return result === 'missing' ? 0 : 1
}

function locksOf({ locks, coverage }: Preflight): Block[] {
  const reach = coverage.complete ? '' : ', as far as it could be read'
  if (locks.length === 0) return [paragraph(`No lock was found on what the plan touches${reach}.`)]
  return [
    {
      kind: 'table',
      caption: 'Locks on what the plan touches',
      columns: ['Lock', 'Level', 'Effect', 'On', 'Why'],
      rows: locks.map(({ name, level, effect, scope, because }) => [
        [{ code: name }],
        [{ code: level }],
        EFFECT[effect],
        [{ code: scope }],
        because,
      ]),
    },
  ]
}

function policiesOf({ policies }: Preflight): Block[] {
  if (policies.length === 0) return []
  return [
    {
      kind: 'table',
      caption: 'Policies on the public IPs that the plan makes',
      columns: ['Policy', 'Effect', 'On', 'Why'],
      rows: policies.map(({ name, verdict, scope, because }) => [
        [{ code: name }],
        VERDICT[verdict],
        [{ code: scope }],
        because,
      ]),
    },
  ]
}

function quotaOf({ quota }: Preflight): Block[] {
  if (quota === null) return []
  const { name, current, limit, needed, atPeak } = quota
  return [
    paragraph(
      'Limit ',
      { code: name },
      `: ${current} of ${limit} now, ${needed} new, ${atPeak} at the peak.`,
    ),
  ]
}

function unreadOf({ coverage: { complete, unread } }: Preflight): Block[] {
  if (complete) return []
  if (unread.length === 0) return [paragraph('Not everything could be checked.')]
  return [
    paragraph('Could not be read, so nothing is said of it:'),
    bulletList(unread.map(({ what, code, message }) => [{ code: what }, ': ', { code }, ` ${message}`])),
  ]
}
