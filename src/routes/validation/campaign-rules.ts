import type { CampaignOrder } from '../../campaigns/campaigns.ts'
import { CAMPAIGN_ACTIONS, type CampaignRequest, MEMBER_ACTIONS } from '../../contract/campaign-requests.ts'
import type { Fault } from '../../contract/problem.ts'
import { MAX_WILDCARDS } from '../../contract/webhook.ts'
import { idKey } from '../../core/arm/resource-id.ts'
import { WITHOUT_ROLLBACK } from '../../core/campaign/member-outcomes.ts'
import { countWildcards } from '../../core/lib/wildcard.ts'
import { isTimeZone } from '../../core/maintenance/openings.ts'
import { RULES } from '../../core/rules/index.ts'
import { RETIRED_RULES } from '../../core/rules/retired-rules.ts'
import type { RawRequest } from '../operation.ts'
import { Problem } from '../problems/problems.ts'
import { preparationErrors, toTarget } from './plan-request.ts'
import { CONSUMER_RULES, TARGET_RULES } from './plan-request-rules.ts'
import { inventoryFilterRules, labelErrors, probeUrlRules } from './request-rules.ts'
import { clusterIdExpected, parseClusterId } from './resource-ids.ts'
import { checkRules, isObject, type RawFields, type Rule, rulesOf } from './rules.ts'

const excluded = rulesOf('PARAMETERS_EXCLUDE_EACH_OTHER')
const missing = rulesOf('FIELD_MISSING')

const CODES = new Set([...RULES.map(({ code }) => code), ...Object.keys(RETIRED_RULES), WITHOUT_ROLLBACK])

/** Otherwise a misspelled code would be noticed only when every member waits for a decision. */
const ACKNOWLEDGE_RULE = rulesOf('VALUE_NOT_ALLOWED')(
  '/acknowledge/[]',
  'There is no finding with this code. `GET /findings` lists the codes.',
  (code) => typeof code === 'string' && !CODES.has(code),
)

const WINDOW = '/waves/[]/window'
const sibling = (request: RawFields, [index]: readonly string[], field: string) =>
  request.has(`/waves/${index}/${field}`)

const SELECTION_RULES: readonly Rule[] = [
  missing(
    '/select',
    'select requires ids or filter.',
    (select, request) => isObject(select) && !request.has('/select/ids') && !request.has('/select/filter'),
  ),
  excluded(
    '/select/filter',
    'filter and ids are mutually exclusive; specify only one of them.',
    (filter, request) => filter !== undefined && request.has('/select/ids'),
  ),
  rulesOf('RESOURCE_ID_INVALID')(
    '/select/ids/[]',
    clusterIdExpected('An entry of ids'),
    (id) => typeof id === 'string' && parseClusterId(id) === null,
  ),
  rulesOf('NOT_UNIQUE')('/select/ids', 'ids contains the same cluster twice.', (_ids, request) => {
    const ids = request.list('/select/ids').filter((id) => typeof id === 'string')
    return new Set(ids.map(idKey)).size < ids.length
  }),
]

/** How a wave gets its clusters; only one of them. */
const CHOICES = ['clusters', 'where', 'count', 'share']

const WAVE_RULES: readonly Rule[] = [
  ...CHOICES.slice(1).map((name, index) =>
    excluded(
      `/waves/[]/${name}`,
      `${name} excludes ${CHOICES.slice(0, index + 1).join(', ')}.`,
      (value, request, keys) =>
        value !== undefined && CHOICES.slice(0, index + 1).some((other) => sibling(request, keys, other)),
    ),
  ),
  rulesOf('PARAMETER_OUT_OF_RANGE')(
    '/waves/[]/share',
    'The shares of all waves together must not exceed 100.',
    (share, request, [index]) => {
      const shares = request.list('/waves').map((wave) => (isObject(wave) ? Number(wave.share ?? 0) : 0))
      const total = shares.slice(0, Number(index) + 1).reduce((sum, item) => sum + item, 0)
      return share !== undefined && total > 100
    },
  ),
  missing(
    WINDOW,
    'A window requires timeZone or utcOffset.',
    (window, request, keys) =>
      isObject(window) &&
      !sibling(request, keys, 'window/timeZone') &&
      !sibling(request, keys, 'window/utcOffset'),
  ),
  excluded(
    `${WINDOW}/timeZone`,
    'timeZone and utcOffset are mutually exclusive; specify only one of them.',
    (zone, request, keys) => zone !== undefined && sibling(request, keys, 'window/utcOffset'),
  ),
  rulesOf('TIME_ZONE_UNKNOWN')(
    `${WINDOW}/timeZone`,
    'timeZone must be a name in the IANA time zone database, such as Europe/Berlin.',
    (zone) => typeof zone === 'string' && !isTimeZone(zone),
  ),
  ...['/waves/[]/clusters/[]', '/targetRules/[]/clusters/[]'].flatMap((pattern) =>
    ['resourceGroup', 'clusterName'].map((name) =>
      rulesOf('TOO_MANY')(
        `${pattern}/${name}`,
        `${name} must contain at most ${MAX_WILDCARDS} asterisks (\`*\`).`,
        (text) => typeof text === 'string' && countWildcards(text) > MAX_WILDCARDS,
      ),
    ),
  ),
]

const RULE = '/targetRules/[]'
const inRule = (request: RawFields, [index]: readonly string[], field: string) =>
  request.has(`/targetRules/${index}/${field}`)

const TARGET_RULE_RULES: readonly Rule[] = [
  missing(
    '/target',
    'A campaign requires target or targetRules.',
    (target, request) => target === undefined && request.list('/targetRules').length === 0,
  ),
  excluded(
    '/unmatched',
    'unmatched does not apply to a campaign with a target for all clusters.',
    (unmatched, request) => unmatched !== undefined && request.has('/target'),
  ),
  excluded(
    '/prepare',
    'prepare applies only to target. In targetRules, specify prepare in each rule.',
    (prepare, request) => prepare !== undefined && !request.has('/target'),
  ),
  missing(
    RULE,
    'A target rule requires clusters or where.',
    (rule, request, keys) =>
      isObject(rule) && !inRule(request, keys, 'clusters') && !inRule(request, keys, 'where'),
  ),
  excluded(
    `${RULE}/where`,
    'where and clusters are mutually exclusive; specify only one of them.',
    (where, request, keys) => where !== undefined && inRule(request, keys, 'clusters'),
  ),
]

const FILTER_RULES = ['/select/filter', '/waves/[]/where', `${RULE}/where`].flatMap(inventoryFilterRules)

/** Checks of a new campaign that a schema cannot express. */
export function campaignErrors({ body }: RawRequest): Fault[] {
  const targetRules = isObject(body) && Array.isArray(body.targetRules) ? body.targetRules : []
  const options = [CONSUMER_RULES, probeUrlRules('/verifyFromNodes')]
  const rules = [
    SELECTION_RULES,
    TARGET_RULES,
    TARGET_RULE_RULES,
    WAVE_RULES,
    FILTER_RULES,
    ACKNOWLEDGE_RULE,
    ...options,
  ].flat()
  return [
    ...checkRules('body', rules, body),
    ...preparationErrors(body),
    ...targetRules.flatMap((rule, index) =>
      [...checkRules('body', TARGET_RULES, rule), ...preparationErrors(rule)].map((fault) => ({
        ...fault,
        pointer: `/targetRules/${index}${fault.pointer ?? ''}`,
      })),
    ),
    ...labelErrors(body),
  ]
}

const isOfCampaign = (action: unknown) => (CAMPAIGN_ACTIONS as readonly unknown[]).includes(action)
const isOfMembers = (action: unknown) => (MEMBER_ACTIONS as readonly unknown[]).includes(action)

const ACTION_RULES: readonly Rule[] = [
  ACKNOWLEDGE_RULE,
  missing(
    '/wave',
    'releaseGate requires the number of a wave.',
    (wave, request) => wave === undefined && request.get('/action') === 'releaseGate',
  ),
  missing(
    '/members',
    (request) => `${request.get('/action')} requires members or membersWhere.`,
    (members, request) =>
      members === undefined &&
      !request.has('/membersWhere') &&
      typeof request.get('/action') === 'string' &&
      !isOfCampaign(request.get('/action')),
  ),
  excluded(
    '/membersWhere',
    'membersWhere and members are mutually exclusive; specify only one of them.',
    (where, request) => where !== undefined && request.has('/members'),
  ),
  ...['wave', 'members', 'membersWhere', 'acknowledge'].map((field) =>
    excluded(
      `/${field}`,
      (request) => `${field} does not apply to the action \`${request.get('/action')}\`.`,
      (value, request) => value !== undefined && !FIELD_OF[field]?.(request.get('/action')),
    ),
  ),
]

const FIELD_OF: Record<string, ((action: unknown) => boolean) | undefined> = {
  wave: (action) => action === 'releaseGate',
  members: isOfMembers,
  membersWhere: isOfMembers,
  acknowledge: (action) => action === 'accept',
}

/** Which fields belong to which action. */
export function campaignActionErrors({ body }: RawRequest): Fault[] {
  return checkRules('body', ACTION_RULES, body)
}

/** The validated body with its clusters in one form. */
export function toCampaignOrder(body: CampaignRequest): CampaignOrder {
  const clusters = body.select.ids?.map((id) => {
    const cluster = parseClusterId(id)
    if (cluster === null) throw new Problem('RESOURCE_ID_INVALID')
    return cluster
  })
  const targetRules = body.targetRules?.map((rule) => ({ ...rule, target: toTarget(rule.target) }))
  const request = {
    ...body,
    ...(body.target === undefined ? {} : { target: toTarget(body.target) }),
    ...(targetRules === undefined ? {} : { targetRules }),
  }
  return { request, clusters: clusters ?? null }
}
