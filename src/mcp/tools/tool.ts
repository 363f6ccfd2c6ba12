import { type Static, type TObject, type TProperties, type TSchema, type TSchemaOptions, Type } from 'typebox'
import { ClusterByNameSchema } from '../../contract/cluster.ts'
import { JobIdSchema, PlanIdSchema } from '../../contract/parameters.ts'
import type { Operation } from '../../routes/operations/define-operation.ts'
import type { Answer, OperationRequest, Send } from '../dispatch.ts'
import { type View, viewArguments } from '../schemas.ts'

/** What a tool works with, besides its arguments. */
export interface ToolContext {
  send: Send
  /** Reports progress; does nothing if the client did not ask for it. */
  progress(done: number, total: number, message: string): Promise<void>
}

export interface ToolAnnotations {
  readOnlyHint: boolean
  destructiveHint?: boolean
  idempotentHint?: boolean
  openWorldHint?: boolean
}

export interface Tool {
  name: string
  title: string
  description: string
  /** The operation that the tool calls. Its access requirement is that of the tool. */
  operation: Operation
  annotations: ToolAnnotations
  input: TObject
  view: View
  /** Calls the operation. `args` are valid, without those that choose the size of the result. */
  call(args: Record<string, unknown>, context: ToolContext): Promise<Answer>
}

interface Definition<P extends TProperties> extends Omit<Tool, 'input' | 'call'> {
  arguments: P
  /** The request of the operation. */
  request(args: Static<TObject<P>>): Omit<OperationRequest, 'operation'>
  /** Replaces the one call of the operation. */
  call?(args: Static<TObject<P>>, context: ToolContext): Promise<Answer>
}

/** Defines a tool. The arguments that choose the size of the result are added. */
export function defineTool<P extends TProperties>(definition: Definition<P>): Tool {
  const { arguments: own, request, call, ...tool } = definition
  const input = Type.Object({ ...own, ...viewArguments(tool.view) }, { additionalProperties: false })
  return {
    ...tool,
    input: input as unknown as TObject,
    call(args, context) {
      // Validated by the schema above.
      const valid = args as Static<TObject<P>>
      if (call !== undefined) return call(valid, context)
      return context.send({ operation: tool.operation, ...request(valid) })
    },
  }
}

/** The schema with a description that is short enough for the list of tools. */
export function described<T extends TSchema>(schema: T, description?: string): T {
  // With the hidden member that makes an argument optional.
  const copy = Object.defineProperties({}, Object.getOwnPropertyDescriptors(schema)) as T & TSchemaOptions
  if (description === undefined) delete copy.description
  else copy.description = description
  return copy
}

export const PLAN_ID = described(PlanIdSchema)
export const JOB_ID = described(JobIdSchema)

export const CLUSTER_ARGUMENT = Type.Object(ClusterByNameSchema.properties, {
  additionalProperties: false,
  description: 'From `find_clusters`.',
})

export function clusterPath({ subscriptionId, resourceGroup, name }: Static<typeof CLUSTER_ARGUMENT>) {
  return { subscriptionId, resourceGroup, clusterName: name }
}

export const READS = { readOnlyHint: true } as const
