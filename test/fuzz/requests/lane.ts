import fc, { type Arbitrary } from 'fast-check'
import { OPERATIONS, type Operation, operationNamed, resolved } from '../document/operations.ts'
import { anyStep, goodRequest, type Step } from './step.ts'

/** Requests one after the other, that use what those before them were answered. */
export type Lane = Step[]

const LONGEST_WALK = 4
const LONGEST_REST = 30

/** Lanes of at most so many requests: most begin with a walk along the links of the document. */
export function aLane(): Arbitrary<Lane> {
  const rest = fc.array(anyStep(), { maxLength: LONGEST_REST, size: 'max' })
  const walks = walksOf().map((walk) => fc.tuple(...walk.map(stepOf)).map((each): Lane => each.flat()))
  const opening = fc.oneof(
    { weight: 1, arbitrary: fc.constant<Lane>([]) },
    { weight: 5, arbitrary: fc.oneof(...walks) },
    { weight: 4, arbitrary: fc.oneof(...OPERATIONS.map(laneTo)) },
  )
  return fc.tuple(opening, rest).map(([first, then]) => [...first, ...then])
}

/** A good request, half the time after what is under way has come to its end. */
function stepOf(operation: Operation): Arbitrary<Step[]> {
  return fc
    .tuple(goodRequest(operation), fc.boolean())
    .map(([request, isPatient]) => (isPatient ? [{ kind: 'settle' }, request] : [request]))
}

/**
 * A lane for one operation. It creates the resources in the path and the body, calls the operation until it may have
 * succeeded, and then once so that it is rejected.
 */
export function laneTo(operation: Operation): Arbitrary<Lane> {
  const way = [...needsOf(operation), operation]
  const steps = fc.tuple(...way.map((each) => goodRequest(each)))
  const refused = goodRequest(operation).map((each) => ({
    ...each,
    twists: [{ kind: 'query' as const, text: 'unknown=1' }],
  }))
  return fc
    .tuple(steps, fc.boolean(), goodRequest(operation), refused)
    .map(([all, isPatient, again, bad]) => [
      ...all.flatMap((each, index): Lane => (isPatient && index > 0 ? [{ kind: 'settle' }, each] : [each])),
      { kind: 'settle' },
      again,
      bad,
    ])
}

/** The operations that make what this one is about: a POST of the collection, for each id that it names. */
function needsOf(operation: Operation): Operation[] {
  const inPath = operation.path.split('/').flatMap((part, index, parts) => {
    if (!/^\{.+Id\}$/.test(part)) return []
    return makersAt(parts.slice(0, index).join('/'), part.slice(1, -1))
  })
  const inBody = Object.keys(resolved(operation.body?.schema ?? {}).properties ?? {}).flatMap((name) => {
    const place = OPERATIONS.find(({ path }) => path.endsWith(`/{${name}}`))
    return place === undefined ? [] : makersAt(place.path.split('/').slice(0, -1).join('/'), name)
  })
  const direct = [...inBody, ...inPath].filter((each) => each !== operation)
  return [...new Set(direct.flatMap((each) => [...needsOf(each), each]))]
}

/** A resource without its own POST is found by a link of another response, or in the list. */
function makersAt(path: string, id: string): Operation[] {
  const there = OPERATIONS.filter((each) => each.path === path)
  const makers = there.filter(({ method }) => method === 'POST')
  if (makers.length > 0) return makers
  const linked = OPERATIONS.filter((each) => linksOf(each).some(({ parameters = {} }) => id in parameters))
  return linked.length > 0 ? linked.slice(0, 1) : there.filter(({ method }) => method === 'GET')
}

/** Every way along the links, from each operation that needs nothing that went before. */
function walksOf(): Operation[][] {
  const starts = OPERATIONS.filter((each) => nextOf(each).length > 0 && !each.path.includes('{'))
  return starts.flatMap((each) => walksFrom([each])).filter((walk) => walk.length > 1)
}

function walksFrom(walk: Operation[]): Operation[][] {
  const last = walk.at(-1)
  if (last === undefined || walk.length === LONGEST_WALK) return [walk]
  return [walk, ...nextOf(last).flatMap((next) => walksFrom([...walk, next]))]
}

/**
 * The targets of the links of a response, and other operations that need no more path parameters than the links give.
 */
function nextOf(operation: Operation): Operation[] {
  const links = linksOf(operation)
  const given = links
    .map(({ parameters = {} }) => Object.keys(parameters).join())
    .filter((each) => each !== '')
  const beside = OPERATIONS.filter((each) => given.includes(namesInPath(each)))
  return [...new Set([...links.map(({ operationId }) => operationNamed(operationId)), ...beside])]
}

function linksOf({ responses }: Operation) {
  return Object.values(responses).flatMap((each) => Object.values(each.links ?? {}))
}

function namesInPath({ parameters }: Operation): string {
  return parameters
    .filter((each) => each.in === 'path')
    .map(({ name }) => name)
    .join()
}
