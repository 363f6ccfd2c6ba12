import type { AddressStage, EgressIpChange, IpChange } from '../../contract/egress.ts'
import { lastSegment } from '../../core/arm/resource-id.ts'
import { isOfOthers } from '../../core/egress/ledger.ts'
import type { JobOutcome } from '../../core/job/job-outcome.ts'
import {
  type Block,
  codeOrDash,
  type Inline,
  joinTexts,
  paragraph,
  type Section,
  type Text,
  tableOf,
} from '../document/document.ts'
import { adviceText, buildIpChangesReport, isCreatedUnused, isKeptUnused } from '../plan/ip-changes.ts'
import { type ReportedPlan, supersededText, withOutcome } from '../plan/reported-plan.ts'
import { MOVEMENTS, movementOf } from './job-verdict.ts'

const STAGES: Record<Exclude<AddressStage, 'unconfirmed'>, string> = {
  planned: 'The addresses after the change are the expected addresses in the plan.',
  prepared: 'The job has created new addresses. No traffic uses them yet.',
  confirmed: 'The job read these addresses from Azure.',
}

const UNMOVED = 'No traffic has moved: the cluster uses the same addresses as before.'

/** The old and the new addresses, and what firewalls have to change. */
export function jobAddressesSection(outcome: JobOutcome): Section {
  const { stage, plan } = outcome
  const reported = withOutcome(plan, outcome)
  const { items } = buildIpChangesReport(reported)
  return {
    id: 'ip-changes',
    title: 'Public IP changes',
    blocks: [
      paragraph(...sourceOf(outcome), ...supersededText(outcome.supersededBy)),
      ...(plan.azure === 'simulated'
        ? [paragraph('Azure is simulated: do not add the addresses below to a real firewall.')]
        : []),
      {
        kind: 'facts',
        facts: [
          ['Before', addressList(items.filter(isBefore), 'none known')],
          [
            stage === 'confirmed' ? 'After' : 'Expected after',
            addressList(items.filter(isAfter), 'none known'),
          ],
        ],
      },
      ...addressTable(items, reported),
    ],
  }
}

/** The request for the addresses that the cluster uses now. */
export function egressRequest({
  subscriptionId,
  resourceGroup,
  name,
}: Pick<JobOutcome['job']['cluster'], 'subscriptionId' | 'resourceGroup' | 'name'>): string {
  return `GET /v1/clusters/${subscriptionId}/${resourceGroup}/${name}/egress`
}

/** What the addresses are based on. */
function sourceOf(outcome: JobOutcome): Inline[] {
  const { stage, hasMoved, confirmedBy, supersededBy } = outcome
  if (stage === 'unconfirmed') return unconfirmedText(outcome)
  if (stage !== 'confirmed') return [STAGES[stage]]
  if (!hasMoved) return [supersededBy === null ? UNMOVED : 'This job has moved no traffic.']
  return confirmedBy === null
    ? [STAGES.confirmed]
    : ['The later job ', { job: confirmedBy.jobId }, ' read these addresses from Azure.']
}

function unconfirmedText(outcome: JobOutcome): Inline[] {
  const { job } = outcome
  const movement = movementOf(outcome)
  const cause =
    movement === null
      ? 'The plan is not expected to move traffic.'
      : movement === 'possible'
        ? 'The cutover has started, so the cluster may already use the new addresses.'
        : MOVEMENTS[movement]
  if (job.timestamps.finishedAt === null)
    return [`${cause} The job has not yet confirmed which addresses the cluster uses.`]
  return [
    `${cause} The job ended before it confirmed which addresses the cluster uses. Read the addresses in the egress report of the cluster: `,
    { code: egressRequest(job.cluster) },
    '. If you execute a reconcile plan, its job also reports them.',
  ]
}

function isBefore({ change, usedBefore }: EgressIpChange): boolean {
  return change !== 'added' && usedBefore?.length !== 0
}

function isAfter(item: EgressIpChange): boolean {
  return (item.change === 'kept' || item.change === 'added') && !isKeptUnused(item)
}

function addressList(items: IpChange[], none: string): Text {
  const known = items.flatMap(({ cidr }) => cidr ?? [])
  const unknown = items.filter(({ cidr }) => cidr === null)
  const rest = [...new Set(unknown.map(unknownText))].map((text): Inline[] => {
    const count = unknown.filter((item) => unknownText(item) === text).length
    return [`${count} ${text}`]
  })
  return items.length === 0 ? none : joinTexts([...known.map((code): Inline[] => [{ code }]), ...rest], ', ')
}

function addressTable(items: IpChange[], reported: ReportedPlan): Block[] {
  if (items.length === 0) return []
  return [
    ...tableOf(
      'Public egress addresses',
      ['Address', 'Change', 'Firewall action', 'IP family', 'Resource'],
      items.map((item) => [
        item.cidr === null ? unknownText(item) : [{ code: item.cidr }],
        changeText(item),
        adviceText(item, reported),
        item.family,
        [codeOrDash(item.resourceId === null ? null : lastSegment(item.resourceId))],
      ]),
    ),
    paragraph('Scripts can read the same data as JSON, or as CSV (', { code: 'Accept: text/csv' }, '): ', {
      code: `GET /v1/jobs/${reported.jobId}/ip-changes`,
    }),
  ]
}

/** A new address becomes known later. Azure never shows the other unknown addresses. */
function unknownText({ change }: IpChange): string {
  return change === 'added' ? 'not known yet' : 'not visible in Azure Resource Manager'
}

/** An address whose resource still exists is not removed. */
function changeText(item: IpChange): Text {
  if (isOfOthers(item)) return ['not in use']
  if (isCreatedUnused(item)) return ['created, not in use']
  return [{ mark: item.change }, ...(isKeptUnused(item) ? [' (not in use)'] : [])]
}
