import t from 'tap'
import type { Action } from '../../../src/contract/me.ts'
import {
  type AccessPolicy,
  clusterKey,
  clusterScopeOf,
  inScope,
  type Principals,
  preparationGroupsOf,
  requiresApproval,
} from '../../../src/core/access/access-policy.ts'
import { validApprovals } from '../../../src/core/access/approvals.ts'
import { parseAccessPolicy } from '../../../src/core/access/parse-access-policy.ts'
import { EXAMPLE_APPROVAL } from '../../../src/routes/examples/jobs.ts'

const S1 = '11111111-1111-1111-1111-111111111111'
const S2 = '22222222-2222-2222-2222-222222222222'
const ANN = 'aaaaaaaa-aaaa-aaaa-aaaa-aaaaaaaaaaaa'
const BOT = 'bbbbbbbb-bbbb-bbbb-bbbb-bbbbbbbbbbbb'
const TEAM = 'cccccccc-cccc-cccc-cccc-cccccccccccc'

const key = (subscriptionId: string, resourceGroup: string, name: string) =>
  clusterKey({ subscriptionId, resourceGroup, name })

t.test('a pattern covers the clusters that it names, in any letter case, and no others', async (t) => {
  const table: [subscription: string, group: string, cluster: string, key: string, is: boolean][] = [
    [S1, '*', '*', key(S1, 'rg-a', 'c1'), true],
    [S1, '*', '*', key(S2, 'rg-a', 'c1'), false],
    ['*', '*', '*', key(S2, 'rg-a', 'c1'), true],
    [S1, 'RG-A', 'C1', key(S1, 'rg-a', 'c1'), true],
    [S1, 'rg-a', '*', key(S1, 'rg-ab', 'c1'), false],
    [S1, 'rg-a*', '*', key(S1, 'rg-ab', 'c1'), true],
    [S1, '*', 'prod-*', key(S1, 'rg-a', 'prod-1'), true],
    [S1, '*', 'prod-*', key(S1, 'prod-rg', 'test-1'), false],
    [S1, '*-a', 'c*1', key(S1, 'rg-a', 'c001'), true],
    [S1, 'rg.a', '*', key(S1, 'rgxa', 'c1'), false],
    [S1, 'rg_a', '*', key(S1, 'rgxa', 'c1'), false],
    [S1, 'rg(1)', '*', key(S1, 'rg(1)', 'c1'), true],
    [S1, 'rg-kiel', '*', key(S1, 'RG-KIEL', 'c1'), true],
    [S1, 'rg-kiel', '*', key(S1, 'rg-\u212aiel', 'c1'), false],
    [S1, 'rg-\u212a*', '*', key(S1, 'rg-kiel', 'c1'), false],
  ]
  for (const [subscriptionId, resourceGroup, clusterName, found, is] of table)
    t.equal(
      inScope([{ subscriptionId, resourceGroup, clusterName }], found),
      is,
      `${resourceGroup}/${clusterName} ${found}`,
    )
  t.equal(inScope('everything', key(S1, 'a', 'b')), true)
  t.equal(inScope([], key(S1, 'a', 'b')), false)
})

const POLICY: AccessPolicy = {
  grants: [
    {
      to: [{ oid: ANN.toUpperCase() }],
      actions: ['plan'],
      on: [{ subscriptionId: S1, resourceGroup: 'rg-a', clusterName: '*' }],
    },
    {
      to: [{ groupId: TEAM }],
      actions: ['read', 'audit'],
      on: [{ subscriptionId: S1, resourceGroup: '*', clusterName: '*' }],
    },
    {
      to: [{ appId: BOT }],
      actions: ['execute'],
      on: [{ subscriptionId: S2, resourceGroup: '*', clusterName: '*' }],
    },
  ],
  approvals: [
    { on: [{ subscriptionId: S1, resourceGroup: 'rg-prod*', clusterName: '*' }], requireApproval: true },
    { on: [{ subscriptionId: S2, resourceGroup: '*', clusterName: '*' }], requireApproval: false },
  ],
}

t.test('adds grants for oid, application, and groups, and denies everything else', async (t) => {
  const ann: Principals = { id: ANN, appId: null, groups: [] }
  const member: Principals = { id: ANN, appId: null, groups: ['other', TEAM.toUpperCase()] }
  const bot: Principals = { id: 'x', appId: BOT, groups: [] }
  const may = (who: Principals, action: Action, found: string) =>
    inScope(clusterScopeOf(POLICY, who, action), found)
  t.equal(may(ann, 'plan', key(S1, 'rg-a', 'c')), true)
  t.equal(may(ann, 'read', key(S1, 'rg-a', 'c')), true, 'planning includes reading')
  t.equal(may(ann, 'execute', key(S1, 'rg-a', 'c')), false)
  t.equal(may(ann, 'audit', key(S1, 'rg-a', 'c')), false)
  t.equal(may(ann, 'read', key(S1, 'rg-b', 'c')), false)
  t.equal(may(member, 'read', key(S1, 'rg-b', 'c')), true)
  t.equal(may(member, 'plan', key(S1, 'rg-b', 'c')), false)
  t.equal(may(member, 'audit', key(S1, 'rg-b', 'c')), true)
  t.equal(may(bot, 'execute', key(S2, 'rg', 'c')), true)
  t.equal(may({ id: BOT, appId: null, groups: [BOT] }, 'execute', key(S2, 'rg', 'c')), false)
  t.strictSame(clusterScopeOf(POLICY, { id: 'nobody', appId: null, groups: [] }, 'read'), [])
  t.equal(clusterScopeOf(null, ann, 'execute'), 'everything', 'without a policy the role decides alone')
})

t.test('resources are created only where a grant to plan the cluster allows it', async (t) => {
  const on = [{ subscriptionId: S1, resourceGroup: 'rg-a', clusterName: '*' }]
  const prepareIn = [{ subscriptionId: S2, resourceGroup: 'rg-egress-*' }]
  const to = [{ oid: ANN }]
  const ann: Principals = { id: ANN, appId: null, groups: [] }
  const cluster = { subscriptionId: S1, resourceGroup: 'RG-A', name: 'c' }
  const groups = (grants: AccessPolicy['grants'], who = ann, ref = cluster) =>
    preparationGroupsOf({ grants, approvals: [] }, who, ref)
  t.strictSame(groups([{ to, actions: ['plan'], on, prepareIn }]), prepareIn)
  t.strictSame(groups([{ to, actions: ['plan'], on }]), [])
  t.strictSame(groups([{ to, actions: ['execute'], on, prepareIn }]), [], 'another action')
  t.strictSame(groups([{ to, actions: ['plan'], on, prepareIn }], { ...ann, id: BOT }), [], 'another caller')
  const other = { ...cluster, resourceGroup: 'rg-b' }
  t.strictSame(groups([{ to, actions: ['plan'], on, prepareIn }], ann, other), [], 'another cluster')
  t.equal(preparationGroupsOf(null, ann, cluster), 'everything')
})

t.test('requires an approval if the policy requires it', async (t) => {
  t.equal(requiresApproval(POLICY, key(S1, 'rg-prod-1', 'c')), true)
  t.equal(requiresApproval(POLICY, key(S1, 'rg-test', 'c')), false)
  t.equal(requiresApproval(POLICY, key(S2, 'rg', 'c')), false)
  t.equal(requiresApproval(null, key(S1, 'rg-prod-1', 'c')), false)
})

t.test(
  'an approval is valid unless it is withdrawn or given by the creator or executor of the plan',
  async (t) => {
    const by = (id: string, given: object = {}) => ({
      ...EXAMPLE_APPROVAL,
      by: { id, name: `${id} name` },
      ...given,
    })
    const maker = { id: 'maker', name: 'm' }
    const executor = { id: 'executor', name: 'e' }
    const all = [
      by('maker'),
      by('executor'),
      by('second'),
      by('third', { withdrawnAt: '2026-09-01T00:00:00Z' }),
    ]
    t.strictSame(
      validApprovals(all, maker, executor).map((each) => each.by.id),
      ['second'],
    )
    t.strictSame(
      validApprovals([by('SECOND')], { id: 'second', name: 'm' }, executor),
      [],
      'in another letter case, a person is the same person',
    )
    t.strictSame(
      validApprovals([by('second')], { id: null, name: 'second name' }, executor),
      [],
      'by name, where an older plan has kept no id',
    )
  },
)

const GOOD = {
  version: 1,
  grants: [
    { name: 'ann', to: [{ oid: ANN, name: 'Ann' }], actions: ['read'], on: [{ subscriptionId: '*' }] },
  ],
}

t.test('a policy is read with everything that was left out filled in', async (t) => {
  t.strictSame(parseAccessPolicy(GOOD), {
    policy: {
      grants: [
        {
          to: [{ oid: ANN }],
          actions: ['read'],
          on: [{ subscriptionId: '*', resourceGroup: '*', clusterName: '*' }],
        },
      ],
      approvals: [],
    },
  })
})

t.test('a grant may name resource groups for new resources', async (t) => {
  const read = (prepareIn: unknown) =>
    parseAccessPolicy({ ...GOOD, grants: [{ ...GOOD.grants[0], prepareIn }] })
  t.match(read([{ subscriptionId: S1, resourceGroup: 'rg-*' }, { subscriptionId: S2 }]), {
    policy: {
      grants: [
        {
          prepareIn: [
            { subscriptionId: S1, resourceGroup: 'rg-*' },
            { subscriptionId: S2, resourceGroup: '*' },
          ],
        },
      ],
    },
  })
  for (const faulty of [
    {},
    [],
    [{ resourceGroup: 'rg' }],
    [{ subscriptionId: S1, resourceGroup: 'a/b' }],
    [{ subscriptionId: S1, clusterName: 'c' }],
  ])
    t.match(read(faulty), { faults: [/^\/grants\/0\/prepareIn/] }, JSON.stringify(faulty))
})

t.test('reports every error of a policy with its place and remedy', async (t) => {
  const faulty = {
    version: 2,
    surplus: true,
    grants: [
      {
        name: 7,
        to: [{ oid: 'ann@example.com' }, { oid: ANN, appId: BOT }, 'ann', {}],
        actions: ['write', 'read'],
        on: [
          { subscriptionId: 'prod' },
          { subscriptionId: S1, resourceGroup: 'a/b' },
          { subscriptionId: S1, resourceGroup: 'a*'.repeat(9), clusterName: 'c*'.repeat(8) },
          { subscriptionId: S1, clusterName: 'c.1', 'sub/group~': 1 },
        ],
      },
      { to: [], actions: [], on: [] },
    ],
    approvals: [{ on: [{ subscriptionId: '*' }], requireApproval: 'yes' }],
  }
  const outcome = parseAccessPolicy(faulty)
  const faults = 'faults' in outcome ? outcome.faults : []
  t.strictSame(
    faults.map((each) => each.split(' ')[0]).toSorted(),
    [
      '/approvals/0/requireApproval',
      '/grants/0/actions/0',
      '/grants/0/name',
      '/grants/0/on/0/subscriptionId',
      '/grants/0/on/1/resourceGroup',
      '/grants/0/on/2/resourceGroup',
      '/grants/0/on/3/clusterName',
      '/grants/0/on/3/sub~1group~0',
      '/grants/0/to/0/oid',
      '/grants/0/to/1',
      '/grants/0/to/2',
      '/grants/0/to/2',
      '/grants/0/to/3',
      '/grants/1/actions',
      '/grants/1/on',
      '/grants/1/to',
      '/surplus',
      '/version',
    ].toSorted(),
  )
  for (const fault of faults) t.match(fault, /^\S+ [a-z][^.]*\. [A-Z].*\.$/)
  for (const value of [null, [], 'x', 1, {}, { version: 1 }, { version: 1, grants: {} }])
    t.ok('faults' in parseAccessPolicy(value), JSON.stringify(value))
})
