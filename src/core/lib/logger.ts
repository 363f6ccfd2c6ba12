/** The methods of pino that modules use. Facts are logged as members of the line. */
export interface Logger {
  debug(facts: object, message: string): void
  info(facts: object, message: string): void
  warn(facts: object, message: string): void
  error(facts: object, message: string): void
}

/** Bearer tokens, JSON web tokens, and signatures of shared access signatures, in any text. */
const TOKENS: readonly (readonly [pattern: RegExp, start: string])[] = [
  [/\beyJ[\w-]+\.[\w-]+(?:\.[\w-]*)?/g, ''],
  [/\b(Bearer)\s+[^\s"',;]+/gi, '$1 '],
  [/([?&](?:sig|s|c|t|h|code)=)[^&\s"']{16,}/gi, '$1'],
]
/** Further secrets that logs could contain. Messages of Azure name SKUs such as `Basic`, so they are not for these. */
const CREDENTIALS: typeof TOKENS = [
  [/\bwhsec_[A-Za-z0-9+/=]+/g, ''],
  [/\baep[st]_[A-Za-z0-9_-]+/g, ''],
  [/\b(Basic)\s+[\w.~+/=-]+/gi, '$1 '],
  [/(:\/\/[^\s:/@]+:)[^\s@/]+(?=@)/g, '$1'],
  [/\b((?:client_secret|client_assertion|password|access_token|refresh_token|sig)=)[^&\s"']+/gi, '$1'],
]

/** The text with `mask` in place of every token. */
export function redactTokens(text: string, mask: string): string {
  return redact(text, TOKENS, mask)
}

/** As `redactTokens`, and with `mask` in place of passwords and other secrets. */
export function redactCredentials(text: string, mask: string): string {
  return redact(redactTokens(text, mask), CREDENTIALS, mask)
}

function redact(text: string, patterns: typeof TOKENS, mask: string): string {
  return patterns.reduce((rest, [pattern, start]) => rest.replace(pattern, `${start}${mask}`), text)
}
