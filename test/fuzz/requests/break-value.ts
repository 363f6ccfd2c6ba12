import type { Twist } from './twist.ts'

type Value = Extract<Twist, { kind: 'value' }>
type Place = { holder: Record<string, unknown>; name: string }

/** The body with one of its values other than it was; the body itself is left as it is. */
export function brokenValue(body: unknown, { at, change, value }: Value): unknown {
  const root = { body: structuredClone(body) } as Record<string, unknown>
  const places = placesIn(root)
  const place = places[at % places.length]
  if (place === undefined) return body
  const { holder, name } = place
  const found = holder[name]
  if (change === 'wrap') holder[name] = [found]
  else if (change === 'remove' && holder !== root) remove(holder, name)
  else if (change === 'add' && typeof found === 'object' && found !== null) add(found as object, value)
  else holder[name] = value
  return root.body
}

function remove(holder: Record<string, unknown>, name: string): void {
  if (Array.isArray(holder)) holder.splice(Number(name), 1)
  else delete holder[name]
}

function add(holder: object, value: unknown): void {
  if (Array.isArray(holder)) holder.push(value, ...holder.slice(0, 1))
  else Object.defineProperty(holder, 'unknownMember', { value, enumerable: true, configurable: true })
}

/** Every place of a value that can be changed, the whole of it first. */
function placesIn(holder: Record<string, unknown>): Place[] {
  return Object.entries(holder).flatMap(([name, value]) => {
    const inner =
      typeof value === 'object' && value !== null ? placesIn(value as Record<string, unknown>) : []
    return [{ holder, name }, ...inner]
  })
}
