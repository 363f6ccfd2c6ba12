import type { PermissionCheck, Preflight } from '../../contract/preflight.ts'
import { formatted } from '../../core/lib/text.ts'
import { type Block, listBelow, paragraph, pluralize, type Section, tableOf } from '../document/document.ts'
import { LOCK_LABELS, POLICY_LABELS } from '../document/labels.ts'
import type { ReportedPlan } from '../plan/reported-plan.ts'
import { PREFLIGHT_TITLE } from './section-titles.ts'

/** Permissions, locks, policies, and the quota around the cluster, missing permissions first, and failed reads. */
export function preflightSection(plan: ReportedPlan): Section {
  const { preflight } = plan
  return {
    id: 'preflight',
    title: PREFLIGHT_TITLE,
    shortTitle: 'Permissions',
    blocks:
      preflight.checks.length === 0
        ? [paragraph(`Permissions and locks were not checked, because ${whyUnchecked(plan)}.`)]
        : [
            ...permissionsOf(preflight),
            ...locksOf(preflight),
            ...policiesOf(preflight),
            ...quotaOf(preflight),
            ...unreadOf(preflight),
          ],
  }
}

function whyUnchecked({ status, transition: { support } }: ReportedPlan): string {
  if (status === 'noChange') return 'this plan makes no change'
  if (support === 'unsupported') return 'AKS does not support this change'
  return 'this service does not know whether AKS supports this change'
}

function permissionsOf({ checks }: Preflight): Block[] {
  const granted = checks.filter(({ result }) => result === 'allowed').length
  const summary =
    granted === checks.length
      ? 'All required permissions are granted.'
      : `${granted} of ${pluralize(checks.length, 'required permission')} ${granted === 1 ? 'is' : 'are'} granted.`
  const rest = checks.filter(({ result }) => result !== 'allowed')
  const sorted = rest.toSorted((a, b) => order(a) - order(b))
  return [
    paragraph(summary),
    ...tableOf(
      'Permissions that are missing or could not be checked',
      ['Action', 'Result', 'Identity', 'Scope', 'Reason'],
      sorted.map(({ action, result, who, scope, because }) => [
        [{ code: action }],
        [{ mark: result }],
        who === 'caller' ? 'this service' : 'the cluster',
        [{ code: scope }],
        because,
      ]),
    ),
  ]
}

function order({ result }: PermissionCheck): number {
  return result === 'missing' ? 0 : 1
}

function locksOf({ locks, coverage }: Preflight): Block[] {
  const limitation = coverage.complete ? '' : ', but the check was incomplete'
  if (locks.length === 0)
    return [paragraph(`No lock was found on the resources that the plan changes${limitation}.`)]
  return tableOf(
    'Locks on the resources that the plan changes',
    ['Lock', 'Level', 'Effect', 'Scope', 'Reason'],
    locks.map(({ name, level, effect, scope, because }) => [
      [{ code: name }],
      [{ code: level }],
      LOCK_LABELS[effect],
      [{ code: scope }],
      because,
    ]),
  )
}

function policiesOf({ policies }: Preflight): Block[] {
  return tableOf(
    'Policies for the public IPs that the plan creates',
    ['Policy', 'Effect', 'Scope', 'Reason'],
    policies.map(({ name, verdict, scope, because }) => [
      [{ code: name }],
      POLICY_LABELS[verdict],
      [{ code: scope }],
      because,
    ]),
  )
}

function quotaOf({ quota }: Preflight): Block[] {
  if (quota === null) return []
  const { name, current, limit, needed, atPeak } = quota
  return [
    paragraph(
      'Quota ',
      { code: name },
      `: the limit is ${formatted(limit)} addresses, and ${formatted(current)} exist now. The change creates ${pluralize(needed, 'address', 'addresses')}. At most ${formatted(atPeak)} exist at the same time.`,
    ),
  ]
}

function unreadOf({ coverage: { complete, unread } }: Preflight): Block[] {
  if (complete) return []
  if (unread.length === 0) return [paragraph('The check is incomplete.')]
  return listBelow(
    'The check is incomplete, because these reads of Azure failed:',
    unread.map(({ what, code, message }) => [{ code: what }, ': ', { code }, ` ${message}`]),
  )
}
