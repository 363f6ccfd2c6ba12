import type { FastifyReply, FastifyRequest } from 'fastify'
import type { Static, TSchema } from 'typebox'
import type { Origin } from '../../core/audit/audit.ts'
import type { Precondition } from '../../core/lib/errors.ts'
import type { TransactionHook } from '../../database/stores/idempotency.ts'
import type { Subscriber } from '../../webhooks/webhooks.ts'
import { toOrigin, toSubscriber } from '../auth/caller.ts'
import { toPrecondition } from '../conditional/etag.ts'
import { runIdempotently, type SuccessResponse } from '../idempotency/idempotent-handler.ts'
import { type OperationDocument, operationSchema } from '../openapi/operation-schema.ts'
import type { App, AppDeps } from '../server/app-deps.ts'
import { unexpectedBodyErrors } from '../validation/request-validation.ts'

/** An operation that is ready to be served. */
export interface Operation extends OperationDocument {
  register(app: App, deps: AppDeps): void
}

/** The path is the subject of the operation if it contains a cluster, plan or job. */
type SubjectOf<Path extends string> =
  Path extends `${string}/:${'planId' | 'jobId' | 'probeId' | 'clusterName'}${string}`
    ? 'path'
    : 'body' | 'list' | 'nothing'

interface Definition<Path extends string, P extends TSchema, Q extends TSchema, B extends TSchema>
  extends OperationDocument {
  path: Path
  subject: SubjectOf<Path>
  params?: P
  query?: Q
  body?: B
  /** The maximum size of the body in bytes, if it differs from the default of the service. */
  bodyLimit?: number
  /** Whether this service offers the operation. Default: always. */
  isOffered?: (deps: AppDeps) => boolean
}

/**
 * Executes a call. With `idempotent: true`, the handler passes `call.hook` to the transaction of its effect, and
 * `respond` builds the response, which is stored under the key. Annotate the parameter of `respond`: its type is the
 * type of the effect.
 */
type Handling<P, Q, B, E> =
  | { idempotent?: false; handle(deps: AppDeps, call: Call<P, Q, B, unknown>): unknown }
  | {
      idempotent: true
      handle(deps: AppDeps, call: Call<P, Q, B, E>): Promise<E>
      respond(effect: E, deps: AppDeps, request: FastifyRequest): SuccessResponse
    }

/** One call: the validated request and its context. */
class Call<P, Q, B, E> {
  readonly request: FastifyRequest
  readonly reply: FastifyReply
  /** Runs in the transaction of the effect; undefined without an `Idempotency-Key`. */
  readonly hook: TransactionHook<E> | undefined
  // The schemas of these types have validated the request.
  readonly params: P
  readonly query: Q
  readonly body: B

  constructor(request: FastifyRequest, reply: FastifyReply, hook?: TransactionHook<E>) {
    this.request = request
    this.reply = reply
    this.hook = hook
    this.params = request.params as P
    this.query = request.query as Q
    this.body = request.body as B
  }

  /** The name of the caller. */
  get by(): string {
    return this.request.caller.name
  }

  /** The caller as the owner of webhooks. */
  get subscriber(): Subscriber {
    return toSubscriber(this.request)
  }

  /** The call as the audit log records it. */
  get origin(): Origin {
    return toOrigin(this.request)
  }

  /** The condition of `If-Match`; undefined without the header. */
  get precondition(): Precondition | undefined {
    return toPrecondition(this.request)
  }
}

/**
 * Defines an operation in one place. Authorization, validation, rate limits, audit of rejected calls,
 * idempotency and the OpenAPI document follow from it. Add its name to `ALL_OPERATIONS`.
 */
export function defineOperation<
  const Path extends string,
  P extends TSchema,
  Q extends TSchema,
  B extends TSchema,
  E,
>(definition: Definition<Path, P, Q, B> & Handling<Static<P>, Static<Q>, Static<B>, E>): Operation {
  const { method, path, body, errorsOf } = definition
  const rejectsBody = method !== 'GET' && body === undefined
  const hasPage =
    definition.visitors === true ||
    Object.values(definition.responses).some(({ others = {} }) => others['text/html'] !== undefined)
  const operation = {
    ...definition,
    hasPage,
    ...(rejectsBody ? { errorsOf: errorsOf ?? unexpectedBodyErrors } : {}),
  }
  return {
    ...operation,
    register(app, deps) {
      if (definition.isOffered?.(deps) === false) return
      app.route({
        method,
        url: path,
        schema: operationSchema(operation),
        config: { operation },
        ...(definition.bodyLimit === undefined ? {} : { bodyLimit: definition.bodyLimit }),
        handler: async (request: FastifyRequest, reply: FastifyReply) => {
          if (definition.idempotent !== true) return definition.handle(deps, new Call(request, reply))
          const { handle, respond } = definition
          return runIdempotently<E>(
            deps.keys,
            request,
            reply,
            (hook) => handle(deps, new Call(request, reply, hook)),
            (effect) => respond(effect, deps, request),
          )
        },
      })
    },
  }
}
