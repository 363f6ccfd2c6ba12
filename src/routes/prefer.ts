const LONGEST_SECONDS = 60
/** One preference: a name, perhaps a value, perhaps quoted, and parameters that nobody here has any use for. */
const PREFERENCE = /^\s*([\w!#$%&'*+.^`|~-]+)\s*(?:=\s*(?:"([^"\\]*)"|([^\s;"]*)))?\s*(?:;.*)?$/

/**
 * The seconds of `Prefer: wait=n` (RFC 7240, 4.3), at most 60; null where there is none that can be applied.
 * A preference that is not understood is no error, and of several the first counts.
 */
export function waitSeconds(header: string | string[] | undefined): number | null {
  const preferences = [header ?? []].flat().join(',').split(',')
  for (const preference of preferences) {
    const [, name, quoted, plain] = PREFERENCE.exec(preference) ?? []
    if (name?.toLowerCase() !== 'wait') continue
    const value = quoted ?? plain ?? ''
    const seconds = /^\d{1,9}$/.test(value) ? Number(value) : 0
    return seconds > 0 ? Math.min(seconds, LONGEST_SECONDS) : null
  }
  return null
}
