import type { EgressIpChange, IpChange } from '../../contract/egress.ts'
import { lastSegment } from '../../core/arm/resource-id.ts'
import { isCleanup } from '../../core/cleanup/cleanup.ts'
import { isOfOthers } from '../../core/egress/ledger.ts'
import type { JobOutcome } from '../../core/job/job-outcome.ts'
import { isRemoved } from '../../core/job/removed-parts.ts'
import {
  bulletList,
  codeList,
  type Inline,
  paragraph,
  pluralize,
  prose,
  type Section,
  type Text,
} from '../document/document.ts'
import { buildIpChangesReport, isCreatedUnused } from '../plan/ip-changes.ts'
import {
  completesChange,
  hasChanges,
  hiddenKind,
  isHidden,
  isReconcile,
  supersededText,
  withOutcome,
} from '../plan/reported-plan.ts'
import { egressRequest } from './job-addresses.ts'
import { cleanupItems } from './job-leftovers.ts'

/** The actions that people must take after the job, or now if the job waits for them, the most urgent first. */
export function jobRemainingSection(outcome: JobOutcome, isShared = false): Section {
  const items =
    outcome.supersededBy === null
      ? itemsOf(outcome, isShared)
      : [[...supersededItem(outcome), ...(isShared ? ASK : [])]]
  return {
    id: 'left-to-do',
    title: 'What is left to do',
    blocks: [
      items.length === 0
        ? paragraph(outcome.job.timestamps.finishedAt === null ? 'Nothing until the job ends.' : 'Nothing.')
        : bulletList(items),
    ],
  }
}

function itemsOf(outcome: JobOutcome, isShared: boolean): Text[] {
  return [
    ...remedies(outcome, isShared),
    ...addressItems(outcome),
    ...allowListItems(outcome),
    // The release comes last, because the job moves the traffic after it.
    ...holdItems(outcome),
    ...cleanupItems(outcome),
    ...followUpItems(outcome),
  ]
}

/** The advice of this job no longer fits the cluster, so the report gives none. */
function supersededItem({ job, supersededBy }: JobOutcome): Inline[] {
  return [
    'Do not change firewalls or allow lists because of this report.',
    ...supersededText(supersededBy),
    ' Read the report of that job, and the addresses in use: ',
    { code: egressRequest(job.cluster) },
    '.',
  ]
}

/** A share link opens the report of one job. */
const ASK: Inline[] = [
  ' This link does not open the report of the later job: ask the person who shared the link for that report.',
]

function remedies({ job, confirmedBy }: JobOutcome, isShared: boolean): Text[] {
  if (confirmedBy !== null) {
    const lead: Text = [
      'The later job ',
      { job: confirmedBy.jobId },
      ' has succeeded. The report of the later job lists what is left to do.',
      ...(isShared ? ASK : []),
    ]
    // The later job has completed the change, and authorized its addresses.
    return [lead, ...(confirmedBy.hasTarget ? [] : job.warnings.map((warning) => prose(warning)))]
  }
  const remedy = job.error === null ? [] : [prose(job.error.remedy)]
  return [...remedy, ...job.warnings.map((warning) => prose(warning))]
}

/** The release that the job waits for or will wait for, and a release in advance while it has not moved traffic. */
function holdItems({ job, plan, hasMoved }: JobOutcome): Text[] {
  if (job.hold === null || job.timestamps.finishedAt !== null) return []
  const { status, heldSince, releasedAt, releasedBy } = job.hold
  const release: Inline[] = [{ code: `POST /v1/jobs/${job.id}/release` }, '.']
  if (status === 'Held') return [[releaseLead(plan), ...release]]
  if (status === 'Ahead')
    return [
      [
        'The job will stop before the cutover and wait for a release. You can release the job now or later: ',
        ...release,
      ],
    ]
  if (releasedAt === null || heldSince !== null || hasMoved) return []
  return [
    [`${releasedBy ?? 'A caller'} released the job in advance, so it will not stop before the cutover.`],
  ]
}

/** Partners can allow only the addresses that exist before the cutover. */
function releaseLead({ egressIps }: JobOutcome['plan']): string {
  const isNew = ({ change, gainsTraffic }: EgressIpChange) => change === 'added' || gainsTraffic === true
  const added = egressIps.filter(isNew)
  const isKnown = ({ address }: EgressIpChange) => address !== null
  if (added.length === 0) return 'Release the job to start the cutover: '
  if (added.every(isKnown))
    return 'Release the job when every owner of an allow list allows the new addresses: '
  return added.some(isKnown)
    ? 'Release the job when every owner of an allow list allows the known new addresses. Other new addresses are known only after the cutover: '
    : 'Release the job to start the cutover. Partners cannot allow the new addresses earlier, because these addresses are known only after the cutover: '
}

/** What to do with addresses that the cluster uses or may use, and that Azure never shows. */
function hiddenItems(items: IpChange[], { paths }: JobOutcome['plan']): Text[] {
  const hidden = items.filter((item) => item.change === 'unknown' && isHidden(item))
  const kinds = hidden.map((item) => hiddenKind(item, paths))
  return [
    ...(kinds.includes('findable') ? [FINDABLE] : []),
    ...(kinds.includes('changeable') ? [CHANGEABLE] : []),
  ]
}

const CHANGEABLE =
  'Some traffic uses Azure default outbound access, whose public addresses are not visible in Azure Resource Manager and can change. Do not add these addresses to allow lists. If you need known addresses, attach a NAT gateway to the subnets.'

const FINDABLE =
  'Some public addresses of the cluster are not visible in Azure Resource Manager. Find these addresses, for example by a request from a pod to a service that returns the caller address. Add them to the allow lists that need them.'

/** Addresses that people can allow or remove now. */
function addressItems(outcome: JobOutcome): Text[] {
  const { items, stage } = buildIpChangesReport(withOutcome(outcome.plan, outcome))
  const cidrs = (advice: IpChange['advice'], isWanted: (item: IpChange) => boolean = () => true) =>
    items.flatMap((item) =>
      item.cidr !== null && item.advice === advice && isWanted(item) ? [item.cidr] : [],
    )
  const item = (lead: string, addresses: string[]): Text[] =>
    addresses.length === 0 ? [] : [[lead, ...codeList(addresses), '.']]
  // An address that a cleanup has deleted cannot be used again.
  const isReusable = (change: IpChange) =>
    isCreatedUnused(change) && (change.resourceId === null || !isRemoved(change.resourceId, outcome.cleanups))
  const before = item('Allow these addresses before the cutover: ', cidrs('allowBefore'))
  if (stage === 'planned') return outcome.job.timestamps.finishedAt === null ? before : []
  return [
    ...before,
    ...item('Allow these addresses now: ', cidrs('allowNow')),
    ...item(
      'Remove these addresses from every allow list: ',
      cidrs('removeNow', (change) => !isReusable(change)),
    ),
    ...item(
      'Remove these addresses from every allow list, unless you repeat the change with the same addresses: ',
      cidrs('removeNow', isReusable),
    ),
    ...item(
      'The cluster does not use these addresses. Remove them from allow lists, unless other resources use them: ',
      cidrs('checkAfter', isOfOthers),
    ),
    // A running job reads the addresses itself.
    ...(outcome.job.timestamps.finishedAt === null
      ? []
      : item(
          'Check whether the cluster still uses these addresses: ',
          cidrs('checkAfter', (change) => !isOfOthers(change)),
        )),
    ...(outcome.job.timestamps.finishedAt === null ? [] : hiddenItems(items, outcome.plan)),
  ]
}

function allowListItems({ plan, job, stage }: JobOutcome): Text[] {
  if (stage === 'planned') return []
  const { impacts, consumers } = plan.allowLists
  const affected = consumers.filter(({ add, drop }) => add.length + drop.length > 0)
  const counts = [
    ...(impacts.length === 0 ? [] : [pluralize(impacts.length, 'allow list entry', 'allow list entries')]),
    ...(affected.length === 0 ? [] : [pluralize(affected.length, 'consumer')]),
  ]
  if (counts.length === 0) return []
  const when = job.timestamps.finishedAt === null ? 'The plan affects' : 'The change affects'
  return [`${when} ${counts.join(' and ')}: see “Allow lists of other resources”.`]
}

/** The text of the plan also names a member of the plan request, which is too late after the job. */
const UPGRADE_IMAGES =
  'The change requires a node image upgrade of every node pool. AKS does not start the upgrade: run `az aks nodepool upgrade --node-image-only` for each pool. The upgrade drains the nodes, so check pod disruption budgets and the quota for surge nodes first.'

/** After a successful change: node images, and the code that describes the cluster. */
function followUpItems({ job, plan }: JobOutcome): Text[] {
  if (job.status !== 'Succeeded' || !hasChanges(plan)) return []
  if (isCleanup(plan))
    return [
      'If your infrastructure as code contains parts that the job removed, delete them from the code. Otherwise, the next run of the code restores these parts.',
    ]
  const isChange = plan.transition.from !== plan.transition.to || completesChange(plan)
  const detached = detachedAddresses(plan)
  return [
    ...(detached.length === 0
      ? []
      : [
          [
            'The cluster no longer uses these public IP resources, which continue to incur costs: ',
            ...codeList(detached),
            '. Delete these resources when you no longer need a rollback and nothing else uses them.',
          ],
        ]),
    ...(isChange && !plan.upgradeNodeImages
      ? [['Node images: ', ...prose(isReconcile(plan) ? plan.disruption.nodeImageUpgrade : UPGRADE_IMAGES)]]
      : []),
    ...(plan.handoff === null
      ? []
      : [
          [
            'Update your infrastructure as code. Otherwise, the next run of your code reverts the change. The new code is in the report of the plan: ',
            { code: `GET /v1/plans/${plan.id}` },
            '.',
          ],
        ]),
  ]
}

/** The names of customer-provided addresses and prefixes that only the former outbound type used. */
function detachedAddresses({ findings }: JobOutcome['plan']): string[] {
  const leftovers = findings.find(({ code }) => code === 'LEFTOVER_COST')?.facts.resources
  const ids = Array.isArray(leftovers) ? leftovers.map(String) : []
  return ids.filter((id) => /\/publicIP(Addresses|Prefixes)\//i.test(id)).map(lastSegment)
}
