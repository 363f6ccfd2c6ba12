import type { Json } from '../../core/json.ts'
import type { ChangeAction, ResourceChange } from '../../core/plan.ts'
import { nameOf } from '../../core/resource-id.ts'
import { type Cell, paragraph, type Section, type Text } from '../document/document.ts'
import type { ReportedPlan } from '../reported-plan.ts'

const ACTION: Record<ChangeAction, string> = {
  create: '+ create',
  update: '± update',
  delete: '− delete',
  attach: '+ attach',
  detach: '− detach',
  retain: '= retain',
}

/** Every Azure resource that is made, altered, deleted or left. */
export function resourceChanges({ resourceChanges: changes }: ReportedPlan): Section {
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
        rows: changes.map(rowOf),
      },
    ],
  }
}

function rowOf({
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
  const shown = name ?? (id === null ? null : nameOf(id))
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
