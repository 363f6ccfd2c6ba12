import type { Json } from '../../contract/json.ts'
import type { ResourceChange } from '../../contract/plan.ts'
import type { FieldChange, Step, StepAction } from '../../contract/steps.ts'
import { lastSegment, parentResourceName } from '../../core/arm/resource-id.ts'
import { resourceTypeName } from '../../core/arm/resource-type-names.ts'
import { equalsArm } from '../../core/arm/words.ts'
import {
  type Cell,
  type Inline,
  paragraph,
  prose,
  type Section,
  type Text,
  tableOf,
} from '../document/document.ts'
import { ACTION_LABELS } from '../document/labels.ts'
import type { ReportedPlan } from '../plan/reported-plan.ts'

/** Every Azure resource that the plan creates, changes, deletes, or retains. */
export function resourceChangesSection({ resourceChanges: changes }: ReportedPlan): Section {
  const columns = ['Resource', 'Change', 'Managed by', 'Reason and fields']
  const blocks =
    changes.length === 0
      ? [paragraph('The plan does not create, change, or delete any resource.')]
      : tableOf('Changes to Azure resources', columns, changes.map(resourceRow))
  return {
    id: 'resource-changes',
    title: 'Azure resource changes',
    shortTitle: 'Resources',
    ...(changes.length > 0 && { count: changes.length }),
    blocks,
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
  const shownName = name ?? (id === null ? null : lastSegment(id))
  const typeName = resourceTypeName(type)
  // AKS chooses the names of these resources.
  const subject: Text[] =
    shownName === null
      ? [`${count} × ${typeName}`, `${count === 1 ? 'name' : 'names'} assigned by AKS`]
      : [[{ code: shownName }], typeName]
  const reason = confidence === 'documented' ? because : `${because} (${confidence})`
  return [
    { lines: subject },
    ACTION_LABELS[action],
    owner === 'aks' ? 'AKS' : 'customer',
    { lines: [prose(reason), ...properties.map(propertyText)] },
  ]
}

function propertyText({ path, before, after }: ResourceChange['properties'][number]): Text {
  if (before === null && after === null) return [{ code: path }]
  return [{ code: path }, ': ', valueText(before), ' → ', valueText(after)]
}

function valueText(json: Json): Inline {
  return json === null ? 'not set' : { code: JSON.stringify(json) }
}

/** The steps of a job in execution order, and how to undo each of them. */
export function stepsSection(plan: ReportedPlan): Section {
  const rows = plan.steps.map((step, index) => stepRow(step, index + 1, plan))
  const blocks =
    rows.length === 0
      ? [paragraph('The plan has no steps: there is nothing to execute.')]
      : tableOf('Steps in execution order', ['Step', 'Action', 'Undo'], rows)
  return {
    id: 'steps',
    title: 'Job steps',
    shortTitle: 'Steps',
    ...(rows.length > 0 && { count: rows.length }),
    blocks,
  }
}

function stepRow(step: Step, number: number, plan: ReportedPlan): Cell[] {
  const isCutover = plan.cutOver.step === step.key
  const title: Text[] = [`${number}. ${step.title}`]
  return [
    { lines: isCutover ? [...title, [{ mark: 'cutover' }]] : title },
    { lines: actionText(withoutAbsent(step.does, plan)) },
    prose(step.undo),
  ]
}

/** The job also removes fields that the cluster does not have, which changes nothing. */
function withoutAbsent(action: StepAction, { resourceChanges, cluster }: ReportedPlan): StepAction {
  if (action.kind !== 'updateCluster') return action
  const written = resourceChanges.find(({ id }) => id !== null && equalsArm(id, cluster.id))?.properties ?? []
  if (written.length === 0) return action
  const isPresent = (change: FieldChange) =>
    change.op !== 'remove' || written.some(({ path }) => path === change.path)
  return { ...action, changes: action.changes.filter(isPresent) }
}

function actionText(action: StepAction): Text[] {
  switch (action.kind) {
    case 'checkFreshness':
      return [
        'Reads the cluster and its network. The job stops if they have changed since the plan was created.',
      ]
    case 'updateCluster':
      return [`Updates the cluster (API version ${action.apiVersion}):`, ...action.changes.map(changeText)]
    case 'putResource':
      return [
        [
          action.body === null ? 'Updates ' : 'Creates ',
          { code: resourceName(action.id) },
          ` (API version ${action.apiVersion})${action.changes.length === 0 ? '.' : ':'}`,
        ],
        ...action.changes.map(changeText),
      ]
    case 'deleteResource':
      return [['Deletes ', { code: resourceName(action.id) }, '.']]
    case 'upgradeNodeImage':
      return [
        [
          'Upgrades the node image of pool ',
          { code: lastSegment(action.id) },
          '. AKS drains and reimages the nodes of the pool.',
        ],
      ]
    case 'wait':
      return [`Waits ${action.seconds} s.`]
    case 'readBack':
      return ['Reads the cluster. The job succeeds only if the cluster matches the target.']
    case 'discoverEgressIps':
      return ['Reads the public addresses that the cluster uses for egress.']
    case 'probeNodes':
      return [
        `Runs a script on one node of each pool and subnet, on at most ${action.maxNodes} nodes. The script tests the endpoints and changes nothing.`,
        ...(action.when === 'after'
          ? ['The job fails if a node no longer reaches an endpoint that it reached before the cutover.']
          : []),
      ]
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
      return ['add the addresses of ', resourceNames(change.resourceIds), ' to ', path]
    case 'subtractCidrs':
      return ['remove ', { code: change.cidrs.join(', ') }, ' from ', path]
    case 'subtractAddressesOf':
      return ['remove the addresses of ', resourceNames(change.resourceIds), ' from ', path]
    case 'unionDiscoveredEgress':
      return ['add the discovered addresses to ', path]
  }
}

function resourceNames(ids: string[]): Inline {
  return { code: ids.map(parentResourceName).join(', ') }
}

/** `vnet-shop`, or `vnet-shop/nodes` for a child resource. */
function resourceName(id: string): string {
  const [parent, name] = [parentResourceName(id), lastSegment(id)]
  return parent === name ? name : `${parent}/${name}`
}
