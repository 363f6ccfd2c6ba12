import { gatewayError } from '../arm/arm-error.ts'
import type { ArmHandler } from '../arm/arm-request.ts'
import { CLUSTER_TYPE } from '../arm/managed-cluster.ts'
import { renderCluster } from '../cluster/read-clusters.ts'
import { at, isObject, type JsonObject, listAt, numberAt, objectAt, textAt } from '../lib/json.ts'
import type { World } from '../world/world.ts'

/** Rows on one page, as in Azure Resource Graph (work-with-data). */
const MAX_PAGE_SIZE = 1000
/** The API version of clusters in the graph. The version that Azure uses is not documented. */
const CLUSTER_VERSION = '2026-06-01'
/** A condition of a `where` clause: a member, an operator and a text or a list of texts. */
const CONDITION = /^([\w.]+)\s*(==|=~|!=|!~|in~|in|contains|startswith)\s*(\([^)]*\)|'[^']*')$/is

interface Condition {
  member: string
  operator: string
  values: string[]
}

/**
 * POST /providers/Microsoft.ResourceGraph/resources. The response has `data` as objectArray, sorted by ID, and
 * `$skipToken` if there are more rows.
 * @throws ArmRefusal 400 for an unsupported query
 */
export const queryResourceGraph: ArmHandler = (world, request) => {
  const body = isObject(request.body) ? request.body : {}
  const { types, conditions, project } = parseQuery(textAt(body, 'query') ?? '')
  const wanted = listAt(body, 'subscriptions').map((id) => String(id).toLowerCase())
  const rows = types
    .flatMap((type) => rowsOf(world, type))
    .filter((row) => conditions.every((condition) => fulfils(row, condition)))
    .filter((row) => wanted.length === 0 || wanted.includes(String(row.subscriptionId).toLowerCase()))
    .sort((a, b) => (String(a.id) < String(b.id) ? -1 : 1))
  const top = Math.min(numberAt(body, 'options', '$top') ?? MAX_PAGE_SIZE, MAX_PAGE_SIZE)
  const skip = decodeToken(textAt(body, 'options', '$skipToken')) ?? numberAt(body, 'options', '$skip') ?? 0
  const page = rows.slice(skip, skip + top)
  const isMore = skip + top < rows.length
  return {
    status: 200,
    headers: {
      'content-type': 'application/json; charset=utf-8',
      'x-ms-user-quota-remaining': '14',
      'x-ms-user-quota-resets-after': '00:00:05',
    },
    body: {
      totalRecords: rows.length,
      count: page.length,
      data: page.map((row) => (project === undefined ? row : projectRow(row, project))),
      facets: [],
      resultTruncated: 'false',
      ...(isMore ? { $skipToken: Buffer.from(String(skip + top)).toString('base64url') } : {}),
    },
  }
}

/** `Resources | where type in~ ('a','b') [and …] [| where …] [| project a, b] [| order by id]`. */
function parseQuery(query: string): {
  types: string[]
  conditions: Condition[]
  project: string[] | undefined
} {
  const [table = '', ...clauses] = query.split('|').map((text) => text.trim())
  const conditions: Condition[] = []
  let project: string[] | undefined
  for (const clause of clauses.filter(Boolean)) {
    const [, keyword = '', rest = ''] = /^(where|project)\s+(.+)$/is.exec(clause) ?? []
    if (keyword.toLowerCase() === 'project') project = rest.split(',').map((name) => name.trim())
    else if (keyword !== '')
      conditions.push(...rest.split(/\s+and\s+/i).map((text) => parseCondition(text.trim(), query)))
    else if (!/^order\s+by\s+id(\s+asc)?$/i.test(clause)) throw unsupportedQuery(query)
  }
  const ofType = conditions.find(
    ({ member, operator }) => member === 'type' && /^(==|=~|in~?)$/i.test(operator),
  )
  if (table.toLowerCase() !== 'resources' || ofType === undefined) throw unsupportedQuery(query)
  return { types: ofType.values.map((type) => type.toLowerCase()), conditions, project }
}

function parseCondition(text: string, query: string): Condition {
  const [, member, operator = '', right = ''] = CONDITION.exec(text) ?? []
  if (member === undefined) throw unsupportedQuery(query)
  const values = [...right.matchAll(/'([^']*)'/g)].map(([, value = '']) => value)
  return { member, operator: operator.toLowerCase(), values }
}

/** Kusto compares with letter case only for `==`, `!=` and `in`. */
function fulfils(row: JsonObject, { member, operator, values }: Condition): boolean {
  const isExact = operator === '==' || operator === '!=' || operator === 'in'
  const form = (text: string) => (isExact ? text : text.toLowerCase())
  const value = form(String(at(row, ...member.split('.')) ?? ''))
  const wanted = values.map(form)
  if (operator === 'contains') return wanted.some((text) => value.includes(text))
  if (operator === 'startswith') return wanted.some((text) => value.startsWith(text))
  return wanted.includes(value) !== operator.startsWith('!')
}

function unsupportedQuery(query: string): Error {
  return gatewayError(
    400,
    'BadRequest',
    `The simulator understands only Resources | where type in~ ('…') [and …] [| where …] [| project a, b] [| order by id asc], not: ${query.slice(0, 200)}`,
  )
}

/** A row has the members of the resource and its location in Azure. Type and resource group are in lower case in the graph. */
function rowsOf(world: World, type: string): JsonObject[] {
  return world.list(type).map((body) => {
    const shown = type === CLUSTER_TYPE ? renderCluster(body, CLUSTER_VERSION, world.settings.etags) : body
    const segments = String(body.id).split('/')
    return {
      id: shown.id,
      name: shown.name,
      type,
      tenantId: '00000000-0000-0000-0000-000000000000',
      kind: textAt(shown, 'kind') ?? '',
      location: shown.location,
      resourceGroup: (segments[4] ?? '').toLowerCase(),
      subscriptionId: segments[2],
      sku: objectAt(shown, 'sku') ?? null,
      properties: shown.properties,
      tags: objectAt(shown, 'tags') ?? null,
      identity: objectAt(shown, 'identity') ?? null,
      zones: shown.zones ?? null,
    }
  })
}

function projectRow(row: JsonObject, members: string[]): JsonObject {
  return Object.fromEntries(
    members.map((member) => {
      const [alias, path = alias] = member.split('=').map((text) => text.trim())
      return [alias ?? '', at(row, ...(path ?? '').split('.')) ?? null]
    }),
  )
}

function decodeToken(token: string | undefined): number | undefined {
  if (token === undefined) return undefined
  const skip = Number(Buffer.from(token, 'base64url').toString())
  return Number.isInteger(skip) && skip >= 0 ? skip : undefined
}
