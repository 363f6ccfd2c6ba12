import type { AllowListImpact, AllowListsPlan, Consumer } from '../../contract/allow-lists.ts'
import { lastSegment, parseResourceId } from '../../core/arm/resource-id.ts'
import { equalsArm } from '../../core/arm/words.ts'
import {
  type Block,
  bulletList,
  type Cell,
  paragraph,
  pluralize,
  type Section,
  type Text,
} from '../document/document.ts'
import type { ReportedPlan } from '../plan/reported-plan.ts'

/** Who elsewhere still names an address that goes: resources that were found, those whom the request named, and how far the search went. */
export function allowListsSection(plan: ReportedPlan): Section {
  const { allowLists: found, cluster } = plan
  const blocks = losesAddress(plan)
    ? [...impactsOf(found, cluster.subscriptionId), ...consumersOf(found.consumers), ...coverageOf(found)]
    : [paragraph('No address goes, so no list has to follow.'), ...consumersOf(found.consumers)]
  return { id: 'allow-lists', title: 'Allow-lists elsewhere', blocks }
}

function losesAddress({ allowLists: { impacts }, egressIps, findings }: ReportedPlan): boolean {
  const isGoing = ({ change, address }: ReportedPlan['egressIps'][number]) =>
    change === 'lost' || (change === 'unknown' && address !== null)
  return (
    impacts.length > 0 ||
    egressIps.some(isGoing) ||
    findings.some(({ code }) => code === 'UNUSED_IP_RELEASED')
  )
}

function impactsOf({ impacts, coverage }: AllowListsPlan, home: string): Block[] {
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
      columns: ['Resource', 'Rule', 'Entry', 'Add', 'Remove after the change'],
      rows: impacts.map((each) => [
        resourceOf(each, home),
        ruleOf(each),
        entryOf(each),
        toAdd(each),
        each.removeLater.join(', ') || 'nothing',
      ]),
    },
  ]
}

/** By its name, as one looks for it; the whole id is in the plan. */
function resourceOf({ resourceId, type }: AllowListImpact, home: string): Cell {
  const { subscriptionId, resourceGroup } = parseResourceId(resourceId) ?? {}
  const isElsewhere = subscriptionId !== undefined && !equalsArm(subscriptionId, home)
  const place = `${typeLabel(type)} in ${resourceGroup ?? 'no resource group'}`
  const lines: Text[] = [[{ code: lastSegment(resourceId) }], place]
  return { lines: isElsewhere ? [...lines, `subscription ${subscriptionId}`] : lines }
}

/** `KeyVault vaults`, `network security groups`: words can be broken where a type of fifty letters cannot. */
function typeLabel(type: string): string {
  const [namespace = '', ...types] = type.split('/')
  const words = types
    .join(' ')
    .replace(/([a-z])([A-Z])/g, '$1 $2')
    .toLowerCase()
  return namespace === 'Microsoft.Network' ? words : `${namespace.replace('Microsoft.', '')} ${words}`
}

/** Where the list has no names, the place in the resource's body says which list it is. */
function ruleOf({ rule, place, effect, inForce }: AllowListImpact): Cell {
  const lines: Text[] = [[{ code: rule ?? place }]]
  if (effect === 'deny') lines.push('denies')
  if (!inForce) lines.push('not in force')
  return { lines }
}

/** An entry that is wider than ours, or a part of it, says which of our addresses it names. */
function entryOf({ entry, covers }: AllowListImpact): Cell {
  const ours = covers.map(({ address }) => address)
  const isAlike = ours.length === 1 && entry.replace(/\/(32|128)$/, '') === ours[0]
  return { lines: isAlike ? [[{ code: entry }]] : [[{ code: entry }], `names ${ours.join(', ')}`] }
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
  const what = `Searched: ${pluralize(seen, 'resource')} of ${pluralize(searched.length, 'type')}, as far as the identity of this service may see them.`
  if (unread.length === 0) return [paragraph(what)]
  const open = [...new Map(unread.map((each) => [each.what, each])).values()]
  const shown = open.slice(0, 10).map(({ what: name, message }): Text => [{ code: name }, `: ${message}`])
  const more = open.length - shown.length
  return [
    paragraph(what),
    paragraph('Not searched:'),
    bulletList(more === 0 ? shown : [...shown, `and ${more} more, in the plan's allowLists.coverage`]),
  ]
}
