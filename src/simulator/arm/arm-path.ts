import { gatewayError } from './arm-error.ts'

/** The scope of a resource of Microsoft.Authorization: its ID without the last provider. */
export function scopeOf(id: string): string {
  return id.replace(/\/providers\/Microsoft\.Authorization\/[^/]+\/[^/]+$/i, '')
}

/** Whether `id` inherits a resource at `scope`. Management groups contain every subscription in the simulator. */
export function appliesTo(scope: string, id: string): boolean {
  if (scope === '' || /^\/providers\/Microsoft\.Management\//i.test(scope)) return true
  return `${id}/`.toLowerCase().startsWith(`${scope}/`.toLowerCase())
}

/**
 * The parts of a Resource Manager path. `types` and `names` belong together: for `…/virtualNetworks/v/subnets/s` they
 * are `['virtualNetworks','subnets']` and `['v','s']`; a list or an action has one type more than names. The spelling
 * is from the caller, so compare ignoring case.
 */
export interface ArmPath {
  subscription: string | undefined
  resourceGroup: string | undefined
  provider: string | undefined
  /** For an extension resource (`{scope}/providers/Microsoft.Authorization/…`): the ID of its scope. */
  scope: string | undefined
  types: string[]
  names: string[]
}

/**
 * Parses a path without its query.
 * @throws ArmRefusal 400 when it has an undecodable escape, a control character or a segment of dots.
 */
export function parseArmPath(pathname: string): ArmPath {
  const segments = pathname.split('/').filter(Boolean).map(decodeSegment)
  const result: ArmPath = {
    subscription: undefined,
    resourceGroup: undefined,
    provider: undefined,
    scope: undefined,
    types: [],
    names: [],
  }
  const extension = extensionStart(segments)
  if (extension > 0) result.scope = `/${segments.slice(0, extension).join('/')}`
  let rest = segments
  if (isWord(rest[0], 'subscriptions') && rest[1] !== undefined) {
    result.subscription = rest[1]
    rest = rest.slice(2)
  }
  if (isWord(rest[0], 'resourcegroups') && rest[1] !== undefined) {
    result.resourceGroup = rest[1]
    rest = rest.slice(2)
  }
  if (extension > 0) rest = segments.slice(extension)
  if (isWord(rest[0], 'providers') && rest[1] !== undefined) {
    result.provider = rest[1]
    rest = rest.slice(2)
  }
  for (const [index, segment] of rest.entries()) {
    const list = index % 2 === 0 ? result.types : result.names
    list.push(segment)
  }
  return result
}

/** The full type of the path's resource, in lower case: `microsoft.network/virtualnetworks/subnets`. */
export function typeOf(path: ArmPath): string {
  return [path.provider ?? 'microsoft.resources', ...path.types].join('/').toLowerCase()
}

/** The id that the path names, in the spelling Resource Manager uses for most types (`resourceGroups`). */
export function idOf(path: ArmPath): string {
  const chain = path.types.map((type, index) => `${type}/${path.names[index]}`).join('/')
  return `/subscriptions/${path.subscription}/resourceGroups/${path.resourceGroup}/providers/${path.provider}/${chain}`
}

/** Providers of extension resources. */
const EXTENSION_PROVIDERS = ['microsoft.authorization', 'microsoft.insights']

/** The index of such a provider, even without a scope, as for built-in policies. */
function extensionStart(segments: string[]): number {
  return segments.findLastIndex(
    (segment, index) =>
      isWord(segment, 'providers') &&
      EXTENSION_PROVIDERS.some((provider) => isWord(segments[index + 1], provider)),
  )
}

function isWord(segment: string | undefined, word: string): boolean {
  return segment?.toLowerCase() === word
}

function decodeSegment(segment: string): string {
  let decoded: string
  try {
    decoded = decodeURIComponent(segment)
  } catch {
    throw gatewayError(400, 'BadRequest', `The request URL segment '${segment.slice(0, 100)}' is not valid.`)
  }
  // biome-ignore lint/suspicious/noControlCharactersInRegex: control characters are what is looked for
  if (decoded === '.' || decoded === '..' || /[\u0000-\u001f/\\]/.test(decoded))
    throw gatewayError(400, 'BadRequest', 'The request URL has a segment that is not valid.')
  return decoded
}
