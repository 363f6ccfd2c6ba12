import t from 'tap'
import { inventoryCsv } from '../../src/reports/inventory/inventory-csv.ts'
import { htmlChangeList } from '../../src/reports/overview/change-list.ts'
import { htmlClusterList } from '../../src/reports/overview/cluster-list.ts'
import { EXAMPLE_CHANGE, EXAMPLE_CLUSTER, EXAMPLE_REFRESH } from '../../src/routes/examples/inventory.ts'

const data = {
  clusters: [EXAMPLE_CLUSTER],
  total: 22,
  filters: [],
  next: null,
  refresh: null,
  isSimulated: false,
}

t.test('the page of clusters links each to its comparison, plan, job and campaign', async (t) => {
  const campaign = { id: '01990000-0000-7000-8000-000000000008', name: '<i>EU</i>' }
  const page = htmlClusterList({ ...data, clusters: [{ ...EXAMPLE_CLUSTER, campaign }] })
  const path = '/v1/clusters/11111111-1111-1111-1111-111111111111/rg-demo/lb-byo-nat-attached'
  for (const url of [
    `${path}/comparison`,
    `${path}/egress`,
    `/v1/campaigns/${campaign.id}`,
    '/v1/plans/',
    '/v1/jobs/',
  ])
    t.match(page, `href="${url}`)
  t.match(page, /egress path differs/)
  t.match(page, /The inventory has 22 clusters\. No filter applies\./)
  const subscriptionId = '22222222-2222-2222-2222-222222222222'
  const several = htmlClusterList({
    ...data,
    clusters: [EXAMPLE_CLUSTER, { ...EXAMPLE_CLUSTER, subscriptionId }],
  })
  t.notMatch(page, '<code>11111111')
  t.match(several, '<code>11111111', 'names repeat in other subscriptions')
  t.notMatch(page, '<i>EU')
  t.notMatch(page, / style=|<script/, 'the content security policy forbids them')
  t.match(htmlClusterList({ ...data, clusters: [] }), /No cluster matches/)
})

t.test('every filter is a form of its own that keeps the others, and can be removed', async (t) => {
  const filters: [string, string][] = [
    ['flag', 'stopped'],
    ['tag', 'team="a"&b'],
  ]
  const page = htmlClusterList({ ...data, filters, next: '/v1/clusters?cursor=x' })
  const forms = [...page.matchAll(/<form method="get" action="\/v1\/clusters">(.*?)<\/form>/g)].map(
    ([, form = '']) => form,
  )
  t.equal(forms.length, 11)
  for (const form of forms) {
    t.match(form, / required/, 'an empty field is not sent')
    t.equal(form.match(/<(input|select) id=/g)?.length, 1)
  }
  const location = forms.find((form) => form.includes('id="filter-location"')) ?? ''
  t.match(location, 'name="flag" value="stopped"')
  t.match(location, /name="tag" value="team=(&#34;|&quot;)a(&#34;|&quot;)&amp;b"/)
  const flag = forms.find((form) => form.includes('id="filter-flag"')) ?? ''
  t.notMatch(flag, 'name="flag" value=', 'a new value replaces the old one')
  t.match(page, 'href="/v1/clusters?tag=team%3D%22a%22%26b"')
  t.match(page, 'href="/v1/clusters?flag=stopped"')
  t.match(page, 'href="/v1/clusters?cursor=x"')
})

t.test('the page says what an incomplete or failed refresh did not read', async (t) => {
  const page = (change: object) =>
    htmlClusterList({ ...data, refresh: { ...EXAMPLE_REFRESH, ...change } }).replace(/<[^>]+>/g, '')
  t.notMatch(page({}), /last refresh/)
  const unread = ['one', 'two', 'three', 'four'].map((what) => ({
    what,
    code: 'AuthorizationFailed',
    message: 'no',
  }))
  const result = { ...EXAMPLE_REFRESH.result, unread, unconfirmed: 8 }
  const partial = page({ status: 'partial', result })
  t.match(
    partial,
    /The last refresh of the inventory of .* is incomplete: not read: one \(AuthorizationFailed\), two/,
  )
  t.match(partial, / and 1 more; 8 clusters not confirmed\. Details/)
  t.match(page({ status: 'partial', result: null }), / is incomplete\. Details/)
  const error = { code: 'THROTTLED', message: 'no' }
  t.match(
    page({ status: 'failed', result: { ...result, error } }),
    / failed\. .* are outdated: THROTTLED\. Details/,
  )
})

t.test('the page of changes names cluster, change, and the job that explains it', async (t) => {
  const filters: [string, string][] = [
    ['kind', 'egressChanged'],
    ['kind', 'diverged'],
  ]
  const page = htmlChangeList({
    changes: [EXAMPLE_CHANGE, { ...EXAMPLE_CHANGE, jobId: '01990000-0000-7000-8000-000000000002' }],
    filters,
    next: '/v1/clusters/changes?cursor=x',
    isSimulated: false,
  })
  t.match(page, 'rg-demo/lb-byo-nat-attached/history"')
  t.match(page, /No job of this service explains this change/)
  t.match(page, 'href="/v1/jobs/01990000-0000-7000-8000-000000000002"')
  t.match(page, 'href="/v1/clusters/changes?kind=diverged"', 'removes one of two values')
  t.match(page, 'href="/v1/clusters/changes?cursor=x"')
  t.match(htmlChangeList({ changes: [], filters: [], next: null, isSimulated: true }), /No change matches/)
})

t.test('the CSV names the campaign of a cluster', async (t) => {
  const campaign = { id: '01990000-0000-7000-8000-000000000008', name: 'EU' }
  const [header = '', row = ''] = inventoryCsv([{ ...EXAMPLE_CLUSTER, campaign }]).split('\r\n')
  const cells = row.split(',')
  const columns = header.split(',')
  t.equal(cells[columns.indexOf('campaign')], campaign.id)
  t.equal(cells[columns.indexOf('campaignName')], 'EU')
})
