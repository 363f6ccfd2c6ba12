import type { FieldChange } from '../../core/cluster-write.ts'
import type { Step, StepAction } from '../../core/plan-steps.ts'
import { nameOf, resourceNameOf } from '../../core/resource-id.ts'
import { type Cell, type Inline, paragraph, type Section, type Text } from '../document/document.ts'
import type { ReportedPlan } from '../reported-plan.ts'

/** What a job does, in its order, and how each step is undone. */
export function steps(plan: ReportedPlan): Section {
  const title = 'What a job does, step by step'
  if (plan.steps.length === 0)
    return { id: 'steps', title, blocks: [paragraph('No steps: there is nothing that a job could do.')] }
  return {
    id: 'steps',
    title,
    blocks: [
      {
        kind: 'table',
        caption: 'Steps in their order',
        columns: ['Step', 'What it does', 'How to undo it'],
        rows: plan.steps.map((step, index) => rowOf(step, index + 1, plan.cutOver.step === step.key)),
      },
    ],
  }
}

function rowOf(step: Step, number: number, isCutOver: boolean): Cell[] {
  const name: Text[] = [`${number}. ${step.title}`]
  return [
    { lines: isCutOver ? [...name, [{ mark: 'cutOver' }]] : name },
    { lines: actionText(step.does) },
    step.undo,
  ]
}

function actionText(does: StepAction): Text[] {
  switch (does.kind) {
    case 'checkFreshness':
      return ['Reads the cluster and its network, and stops where something has changed since the plan.']
    case 'updateCluster':
      return [`Writes the cluster (API ${does.apiVersion}):`, ...does.changes.map(changeText)]
    case 'putResource':
      return [
        [
          does.body === null ? 'Changes ' : 'Makes ',
          { code: resourceNameOf(does.id) },
          ` (API ${does.apiVersion})`,
        ],
        ...does.changes.map(changeText),
      ]
    case 'deleteResource':
      return [['Deletes ', { code: resourceNameOf(does.id) }]]
    case 'upgradeNodeImage':
      return [
        [
          'Upgrades the node image of pool ',
          { code: nameOf(does.id) },
          ': its nodes are replaced one after the other',
        ],
      ]
    case 'wait':
      return [`Waits ${does.seconds} seconds.`]
    case 'readBack':
      return ['Reads the cluster; success is claimed only when it shows the target.']
    case 'discoverEgressIps':
      return ['Reads the public addresses that the cluster leaves by now.']
  }
}

function changeText(change: FieldChange): Text {
  const path: Inline = { code: change.path }
  switch (change.op) {
    case 'set':
      return ['set ', path, ' to ', { code: JSON.stringify(change.value) }]
    case 'remove':
      return ['remove ', path]
    case 'unionCidrs':
      return ['add ', { code: change.cidrs.join(', ') }, ' to ', path]
    case 'unionAddressesOf':
      return [
        'add the addresses of ',
        { code: change.resourceIds.map(resourceNameOf).join(', ') },
        ' to ',
        path,
      ]
    case 'subtractCidrs':
      return ['take ', { code: change.cidrs.join(', ') }, ' out of ', path]
    case 'subtractAddressesOf':
      return [
        'take the addresses of ',
        { code: change.resourceIds.map(resourceNameOf).join(', ') },
        ' out of ',
        path,
      ]
    case 'unionDiscoveredEgress':
      return ['add the addresses that were found to ', path]
  }
}
