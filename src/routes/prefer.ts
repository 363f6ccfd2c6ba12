const LONGEST_SECONDS = 60
/**
 * The seconds of `Prefer: wait=n` (RFC 7240, 4.3), at most 60; null where there is none that can be applied.
 * A preference that is not understood is no error, and of several the first counts.
 */
export function waitSeconds(header: string | string[] | undefined): number | null {
  const preferences = [header ?? []].flat().join(',').split(',')
  for (const preference of preferences) {
    // Taken apart by hand: an expression that allows for all the spaces would try them again and again.
    const [given = ''] = preference.split(';')
    const [name = '', ...rest] = given.split('=')
    if (name.trim().toLowerCase() !== 'wait') continue
    const value = unquoted(rest.join('=').trim())
    const seconds = /^\d{1,9}$/.test(value) ? Number(value) : 0
    return seconds > 0 ? Math.min(seconds, LONGEST_SECONDS) : null
  }
  return null
}

function unquoted(value: string): string {
  return value.length >= 2 && value.startsWith('"') && value.endsWith('"') ? value.slice(1, -1) : value
}
