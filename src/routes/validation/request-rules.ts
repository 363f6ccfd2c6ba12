import { isIP } from 'node:net'
import type { ClusterRef } from '../../contract/cluster.ts'
import { isLabelFilter, LABEL_NAME } from '../../contract/labels.ts'
import type { ProbeRequest } from '../../contract/probe.ts'
import type { Fault } from '../../contract/problem.ts'
import { MAX_WILDCARDS } from '../../contract/webhook.ts'
import { countWildcards } from '../../core/lib/wildcard.ts'
import { isTimeZone } from '../../core/maintenance/openings.ts'
import { rejectedProbeUrl } from '../../core/probe/probe-targets.ts'
import type { RawRequest } from '../operation.ts'
import { Problem } from '../problems/problems.ts'
import { parseClusterId } from './resource-ids.ts'
import { checkRules, isObject, type Rule, rulesOf } from './rules.ts'

const hasWindow = (value: unknown) => typeof value === 'object' && value !== null

const SCHEDULE_RULES: readonly Rule[] = [
  rulesOf('FIELD_MISSING')(
    '/window',
    'A window requires timeZone or utcOffset.',
    (window, request) =>
      hasWindow(window) && !request.has('/window/timeZone') && !request.has('/window/utcOffset'),
  ),
  rulesOf('PARAMETERS_EXCLUDE_EACH_OTHER')(
    '/window/timeZone',
    'timeZone and utcOffset are mutually exclusive; specify only one of them.',
    (zone, request) => zone !== undefined && request.has('/window/utcOffset'),
  ),
  rulesOf('TIME_ZONE_UNKNOWN')(
    '/window/timeZone',
    'timeZone must be a name in the IANA time zone database, such as Europe/Berlin.',
    (zone) => typeof zone === 'string' && !isTimeZone(zone),
  ),
]

/** Checks of the schedule of a job that a schema cannot express. */
export function scheduleErrors({ body }: RawRequest): Fault[] {
  return checkRules('body', SCHEDULE_RULES, body)
}

const PATTERN_RULES: readonly Rule[] = ['resourceGroup', 'clusterName'].map((name) =>
  rulesOf('TOO_MANY')(
    `/clusters/[]/${name}`,
    `${name} must contain at most ${MAX_WILDCARDS} asterisks (\`*\`).`,
    (pattern) => typeof pattern === 'string' && countWildcards(pattern) > MAX_WILDCARDS,
  ),
)

/** Checks of a webhook that a schema cannot express. */
export function webhookErrors({ body }: RawRequest): Fault[] {
  return checkRules('body', PATTERN_RULES, body)
}

const isRejected = (value: unknown) => typeof value === 'string' && rejectedProbeUrl(value) !== null
const PROBE_URL_FORMAT =
  'Only https URLs with a public DNS name are probed: no IP address, no local name, no query.'

/** Rules for the URLs that nodes call; `at` is the object that contains them. */
export function probeUrlRules(at: string): readonly Rule[] {
  const rule = rulesOf('PARAMETER_OUT_OF_RANGE')
  return [
    rule(`${at}/endpoints/[]`, PROBE_URL_FORMAT, isRejected),
    rule(`${at}/sourceAddressUrl`, PROBE_URL_FORMAT, isRejected),
  ]
}

/** Rules of a probe request that a schema cannot express. */
export function probeRequestErrors(body: unknown): Fault[] {
  return checkRules('body', probeUrlRules(''), body)
}

/** The cluster of a validated request. */
export function toProbedCluster({ cluster }: Pick<ProbeRequest, 'cluster'>): ClusterRef {
  if (!('id' in cluster)) return cluster
  const found = parseClusterId(cluster.id)
  if (found === null) throw new Problem('RESOURCE_ID_INVALID')
  return found
}

/**
 * Rules for inventory filters that a schema cannot express. `''` stands for the query; otherwise the JSON pointer of
 * the filter in the body.
 */
export function inventoryFilterRules(place: string): Rule[] {
  return [
    rulesOf('FORMAT_INVALID')(
      `${place}/tag`,
      'tag must be the name of a tag, or a name and a value such as team=payments.',
      (tag) => typeof tag === 'string' && !/^[^=]+(=.+)?$/.test(tag),
    ),
    rulesOf('FORMAT_INVALID')(
      `${place}/address`,
      'address must be an IP address or a CIDR, such as 20.1.2.3 or 20.1.2.0/28.',
      (address) => typeof address === 'string' && !isAddressOrCidr(address),
    ),
  ]
}

function isAddressOrCidr(text: string): boolean {
  const [address = '', length, ...rest] = text.split('/')
  const version = isIP(address)
  if (version === 0 || rest.length > 0 || address.includes('%')) return false
  return length === undefined || (/^\d{1,3}$/.test(length) && Number(length) <= (version === 4 ? 32 : 128))
}

const LABEL_FORMAT =
  'the name of a label: at most 63 letters, digits, - _ or ., after an optional DNS prefix and a slash, such as example.com/team'

/** Names of labels that Kubernetes would not accept. */
export function labelErrors(body: unknown): Fault[] {
  if (!isObject(body) || !isObject(body.labels)) return []
  return Object.keys(body.labels)
    .filter((name) => !LABEL_NAME.test(name))
    .map((name) => ({
      in: 'body',
      pointer: `/labels/${name.slice(0, 100).replaceAll('~', '~0').replaceAll('/', '~1')}`,
      code: 'FORMAT_INVALID',
      message: `It must be ${LABEL_FORMAT}.`,
    }))
}

const LABEL_FILTER: Rule = rulesOf('FORMAT_INVALID')(
  '/label',
  `label must be ${LABEL_FORMAT}, or a name and a value, such as team=payments.`,
  (label) => [label].flat().some((text) => typeof text === 'string' && !isLabelFilter(text)),
)

/** Checks of the filter `label` of a list. */
export function labelFilterErrors(query: unknown): Fault[] {
  return checkRules('query', [LABEL_FILTER], query)
}
