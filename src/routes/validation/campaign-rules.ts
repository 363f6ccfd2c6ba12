import type { CampaignOrder } from '../../campaigns/campaigns.ts'
import type { CampaignRequest } from '../../contract/campaign-requests.ts'
import { CAMPAIGN_ACTIONS } from '../../contract/campaign-requests.ts'
import type { Fault } from '../../contract/problem.ts'
import { MAX_WILDCARDS } from '../../contract/webhook.ts'
import { idKey } from '../../core/arm/resource-id.ts'
import { countWildcards } from '../../core/lib/wildcard.ts'
import { isTimeZone } from '../../core/maintenance/openings.ts'
import type { RawRequest } from '../operation.ts'
import { Problem } from '../problems/problems.ts'
import { toTarget } from './plan-request.ts'
import { TARGET_RULES } from './plan-request-rules.ts'
import { clusterIdExpected, parseClusterId } from './resource-ids.ts'
import { checkRules, isObject, type RawFields, type Rule, rulesOf } from './rules.ts'

const excluded = rulesOf('PARAMETERS_EXCLUDE_EACH_OTHER')
const missing = rulesOf('FIELD_MISSING')

const WINDOW = '/waves/[]/window'
const sibling = (request: RawFields, [index]: readonly string[], field: string) =>
  request.has(`/waves/${index}/${field}`)

const SELECTION_RULES: readonly Rule[] = [
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

const WAVE_RULES: readonly Rule[] = [
  excluded(
    '/waves/[]/count',
    'count and clusters exclude each other.',
    (count, request, keys) => count !== undefined && sibling(request, keys, 'clusters'),
  ),
  excluded(
    '/waves/[]/share',
    'share excludes clusters and count.',
    (share, request, keys) =>
      share !== undefined && (sibling(request, keys, 'clusters') || sibling(request, keys, 'count')),
  ),
  missing(
    WINDOW,
    'A window needs either timeZone or utcOffset.',
    (window, request, keys) =>
      isObject(window) &&
      !sibling(request, keys, 'window/timeZone') &&
      !sibling(request, keys, 'window/utcOffset'),
  ),
  excluded(
    `${WINDOW}/timeZone`,
    'timeZone and utcOffset exclude each other.',
    (zone, request, keys) => zone !== undefined && sibling(request, keys, 'window/utcOffset'),
  ),
  rulesOf('TIME_ZONE_UNKNOWN')(
    `${WINDOW}/timeZone`,
    'There is no IANA time zone of this name.',
    (zone) => typeof zone === 'string' && !isTimeZone(zone),
  ),
  ...['/waves/[]/clusters/[]', '/exceptions/[]/clusters/[]'].flatMap((pattern) =>
    ['resourceGroup', 'clusterName'].map((name) =>
      rulesOf('TOO_MANY')(
        `${pattern}/${name}`,
        `${name} must contain at most ${MAX_WILDCARDS} characters \`*\`.`,
        (text) => typeof text === 'string' && countWildcards(text) > MAX_WILDCARDS,
      ),
    ),
  ),
]

/** Checks of a new campaign that a schema cannot express. */
export function campaignErrors({ body }: RawRequest): Fault[] {
  const exceptions = isObject(body) && Array.isArray(body.exceptions) ? body.exceptions : []
  return [
    ...checkRules('body', [...SELECTION_RULES, ...TARGET_RULES, ...WAVE_RULES], body),
    ...exceptions.flatMap((exception, index) =>
      checkRules('body', TARGET_RULES, exception).map((fault) => ({
        ...fault,
        pointer: `/exceptions/${index}${fault.pointer ?? ''}`,
      })),
    ),
  ]
}

const isOfCampaign = (action: unknown) => (CAMPAIGN_ACTIONS as readonly unknown[]).includes(action)

const ACTION_RULES: readonly Rule[] = [
  missing(
    '/wave',
    'releaseGate needs the number of a wave.',
    (wave, request) => wave === undefined && request.get('/action') === 'releaseGate',
  ),
  missing(
    '/members',
    (request) => `${request.get('/action')} needs the IDs of members.`,
    (members, request) =>
      members === undefined &&
      typeof request.get('/action') === 'string' &&
      !isOfCampaign(request.get('/action')),
  ),
  ...['wave', 'members', 'acknowledge'].map((field) =>
    excluded(
      `/${field}`,
      (request) => `${field} does not apply to the action ${request.get('/action')}.`,
      (value, request) => value !== undefined && !FIELD_OF[field]?.(request.get('/action')),
    ),
  ),
]

const FIELD_OF: Record<string, ((action: unknown) => boolean) | undefined> = {
  wave: (action) => action === 'releaseGate',
  members: (action) => !isOfCampaign(action),
  acknowledge: (action) => action === 'accept',
}

/** Which fields belong to which action. */
export function campaignActionErrors({ body }: RawRequest): Fault[] {
  return checkRules('body', ACTION_RULES, body)
}

/** The validated body with its clusters in one form. */
export function toCampaignOrder(body: CampaignRequest): CampaignOrder {
  const clusters = body.select.ids.map((id) => {
    const cluster = parseClusterId(id)
    if (cluster === null) throw new Problem('RESOURCE_ID_INVALID')
    return cluster
  })
  const exceptions = body.exceptions?.map((item) => ({ ...item, target: toTarget(item.target) }))
  const request = {
    ...body,
    target: toTarget(body.target),
    ...(exceptions === undefined ? {} : { exceptions }),
  }
  return { request, clusters }
}
