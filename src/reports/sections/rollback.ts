import type { RollbackOutlook, RollbackPreview } from '../../contract/plan.ts'
import { isCleanup } from '../../core/cleanup/cleanup.ts'
import {
  type Block,
  bulletList,
  codeList,
  type Inline,
  joinTexts,
  listBelow,
  paragraph,
  prose,
  type Section,
} from '../document/document.ts'
import {
  endedIncomplete,
  endedReverted,
  endedUnmoved,
  noRollbackText,
  type ReportedPlan,
} from '../plan/reported-plan.ts'

/** Whether a rollback is supported, what it does not restore, and a preview of the rollback plan. */
export function rollbackSection(reported: ReportedPlan): Section {
  const { rollback } = reported
  const { lost, plan } = rollback
  const routes = rollbackPaths(reported)
  const unneeded = noRollbackNeeded(reported)
  if (unneeded !== null)
    return { id: 'rollback', title: 'Rollback', blocks: [paragraph(`Not required, because ${unneeded}.`)] }
  if (hasNotSwitched(reported))
    return { id: 'rollback', title: 'Rollback', blocks: [undoneByCleanup(reported)] }
  const blocks: Block[] = [paragraph(leadOf(reported))]
  if (plan !== null || routes.length > 0 || isCleanup(reported))
    blocks.push(...listBelow('Limitations of the rollback:', lost.map(prose)))
  if (routes.length > 0)
    blocks.push(
      paragraph('Paths of a rollback through other outbound types:'),
      bulletList(
        routes.map((route) =>
          joinTexts(
            route.map((code): Inline[] => [{ code }]),
            ' → ',
          ),
        ),
      ),
      paragraph(
        'These paths are possible in theory: each arrow is a separate change, which needs its own plan and may have its own prerequisites.',
        ...(rollback.isNetworkIsolated === undefined
          ? [' ', ...ISOLATING, ' are only for network-isolated clusters.']
          : []),
      ),
    )
  if (routes.length < rollback.routes.length)
    blocks.push(
      paragraph(
        'Paths through the outbound types ',
        ...ISOLATING,
        ' are not possible: AKS supports these types only for network-isolated clusters, and this cluster is not network-isolated.',
      ),
    )
  if (plan !== null) blocks.push(...previewOf(plan), ...attachmentNotice(reported, plan))
  return { id: 'rollback', title: 'Rollback', blocks }
}

const ISOLATING: Inline[] = [{ code: 'none' }, ' and ', { code: 'block' }]

/** The paths of a rollback through other outbound types that the cluster does not exclude. */
export function rollbackPaths({ rollback }: ReportedPlan): RollbackOutlook['routes'] {
  const isExcluded = (key: string) =>
    rollback.isNetworkIsolated === false && (key === 'none' || key === 'block')
  return rollback.routes.filter((route) => !route.slice(1, -1).some(isExcluded))
}

/** Why the cluster does not need the rollback of the plan, as the end of a sentence; null if it may need one. */
export function noRollbackNeeded(plan: ReportedPlan): string | null {
  if (endedUnmoved(plan)) return 'no traffic has moved'
  return endedReverted(plan) ? 'the job reverted the cutover' : null
}

/** Whether the job ended after it moved traffic, but before it changed the outbound type, so that no plan can change the type back. */
export function hasNotSwitched(plan: ReportedPlan): boolean {
  const { hasSwitched, confirmedBy, supersededBy } = plan.execution ?? {}
  return endedIncomplete(plan) && hasSwitched === false && confirmedBy == null && supersededBy == null
}

function undoneByCleanup({ jobId }: ReportedPlan): Block {
  return paragraph(
    'Not applicable, because the job did not change the outbound type. To move traffic back, create and execute a cleanup plan of the job: ',
    { code: `POST /v1/jobs/${jobId}/clean-up-plan` },
    '.',
  )
}

/** Whether blockers would prevent a rollback plan that is created directly after the change. */
export function isRollbackBlocked({ rollback }: ReportedPlan): boolean {
  return rollback.plan?.status === 'blocked'
}

function leadOf(plan: ReportedPlan): string {
  const { support, supported, lost } = plan.rollback
  if (support === null) return `A rollback is ${noRollbackText(plan)}`
  if (supported)
    return lost.length === 0 && !isRollbackBlocked(plan)
      ? 'AKS supports the rollback, and the rollback restores everything.'
      : 'AKS supports the rollback.'
  return support === 'disputed'
    ? 'Sources disagree on whether AKS supports the rollback.'
    : `AKS does not support a ${rollbackPaths(plan).length > 0 ? 'direct ' : ''}rollback.`
}

function previewOf({ status, steps, cutOver, blockers, acknowledgements }: RollbackPreview): Block[] {
  const state = status === 'blocked' ? 'be blocked' : 'have no blockers'
  const blocks: Block[] = [paragraph(`A rollback plan created directly after the change would ${state}.`)]
  if (blockers.length > 0) blocks.push(paragraph('Blockers: ', ...codeList(blockers)))
  if (acknowledgements.length > 0)
    blocks.push(paragraph('Required acknowledgements: ', ...codeList(acknowledgements)))
  blocks.push(
    paragraph(
      'This section is a prediction. The rollback plan that you create later can have further blockers and acknowledgements. It also checks permissions, locks, and allow lists, and it uses the state of the cluster at that time.',
    ),
  )
  if (steps.length > 0)
    blocks.push(paragraph('Steps of the rollback plan:'), {
      kind: 'list',
      isOrdered: true,
      items: steps.map(({ title }) => title),
    })
  if (steps.length > 0 && cutOver.step === null)
    blocks.push(paragraph('The rollback plan would not move traffic. ', ...prose(cutOver.because)))
  return blocks
}

/**
 * A rollback plan does not detach what this plan attaches, because it is not a part of the cluster. The limitations state
 * this if packets use it.
 */
function attachmentNotice({ prepare, rollback }: ReportedPlan, { cutOver }: RollbackPreview): Block[] {
  const isAttached = prepare?.natGateway !== undefined || prepare?.defaultRoute !== undefined
  if (!isAttached || cutOver.step !== null || rollback.prepare !== undefined) return []
  if (rollback.lost.some((text) => text.includes('stay attached'))) return []
  return [
    paragraph(
      'The rollback does not detach the resources that this plan attaches. To detach them, create and execute a cleanup plan of the rollback job.',
    ),
  ]
}
