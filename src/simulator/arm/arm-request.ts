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
  /** Faults that strike this request and that a handler, not the front door, has to carry out. */
  faults: Fault[]
}

/** What a handler answers. `text` is a body already written as JSON; `body` is written compactly. */
export interface ArmResponse {
  status: number
  headers?: Record<string, string>
  body?: Json
  text?: string
}

/** Answers one kind of request. Synchronous: nothing in the simulated Azure waits for anything but its clock. */
export type ArmHandler = (world: World, request: ArmRequest) => ArmResponse

/** Rejects a path in an unknown subscription, as the front door does. */
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
