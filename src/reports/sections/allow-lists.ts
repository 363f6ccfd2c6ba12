import type { AllowListImpact, AllowListsPlan, Consumer } from '../../core/allow-lists/plan-allow-lists.ts'
import { type Block, counted, paragraph, type Section } from '../document/document.ts'
import type { ReportedPlan } from '../reported-plan.ts'

/** Who elsewhere still names an address that goes: resources that were found, those whom the request named, and how far the search went. */
export function allowLists({ allowLists: found }: ReportedPlan): Section {
  return {
    id: 'allow-lists',
    title: 'Allow-lists elsewhere',
    blocks: [...impactsOf(found), ...consumersOf(found.consumers), ...coverageOf(found)],
  }
}

function impactsOf({ impacts, coverage }: AllowListsPlan): Block[] {
  if (impacts.length === 0)
    return [
      paragraph(
        coverage.complete
          ? 'No list that could be seen names an address that goes.'
          : 'No list was found that names an address that goes; not everything could be searched.',
      ),
    ]
  return [
    {
      kind: 'table',
      caption: 'Lists that still name an address that goes',
      columns: ['Resource', 'Entry', 'Covers', 'Add', 'Remove after the change'],
      rows: impacts.map((each) => [
        [{ code: each.resourceId }],
        [{ code: each.entry }],
        each.covers.map(({ address }) => address).join(', '),
        toAdd(each),
        each.removeLater.join(', ') || 'nothing',
      ]),
    },
  ]
}

function consumersOf(consumers: Consumer[]): Block[] {
  if (consumers.length === 0) return []
  return [
    {
      kind: 'table',
      caption: 'Others to tell',
      columns: ['Who', 'Contact', 'Add', 'Drop after the change'],
      rows: consumers.map((each) => [
        each.name,
        each.contact ?? '',
        toAdd(each),
        each.drop.join(', ') || 'nothing',
      ]),
    },
  ]
}

function toAdd({ add, addLater }: Pick<AllowListImpact, 'add' | 'addLater'>): string {
  const later = addLater === 0 ? [] : [`${addLater} not known yet`]
  return [...add, ...later].join(', ') || 'nothing'
}

function coverageOf({ coverage: { searched, unread } }: AllowListsPlan): Block[] {
  const seen = searched.reduce((sum, { resources }) => sum + resources, 0)
  const what = `Searched: ${counted(seen, 'resource')} of ${counted(searched.length, 'type')}, as far as the identity of this service may see them.`
  if (unread.length === 0) return [paragraph(what)]
  const open = [...new Set(unread.map((each) => each.what))]
  const shown = open.slice(0, 10).join('; ')
  return [
    paragraph(what),
    paragraph(`Not searched: ${shown}${open.length > 10 ? `, and ${open.length - 10} more` : ''}.`),
  ]
}
