import type { Way } from '../requests/mutations.ts'

/** A request as it goes out. */
export interface Wire {
  /** The operation that it was made for. */
  operation: string
  caller: string
  method: string
  /** Path and query, raw. */
  target: string
  headers: [string, string][]
  body: Buffer | null
  ways: Way[]
}

export interface Answer {
  status: number
  headers: Record<string, string | string[] | undefined>
  text: string
  /** A stream that was left before its end. */
  isCut: boolean
}

/** What went out and what came back; null where the caller went away first. */
export interface Exchange {
  wire: Wire
  answer: Answer | null
}

export function headerOf({ headers }: Answer, name: string): string | null {
  const value = headers[name]
  return value === undefined ? null : [value].flat().join(', ')
}

/** The body of an answer where it is JSON. */
export function jsonOf(answer: Answer): unknown {
  if (!/[/+]json\b/.test(headerOf(answer, 'content-type') ?? '') || answer.text === '') return undefined
  return JSON.parse(answer.text)
}

/** As one line that a person can send again. */
export function written({ caller, method, target, headers, body, ways }: Wire): string {
  const head = headers.map(([name, value]) => `${name}: ${shortened(value)}`).join('; ')
  const content =
    body === null ? 'no body' : `${body.length} bytes ${JSON.stringify(shortened(body.toString('utf8')))}`
  return `${caller}: ${method} ${shortened(target)} {${head}} ${content} [${ways.join(', ')}]`
}

function shortened(text: string): string {
  return text.length <= 600 ? text : `${text.slice(0, 600)}… (${text.length})`
}
