import { gatewayError } from './arm-error.ts'
import type { ArmPath } from './arm-path.ts'

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
