import { apiDiff } from 'api-smart-diff'

/**
 * What a client of the `former` document may break on with the `present` one, as `remove /paths/…` with what was there;
 * empty where there is nothing. Besides what the library calls breaking, everything of a request that goes: a service
 * that refuses unknown fields refuses those who still send it.
 */
export function breakingChanges(former, present) {
  const found = apiDiff(former, present)
    // Components show where they are used.
    .filter(({ path }) => path[0] === 'paths' && !isWords(path))
    .filter(({ type, action, path }) => type === 'breaking' || (action === 'remove' && isOfRequest(path)))
    .map(({ action, path, before, after }) => `${action} /${path.map(escaped).join('/')}${values(action, before, after)}`)
  return [...new Set(found)].toSorted()
}

/** Words and examples are for readers: no client depends on them. A member may be called the same. */
const WORDS = ['description', 'summary', 'example', 'examples']

function isWords(path) {
  return path.some((segment, index) => WORDS.includes(segment) && path[index - 1] !== 'properties')
}

function isOfRequest(path) {
  return path.includes('requestBody') || path.includes('parameters')
}

function escaped(segment) {
  return String(segment).replaceAll('~', '~0').replaceAll('/', '~1')
}

/** Of single values; a whole schema that comes or goes is named by its path. */
function values(action, before, after) {
  const isSingle = (value) => value === null || typeof value !== 'object'
  if (action === 'replace' && isSingle(before) && isSingle(after)) return `: ${before} becomes ${after}`
  const value = action === 'add' ? after : before
  return value !== undefined && isSingle(value) ? `: ${value}` : ''
}
