import type { RollbackPreview } from '../../contract/plan.ts'
import {
  type Block,
  bulletList,
  codeList,
  type Inline,
  paragraph,
  type Section,
} from '../document/document.ts'
import type { ReportedPlan } from '../plan/reported-plan.ts'

/** Whether the change can be taken back, what is lost on the way, and what a plan back would say. */
export function rollbackSection({ rollback, prepare }: ReportedPlan): Section {
  const { lost, routes, plan } = rollback
  const blocks: Block[] = [paragraph(leadOf(rollback))]
  if (lost.length > 0) blocks.push(paragraph('What does not come back:'), bulletList(lost))
  if (routes.length > 0)
    blocks.push(
      paragraph('Ways back over other types:'),
      bulletList(
        routes.map((route) =>
          route.flatMap((code, index): Inline[] => (index === 0 ? [{ code }] : [' → ', { code }])),
        ),
      ),
      paragraph(
        'On paper: each hop is a plan of its own with conditions of its own. ',
        { code: 'none' },
        ' and ',
        { code: 'block' },
        ' are only for network-isolated clusters.',
      ),
    )
  if (plan !== null) blocks.push(...previewOf(plan), ...attachmentNotice(prepare, plan))
  return { id: 'way-back', title: 'The way back', blocks }
}

function leadOf({ support, supported, lost }: ReportedPlan['rollback']): string {
  if (support === null) return 'The plan would change nothing, so there is nothing to take back.'
  if (supported)
    return lost.length === 0
      ? 'AKS supports the way back, and everything comes back.'
      : 'AKS supports the way back.'
  return support === 'disputed'
    ? 'Whether AKS supports the way back is disputed: the editions of its matrix disagree.'
    : 'AKS does not support the direct way back.'
}

function previewOf({ status, steps, cutOver, blockers, acknowledgements }: RollbackPreview): Block[] {
  const words = status === 'blocked' ? 'blocked' : 'one that can be executed'
  const blocks: Block[] = [paragraph(`A plan back, made right after the change, would be ${words}.`)]
  if (blockers.length > 0) blocks.push(paragraph('Its blockers: ', ...codeList(blockers)))
  if (acknowledgements.length > 0)
    blocks.push(paragraph('To be accepted by name: ', ...codeList(acknowledgements)))
  if (steps.length > 0)
    blocks.push(paragraph('Its steps:'), {
      kind: 'list',
      isOrdered: true,
      items: steps.map(({ title }) => title),
    })
  if (steps.length > 0 && cutOver.step === null)
    blocks.push(paragraph(`It would move no packets by itself. ${cutOver.because}`))
  return blocks
}

/** What a plan attaches is no part of the cluster, so a plan back leaves it where it is. */
function attachmentNotice(prepare: ReportedPlan['prepare'], { cutOver }: RollbackPreview): Block[] {
  const isAttached = prepare?.natGateway !== undefined || prepare?.defaultRoute !== undefined
  if (!isAttached || cutOver.step !== null) return []
  return [
    paragraph(
      'What this plan attaches stays until the clean-up plan of the job that went back takes it off.',
    ),
  ]
}
