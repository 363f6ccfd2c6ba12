import t from 'tap'
import { fakeApp } from '../support/fakes.ts'
import { CAMPAIGN_BODY } from '../support/successes.ts'

const { app, rooms: modules } = await fakeApp(t)

const target = { outboundType: 'managedNATGateway' }
const window = { daysOfWeek: ['Monday'], startTime: '22:00', durationHours: 4, timeZone: 'Europe/Berlin' }
const wave = (fields: object) => ({ waves: [fields] })
const rules = (...targetRules: object[]) => ({ target: undefined, targetRules })

/** What makes a request invalid, the place of each error, and its code. */
const REJECTED: [title: string, body: object, pointer: string, code: string][] = [
  ['an unknown filter', { select: { filter: { team: 'a' } } }, '/select/filter/team', 'FIELD_UNKNOWN'],
  ['no filter', { select: { filter: {} } }, '/select/filter', 'TOO_FEW'],
  ['a tag without a value', { select: { filter: { tag: 'team=' } } }, '/select/filter/tag', 'FORMAT_INVALID'],
  ['an unknown flag', { select: { filter: { flag: 'x' } } }, '/select/filter/flag', 'VALUE_NOT_ALLOWED'],
  ['no address', { select: { filter: { address: 'x' } } }, '/select/filter/address', 'FORMAT_INVALID'],
  ['no selection', { select: {} }, '/select', 'FIELD_MISSING'],
  ['an empty selection', { select: { ids: [] } }, '/select/ids', 'TOO_FEW'],
  [
    'two selections',
    { select: { ...CAMPAIGN_BODY.select, filter: { tag: 'a' } } },
    '/select/filter',
    'PARAMETERS_EXCLUDE_EACH_OTHER',
  ],
  [
    'an ID of another type',
    { select: { ids: ['/subscriptions/x'] } },
    '/select/ids/0',
    'RESOURCE_ID_INVALID',
  ],
  [
    'overlapping shares',
    { waves: [{ share: 60 }, { share: 40 }, { share: 1 }] },
    '/waves/2/share',
    'PARAMETER_OUT_OF_RANGE',
  ],
  ['no target', { target: undefined }, '/target', 'FIELD_MISSING'],
  ['a rule for nothing', rules({ target }), '/targetRules/0', 'FIELD_MISSING'],
  [
    'a rule with two choices',
    rules({ target, where: { tag: 'a' }, clusters: [{ clusterName: 'a' }] }),
    '/targetRules/0/where',
    'PARAMETERS_EXCLUDE_EACH_OTHER',
  ],
  ['a tag of a rule', rules({ target, where: { tag: '=a' } }), '/targetRules/0/where/tag', 'FORMAT_INVALID'],
  [
    'a target with fields of another',
    rules({ where: { tag: 'a' }, target: { ...target, loadBalancer: {} } }),
    '/targetRules/0/target/loadBalancer',
    'PARAMETER_NOT_FOR_TARGET',
  ],
  ['unmatched beside a target', { unmatched: 'skip' }, '/unmatched', 'PARAMETERS_EXCLUDE_EACH_OTHER'],
  ['no waves', { waves: [] }, '/waves', 'TOO_FEW'],
  ['a limit below 1', wave({ maxConcurrent: 0 }), '/waves/0/maxConcurrent', 'PARAMETER_OUT_OF_RANGE'],
  ['no failures allowed', wave({ maxFailures: 0 }), '/waves/0/maxFailures', 'PARAMETER_OUT_OF_RANGE'],
  ['an empty count', wave({ count: 0 }), '/waves/0/count', 'PARAMETER_OUT_OF_RANGE'],
  [
    'two sizes of a wave',
    wave({ count: 1, where: { tag: 'a' } }),
    '/waves/0/count',
    'PARAMETERS_EXCLUDE_EACH_OTHER',
  ],
  [
    'an unknown time zone',
    wave({ window: { ...window, timeZone: 'Europe/Atlantis' } }),
    '/waves/0/window/timeZone',
    'TIME_ZONE_UNKNOWN',
  ],
  [
    'a window that never opens',
    wave({ window: { ...window, daysOfWeek: [] } }),
    '/waves/0/window/daysOfWeek',
    'TOO_FEW',
  ],
  [
    'a code of no finding',
    { acknowledge: ['EGRESS_IP_LOST', 'NO_SUCH_CODE'] },
    '/acknowledge/1',
    'VALUE_NOT_ALLOWED',
  ],
  ['a name of a label', { labels: { 'no name': 'x' } }, '/labels/no name', 'FORMAT_INVALID'],
]

t.test('rejects an invalid campaign with the place and the code, and creates nothing', async (t) => {
  for (const [title, changes, pointer, code] of REJECTED) {
    const payload = { ...CAMPAIGN_BODY, ...changes }
    const response = await app.inject({ method: 'POST', url: '/v1/campaigns', payload })
    t.equal(response.statusCode, 400, `${title}: ${response.body}`)
    const { errors, remedy, detail } = response.json()
    t.match(errors, [{ in: 'body', pointer, code }], title)
    t.equal(errors.length, 1, `${title}: ${JSON.stringify(errors)}`)
    t.match(remedy, /\.$/, title)
    t.notMatch(detail, /Azure/, `${title}: these are limits of this service`)
  }
  t.strictSame(modules.calls, [])
})

t.test('an action names members or a filter of members, not both', async (t) => {
  const id = '01990000-0000-7000-8000-000000000008'
  const act = (payload: object) =>
    app.inject({
      method: 'POST',
      url: `/v1/campaigns/${id}/actions`,
      payload: { action: 'skip', ...payload },
    })
  const where = { membersWhere: { status: 'Blocked', wave: 2, waitsFor: 'PLAN_BLOCKED' } }
  t.equal((await act(where)).statusCode, 200)
  const rejected: [object, string, string][] = [
    [{}, '/members', 'FIELD_MISSING'],
    [{ ...where, members: [id] }, '/membersWhere', 'PARAMETERS_EXCLUDE_EACH_OTHER'],
    [{ ...where, action: 'start' }, '/membersWhere', 'PARAMETERS_EXCLUDE_EACH_OTHER'],
    [{ action: 'release', wave: 1 }, '/wave', 'PARAMETERS_EXCLUDE_EACH_OTHER'],
    [{ membersWhere: {} }, '/membersWhere', 'TOO_FEW'],
    [{ membersWhere: { status: 'Lost' } }, '/membersWhere/status', 'VALUE_NOT_ALLOWED'],
  ]
  for (const [payload, pointer, code] of rejected) {
    const response = await act(payload)
    t.equal(response.statusCode, 400, response.body)
    t.match(response.json().errors, [{ in: 'body', pointer, code }])
  }
})
