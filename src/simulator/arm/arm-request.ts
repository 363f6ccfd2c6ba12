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

/** The days of the month on which versions of a provider appear (from public reports of NoRegisteredProviderFound). */
const VERSIONS: Record<string, RegExp> = {
  'microsoft.containerservice':
    /^20(1[5-9]|2\d)-(0[1-9]|1[0-2])-(01|15|30|31|0[1-9]-(preview|privatepreview))$/,
  'microsoft.network': /^20(1[4-9]|2\d)-(0[1-9]|1[0-2])-(01|15|30|0[1-9]-preview)$/,
}
const ANY_VERSION =
  /^20(1[4-9]|2\d)-(0[1-9]|1[0-2])-(0[1-9]|[12]\d|3[01])(-preview|-privatepreview|-alpha|-beta)?$/

/** Versions that certainly exist in Azure, for the message. */
const SOME_VERSIONS = '2022-01-01, 2024-01-01, 2024-05-01, 2025-07-01, 2026-06-01'

/** Future versions are unknown. The months in which earlier versions appeared are not simulated. */
const LAST_MONTH = '2026-12'

/**
 * Rejects a request without api-version, or with a version that its provider does not have.
 * @throws ArmError 400 MissingApiVersionParameter, InvalidApiVersionParameter or NoRegisteredProviderFound
 */
export function assertApiVersion(path: ArmPath, apiVersion: string): void {
  if (apiVersion === '')
    throw gatewayError(
      400,
      'MissingApiVersionParameter',
      'The api-version query parameter (?api-version=) is required for all requests.',
    )
  const known = VERSIONS[path.provider?.toLowerCase() ?? ''] ?? ANY_VERSION
  if (known.test(apiVersion) && apiVersion.slice(0, 7) <= LAST_MONTH) return
  if (path.provider === undefined)
    throw gatewayError(
      400,
      'InvalidApiVersionParameter',
      `The api-version '${apiVersion.slice(0, 50)}' is invalid. The supported versions are '${SOME_VERSIONS}'.`,
    )
  throw gatewayError(
    400,
    'NoRegisteredProviderFound',
    `No registered resource provider found for location 'eastus' and API version '${apiVersion.slice(0, 50)}' for type '${path.types.join('/')}'. The supported api-versions are '${SOME_VERSIONS}'. The supported locations are 'eastus'.`,
  )
}
