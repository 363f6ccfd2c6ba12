import type { AllowListImpact, AllowListsPlan, Consumer } from '../../contract/allow-lists.ts'
import { lastSegment, parseResourceId } from '../../core/arm/resource-id.ts'
import { resourceTypeName } from '../../core/arm/resource-type-names.ts'
import { equalsArm } from '../../core/arm/words.ts'
import {
  type Block,
  type Cell,
  listBelow,
  paragraph,
  pluralize,
  type Section,
  type Text,
  tableOf,
} from '../document/document.ts'
import type { ReportedPlan } from '../plan/reported-plan.ts'

/** Allow lists that contain a removed address, the consumers that the request lists, and the coverage of the search. */
export function allowListsSection(plan: ReportedPlan): Section {
  const { allowLists, cluster } = plan
  const blocks = losesAddress(plan)
    ? [
        ...impactsOf(allowLists, cluster.subscriptionId),
        ...consumersOf(allowLists.consumers),
        ...coverageOf(allowLists),
      ]
    : [
        paragraph('The change removes no address, so no allow list has to change.'),
        ...consumersOf(allowLists.consumers),
      ]
  return { id: 'allow-lists', title: 'Allow lists of other resources', blocks }
}

function losesAddress({ allowLists: { impacts }, egressIps, findings }: ReportedPlan): boolean {
  const mayGo = ({ change, address }: ReportedPlan['egressIps'][number]) =>
    change === 'lost' || (change === 'unknown' && address !== null)
  return (
    impacts.length > 0 || egressIps.some(mayGo) || findings.some(({ code }) => code === 'UNUSED_IP_RELEASED')
  )
}

function impactsOf({ impacts, coverage }: AllowListsPlan, clusterSubscriptionId: string): Block[] {
  if (impacts.length === 0)
    return [
      paragraph(
        coverage.complete
          ? 'No allow list contains an address that the change removes or may remove.'
          : 'No allow list was found that contains an address that the change removes, but the search was incomplete.',
      ),
    ]
  return tableOf(
    'Allow list entries with addresses that the change removes or may remove',
    ['Resource', 'Rule', 'Entry', 'Add', 'Remove after the change'],
    impacts.map((impact) => [
      resourceOf(impact, clusterSubscriptionId),
      ruleOf(impact),
      entryOf(impact),
      impact.ineffective?.forAll === true ? 'virtual network rules' : additionsOf(impact),
      impact.removeLater.join(', ') || 'nothing',
    ]),
  )
}

/** The name of the resource. The plan contains its whole ID. */
function resourceOf({ resourceId, type }: AllowListImpact, clusterSubscriptionId: string): Cell {
  const { subscriptionId, resourceGroup } = parseResourceId(resourceId) ?? {}
  const isElsewhere = subscriptionId !== undefined && !equalsArm(subscriptionId, clusterSubscriptionId)
  const location = `${resourceTypeName(type)} in ${resourceGroup ?? 'no resource group'}`
  const lines: Text[] = [[{ code: lastSegment(resourceId) }], location]
  return { lines: isElsewhere ? [...lines, `subscription ${subscriptionId}`] : lines }
}

/** The name of the rule, or the path in the body of the resource if the list has no names. */
function ruleOf({ rule, place, effect, inForce, ineffective }: AllowListImpact): Cell {
  const lines: Text[] = [[{ code: rule ?? place }]]
  if (effect === 'deny') lines.push('deny rule')
  if (!inForce) lines.push('not in effect')
  // Plans of earlier versions do not say it.
  if (ineffective?.forAll === true) lines.push('not effective for this cluster')
  return { lines }
}

/** An entry, with the addresses of the cluster that it matches if it is wider or narrower than one of them. */
function entryOf({ entry, covers }: AllowListImpact): Cell {
  const addresses = covers.map(({ address }) => address)
  const isSame = addresses.length === 1 && entry.replace(/\/(32|128)$/, '') === addresses[0]
  return { lines: isSame ? [[{ code: entry }]] : [[{ code: entry }], `matches ${addresses.join(', ')}`] }
}

function consumersOf(consumers: Consumer[]): Block[] {
  return tableOf(
    'Consumers to notify',
    ['Consumer', 'Contact', 'Add', 'Remove after the change'],
    consumers.map((consumer) => [
      consumer.name,
      consumer.contact ?? '',
      additionsOf(consumer),
      consumer.drop.join(', ') || 'nothing',
    ]),
  )
}

function additionsOf({ add, addLater }: Pick<AllowListImpact, 'add' | 'addLater'>): string {
  const later = addLater === 0 ? [] : [`${addLater} unknown at plan time`]
  return [...add, ...later].join(', ') || 'nothing'
}

function coverageOf({ coverage: { searched, unread } }: AllowListsPlan): Block[] {
  const count = searched.reduce((sum, { resources }) => sum + resources, 0)
  const types = pluralize(searched.length, 'resource type')
  const summary = `The search covered ${pluralize(count, 'resource')} of ${types} that the identity of this service can read.`
  const distinct = [...new Map(unread.map((part) => [part.what, part])).values()]
  const items = distinct.slice(0, 10).map(({ what, message }): Text => [{ code: what }, `: ${message}`])
  const more = distinct.length - items.length
  const rest: Text = [`and ${more} more: see `, { code: 'allowLists.coverage' }, ' in the plan']
  const lead = 'These parts of allow lists were not searched. Check them manually:'
  return [paragraph(summary), ...listBelow(lead, more === 0 ? items : [...items, rest])]
}
