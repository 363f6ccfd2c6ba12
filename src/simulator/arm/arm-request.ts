import type { Fault } from '../faults/faults.ts'
import type { Json } from '../lib/json.ts'
import type { World } from '../world/world.ts'
import { gatewayError } from './arm-error.ts'
import type { ArmPath } from './arm-path.ts'

/** One request to Resource Manager, as a handler sees it. */
export interface ArmRequest {
  method: string
  path: ArmPath
  query: URLSearchParams
  apiVersion: string
  ifMatch: string | undefined
  ifNoneMatch: string | undefined
  body: Json
  /** Scheme, host and port the caller used, for the absolute URLs in headers. */
  origin: string
  /** Faults of this request that a handler, not the server, must apply. */
  faults: Fault[]
}

/** The response of a handler. `text` is a body that is already JSON text; `body` is serialized. */
export interface ArmResponse {
  status: number
  headers?: Record<string, string>
  body?: Json
  text?: string
}

/** Handles one kind of request. Synchronous, because the simulated Azure waits only for its clock. */
export type ArmHandler = (world: World, request: ArmRequest) => ArmResponse

/** Rejects a path in an unknown subscription, as Resource Manager does. */
export function assertSubscription(world: World, path: ArmPath): void {
  const subscription = path.subscription ?? ''
  if (!world.hasSubscription(subscription))
    throw gatewayError(404, 'SubscriptionNotFound', `The subscription '${subscription}' could not be found.`)
}

/** Rejects a path in an unknown subscription or resource group. */
export function assertResourceGroup(world: World, path: ArmPath): void {
  assertSubscription(world, path)
  if (world.get(`/subscriptions/${path.subscription}/resourceGroups/${path.resourceGroup}`) === undefined)
    throw gatewayError(
      404,
      'ResourceGroupNotFound',
      `Resource group '${path.resourceGroup}' could not be found.`,
    )
}
