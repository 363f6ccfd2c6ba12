import t from 'tap'
import type { AllowListImpact } from '../../src/core/allow-lists/plan-allow-lists.ts'
import { markdownReport } from '../../src/reports/markdown-report.ts'
import { demoPlans } from './support/demo-plans.ts'

const planOf = await demoPlans(t)
const section = (text: string) => /## Allow-lists elsewhere\n([\s\S]*?)\n## /.exec(text)?.[1] ?? ''

const IMPACT: AllowListImpact = {
  resourceId:
    '/subscriptions/99999999-0000-0000-0000-000000000000/resourceGroups/rg-partner/providers/Microsoft.Network/networkSecurityGroups/nsg-shop',
  type: 'Microsoft.Network/networkSecurityGroups',
  place: '/properties/securityRules/0/properties/sourceAddressPrefix',
  rule: 'NoClusters',
  entry: '20.1.0.0/16',
  effect: 'deny',
  inForce: false,
  covers: [{ address: '20.1.2.3', change: 'lost' }],
  add: [],
  addLater: 0,
  removeLater: [],
}

/** The row of the table that this impact makes. */
function rowOf(given: Partial<AllowListImpact>): string {
  const plan = planOf('to-be-accepted')
  const text = markdownReport({
    ...plan,
    allowLists: { ...plan.allowLists, impacts: [{ ...IMPACT, ...given }] },
  })
  return section(text)
    .split('\n')
    .filter((line) => line.startsWith('| '))
    .slice(2, 3)
    .join()
}

t.test('a row names the resource, where it lies, its rule and what that does', async (t) => {
  const row = rowOf({})
  t.match(row, /`nsg-shop`; network security groups in rg-partner; subscription 99999999-/)
  t.match(row, /`NoClusters`; denies; not in force/)
  t.match(row, /`20\.1\.0\.0\/16`; names 20\.1\.2\.3/)
  const subscriptionId = planOf('to-be-accepted').cluster.subscriptionId.toUpperCase()
  const resourceId = IMPACT.resourceId.replace(/99999999[^/]*/, subscriptionId)
  t.notMatch(rowOf({ resourceId }), 'subscription ', "in the cluster's own subscription")
})

t.test('a list without names of rules is told by its place, and an entry like ours as it is', async (t) => {
  const row = rowOf({ rule: null, entry: '20.1.2.3/32', effect: 'allow', inForce: true })
  t.match(row, /`\/properties\/securityRules\/0\/properties\/sourceAddressPrefix` \| `20\.1\.2\.3\/32` \|/)
})

t.test('what was not searched is told with the reason', async (t) => {
  t.match(
    section(markdownReport(planOf('to-be-accepted'))),
    /apim-demo`: Only the policy of the whole service/,
  )
})

t.test('where no address goes nothing is said of a search', async (t) => {
  const text = section(markdownReport(planOf('no-change')))
  t.match(text, /No address goes, so no list has to follow\./)
  t.notMatch(text, /earched/)
  t.match(
    section(markdownReport(planOf('through-a-firewall'))),
    /Searched: /,
    'one goes that nothing leaves by',
  )
})

t.test('connections are not said to be dropped by traffic that does not move', async (t) => {
  t.match(
    markdownReport(planOf('through-a-firewall')),
    /Open connections:\*\* may be dropped, although packets keep their path\./,
  )
  t.match(markdownReport(planOf('to-be-accepted')), /Open connections:\*\* dropped when the traffic moves\./)
  t.match(markdownReport(planOf('no-change')), /Open connections:\*\* not touched\./)
})
