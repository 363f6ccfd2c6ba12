/** A setting: validation, `.env.example` and the table in docs/operations.md follow from it. */
export interface Setting<T> {
  /** The value if the variable is not set. */
  fallback: T
  /** Markdown. */
  description: string
  /** Markdown for the default, if it is not `fallback`. */
  defaultText?: string
  /** Markdown for the permitted values. */
  type: string
  parse(text: string): { value: T } | { requirement: string }
}

export function text<T extends string | null>(fallback: T, description: string): Setting<string | T> {
  return { type: 'text', fallback, description, parse: (value) => ({ value }) }
}

export function number<T extends number | null>(
  fallback: T,
  min: number,
  max: number,
  description: string,
  defaultText?: string,
): Setting<number | T> {
  const parse = (text: string) => {
    const value = Number(text)
    const isValid = Number.isFinite(value) && value >= min && value <= max
    return isValid ? { value } : { requirement: `a number from ${min} to ${max}, not "${text}"` }
  }
  return { type: `number, ${min} to ${max}`, fallback, description, defaultText, parse }
}

export function integer<T extends number | null>(...args: Parameters<typeof number<T>>): Setting<number | T> {
  const setting = number(...args)
  const parse = (text: string) => {
    const parsed = setting.parse(text)
    if ('requirement' in parsed || Number.isInteger(parsed.value)) return parsed
    return { requirement: `a whole number, not "${parsed.value}"` }
  }
  return { ...setting, type: setting.type.replace('number', 'integer'), parse }
}

export function choice<T extends string, F extends T | null>(
  choices: readonly T[],
  fallback: F,
  description: string,
  defaultText?: string,
): Setting<T | F> {
  const parse = (text: string) => {
    const value = choices.find((choice) => choice === text)
    return value === undefined ? { requirement: `one of ${choices.join(', ')}, not "${text}"` } : { value }
  }
  const type = choices.map((choice) => `\`${choice}\``).join(', ')
  return { type, fallback, description, defaultText, parse }
}

/** The value may contain a password, so the requirement does not repeat it. */
export function matching(
  type: string,
  pattern: RegExp,
  requirement: string,
  description: string,
  defaultText?: string,
): Setting<string | null> {
  const parse = (value: string) => (pattern.test(value) ? { value } : { requirement })
  return { type, fallback: null, description, defaultText, parse }
}

/** Comma-separated words; their value may be a secret, so the requirement does not repeat it. */
export function list(
  isValid: (word: string) => boolean,
  requirement: string,
  description: string,
  defaultText?: string,
): Setting<string[]> {
  const parse = (text: string) => {
    const words = text.split(',').map((word) => word.trim())
    const value = words.filter((word) => word !== '')
    return value.every(isValid) ? { value } : { requirement }
  }
  return { type: 'list', fallback: [], description, defaultText, parse }
}
