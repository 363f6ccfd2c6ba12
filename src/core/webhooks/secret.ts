/** Of Standard Webhooks: 24 to 64 bytes of chance, in base64 behind this prefix. */
export const SECRET_PREFIX = 'whsec_'
const LEAST_BYTES = 24
const MOST_BYTES = 64
/** The same as `isSecret` but for the number of bytes, as a pattern for schemas: no client knows how to count bytes. */
export const SECRET_PATTERN = '^whsec_[A-Za-z0-9+/]{32,88}={0,2}$'

/** Whether a text is a signing secret that Standard Webhooks admits. */
export function isSecret(text: string): boolean {
  if (!new RegExp(SECRET_PATTERN, 'u').test(text)) return false
  const base64 = text.slice(SECRET_PREFIX.length)
  const letters = base64.replace(/=+$/, '').length
  const bytes = Math.floor((letters * 3) / 4)
  return base64.length % 4 === 0 && bytes >= LEAST_BYTES && bytes <= MOST_BYTES
}
