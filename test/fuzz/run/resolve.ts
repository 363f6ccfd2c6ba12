import { operationNamed } from '../document/operations.ts'
import { filled, type Template } from '../document/template.ts'
import { BYTE_CHANGES, brokenValue, type Twist } from '../requests/mutations.ts'
import type { Asking } from '../requests/step.ts'
import type { Ledger } from './ledger.ts'
import type { Wire } from './wire.ts'

type Of<Kind extends Twist['kind']> = Extract<Twist, { kind: Kind }>

/** What a request is when it goes out, with what the lane knows by then put in. */
export function wireOf(step: Asking, ledger: Ledger): Wire {
  const operation = operationNamed(step.operation)
  const about = ledger.about(Object.keys(step.path), step.about)
  const fill = (path: string) => (name: string, of: string | number) => {
    if (name === '$now') return new Date(Date.now() + Number(of) * 1_000).toISOString()
    return name === '$key' ? ledger.key(Number(of)) : ledger.take(String(of), about, path)
  }
  const text = (value: Template, path = '') => String(filled(value, fill(path)))
  const twists = <Kind extends Twist['kind']>(kind: Kind) =>
    step.twists.filter((each): each is Of<Kind> => each.kind === kind)
  const [swap] = twists('otherId')
  const values = Object.entries(step.path).map(([name, value]): [string, string] => [
    name,
    swap !== undefined && name.endsWith('Id') ? ledger.anyId(swap.of) : text(value),
  ])
  const path = pathWith(operation.path, values, twists('segment'), twists('suffix'))
  const query = queryOf(
    step.query.map(([name, value]) => [name, text(value)]),
    step.twists,
  )
  const body = step.body === undefined ? undefined : filled(step.body, fill(path))
  const wire: Wire = {
    operation: step.operation,
    caller: twists('caller').at(-1)?.caller ?? step.caller,
    method: twists('method').at(-1)?.method ?? operation.method,
    target: query === '' ? path : `${path}?${query}`,
    headers: step.headers.map(([name, value]) => [name.toLowerCase(), text(value, path)]),
    body: bytesOf(body, twists('value'), twists('bytes'), ledger.receiver),
    ways: twists('transport').map(({ way }) => way),
  }
  if (wire.body !== null) setHeader(wire, 'content-type', 'application/json')
  if (twists('bytes').some(({ change }) => change === 'gzip')) setHeader(wire, 'content-encoding', 'gzip')
  for (const { name, value } of twists('header')) setHeader(wire, name, value)
  return wire
}

function pathWith(
  template: string,
  values: [string, string][],
  broken: Of<'segment'>[],
  more: Of<'suffix'>[],
): string {
  let parts = template.split('/')
  for (const [name, value] of values)
    parts = parts.map((part) => (part === `{${name}}` ? encodeURIComponent(value.toWellFormed()) : part))
  for (const { at, text } of broken) parts[1 + (at % Math.max(1, parts.length - 1))] = text
  return [...parts.slice(0, 1), ...parts.slice(1)].join('/') + more.map(({ text }) => text).join('')
}

function queryOf(pairs: [string, string][], twists: Twist[]): string {
  const parts = pairs.map(([name, value]) => `${name}=${encodeURIComponent(value.toWellFormed())}`)
  for (const twist of twists) {
    if (twist.kind === 'query') parts.push(twist.text)
    if (twist.kind === 'parameter') parts.push(`${twist.name}=${twist.value}`)
    if (twist.kind === 'repeatQuery' && parts.length > 0) parts.push(parts[twist.at % parts.length] ?? '')
  }
  return parts.join('&')
}

function bytesOf(
  body: unknown,
  values: Of<'value'>[],
  changes: Of<'bytes'>[],
  receiver: string,
): Buffer | null {
  let value = body
  for (const each of values) value = brokenValue(value, each)
  const text = value === undefined ? undefined : JSON.stringify(kept(value, receiver))
  if (text === undefined && changes.length === 0) return null
  let bytes = Buffer.from(text ?? '{}')
  for (const { change, at } of changes) bytes = Buffer.from(BYTE_CHANGES[change]?.(bytes, at) ?? bytes)
  return bytes
}

/** Made-up values are replaced: no address of a request leads off this machine. */
function kept(value: unknown, receiver: string): unknown {
  if (typeof value === 'string') return value.replace(/^([a-z]+:)?\/\/.*/is, receiver)
  if (Array.isArray(value)) return value.map((each) => kept(each, receiver))
  if (typeof value !== 'object' || value === null) return value
  return Object.fromEntries(Object.entries(value).map(([name, each]) => [name, kept(each, receiver)]))
}

function setHeader(wire: Wire, name: string, value: string): void {
  wire.headers = [...wire.headers.filter(([each]) => each !== name), [name, value]]
}
