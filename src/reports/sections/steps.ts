import type { Json } from '../../contract/json.ts'
import type { ChangeAction, ResourceChange } from '../../contract/plan.ts'
import type { FieldChange, Step, StepAction } from '../../contract/steps.ts'
import { lastSegment, parentResourceName } from '../../core/arm/resource-id.ts'
import { type Cell, type Inline, paragraph, type Section, type Text } from '../document/document.ts'
import type { ReportedPlan } from '../plan/reported-plan.ts'

const ACTION: Record<ChangeAction, string> = {
  create: '+ create',
  update: '± update',
  delete: '− delete',
  attach: '+ attach',
  detach: '− detach',
  retain: '= retain',
}

/** Every Azure resource that is made, altered, deleted or left. */
export function resourceChangesSection({ resourceChanges: changes }: ReportedPlan): Section {
  const title = 'Azure resources'
  if (changes.length === 0)
    return { id: 'resources', title, blocks: [paragraph('No resource is made, altered or deleted.')] }
  return {
    id: 'resources',
    title,
    blocks: [
      {
        kind: 'table',
        caption: 'Changes of Azure resources',
        columns: ['Resource', 'Change', 'Whose', 'Why, and which fields'],
        rows: changes.map(resourceRow),
      },
    ],
  }
}

function resourceRow({
  action,
  type,
  id,
  name,
  owner,
  count,
  because,
  confidence,
  properties,
}: ResourceChange): Cell[] {
  const shown = name ?? (id === null ? null : lastSegment(id))
  const what: Text = shown === null ? (count === 1 ? 'a new one' : `${count} new ones`) : [{ code: shown }]
  const doubt = confidence === 'documented' ? '' : ` (${confidence})`
  return [
    { lines: [what, type.split('/').slice(1).join('/')] },
    ACTION[action],
    owner === 'aks' ? 'AKS' : "the user's",
    { lines: [`${because}${doubt}`, ...properties.map(propertyText)] },
  ]
}

function propertyText({ path, before, after }: ResourceChange['properties'][number]): Text {
  if (isNothing(before) && isNothing(after)) return [{ code: path }]
  return [{ code: path }, ': ', ...value(before), ' → ', ...value(after)]
}

function isNothing(value: Json): boolean {
  return value === null
}

function value(json: Json): ({ code: string } | string)[] {
  return isNothing(json) ? ['nothing'] : [{ code: JSON.stringify(json) }]
}

/** What a job does, in its order, and how each step is undone. */
export function stepsSection(plan: ReportedPlan): Section {
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
        rows: plan.steps.map((step, index) => stepRow(step, index + 1, plan.cutOver.step === step.key)),
      },
    ],
  }
}

function stepRow(step: Step, number: number, isCutOver: boolean): Cell[] {
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
          { code: parentResourceName(does.id) },
          ` (API ${does.apiVersion})`,
        ],
        ...does.changes.map(changeText),
      ]
    case 'deleteResource':
      return [['Deletes ', { code: parentResourceName(does.id) }]]
    case 'upgradeNodeImage':
      return [
        [
          'Upgrades the node image of pool ',
          { code: lastSegment(does.id) },
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
        { code: change.resourceIds.map(parentResourceName).join(', ') },
        ' to ',
        path,
      ]
    case 'subtractCidrs':
      return ['take ', { code: change.cidrs.join(', ') }, ' out of ', path]
    case 'subtractAddressesOf':
      return [
        'take the addresses of ',
        { code: change.resourceIds.map(parentResourceName).join(', ') },
        ' out of ',
        path,
      ]
    case 'unionDiscoveredEgress':
      return ['add the addresses that were found to ', path]
  }
}
