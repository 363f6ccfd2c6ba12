import type { FastifyInstance, FastifyRequest, RouteOptions } from 'fastify'
import { faultsFrom, problemOf, type SchemaError } from './faults.ts'
import { keyFaults } from './idempotency-key.ts'
import type { Problem } from './problems.ts'
import type { Fault } from './schemas/problem.ts'

const WHOLE_NUMBER = /^-?\d{1,15}$/

/**
 * How requests are checked: by the schema of the route, then by its `faultsOf`. Nothing is converted on the
 * way except whole numbers in a query, which are text by nature.
 */
export function addRequestValidation(app: FastifyInstance): void {
  app.addHook('onRoute', readNumbersOfQuery)
  app.addHook('preValidation', (request, _reply, done) => {
    if (request.routeOptions.config.bodyOptional === true) request.body ??= {}
    done()
  })
  app.addHook('preHandler', (request, _reply, done) => {
    const faults = ownFaults(request)
    done(faults.length > 0 ? problemOf(faults) : undefined)
  })
}

/** Fastify stops at the first part of a request that is wrong; the caller is told of all parts. */
export function validationProblem(request: FastifyRequest): Problem {
  return problemOf([
    ...schemaFaults(request, 'path', 'params', request.params),
    ...schemaFaults(request, 'query', 'querystring', request.query),
    ...schemaFaults(request, 'body', 'body', request.body ?? null),
    ...ownFaults(request),
  ])
}

function ownFaults(request: FastifyRequest): Fault[] {
  const { query, body, headers, routeOptions } = request
  const { faultsOf, idempotent } = routeOptions.config
  const ofKey = idempotent === true ? keyFaults(request.raw) : []
  return [...ofKey, ...(faultsOf?.({ query, body, headers }) ?? [])]
}

function schemaFaults(
  request: FastifyRequest,
  part: Fault['in'],
  httpPart: 'params' | 'querystring' | 'body',
  value: unknown,
): Fault[] {
  const validate = request.getValidationFunction(httpPart)
  if (validate === undefined || validate(value) === true) return []
  return faultsFrom(part, (validate.errors ?? []) as SchemaError[])
}

function readNumbersOfQuery(route: RouteOptions): void {
  const schema = route.schema?.querystring as { properties?: Record<string, { type?: string }> } | undefined
  const names = Object.entries(schema?.properties ?? {})
    .filter(([, property]) => property.type === 'integer')
    .map(([name]) => name)
  if (names.length === 0) return
  const read = async (request: FastifyRequest): Promise<void> => {
    const query = request.query as Record<string, unknown>
    for (const name of names) {
      const value = query[name]
      if (typeof value === 'string' && WHOLE_NUMBER.test(value)) query[name] = Number(value)
    }
  }
  route.preValidation = [read, ...[route.preValidation ?? []].flat()]
}
