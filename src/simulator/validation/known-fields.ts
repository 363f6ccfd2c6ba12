import { ArmError, aksError } from '../arm/arm-error.ts'
import { isSince } from '../arm/managed-cluster.ts'
import { isObject, type Json, withMembers } from '../lib/json.ts'
import fieldNames from './known-fields.json' with { type: 'json' }

/**
 * Fields of each object of a cluster, by its path: those of the stable model (@azure/arm-containerservice 25.5.0) and
 * of bodies in test/data/recordings. An object without an entry can contain any field. Letter case is ignored, as in
 * Go.
 */
const KNOWN_FIELDS = new Map(
  Object.entries(fieldNames).map(([path, names]) => [path.toLowerCase(), names.toLowerCase().split(' ')]),
)

/** Read-only fields that the service shows and rejects; clients with a model drop them (the Azure CLI does). */
const REJECTED = ['effectivenoproxy', 'systemexcludednamespaces']

/**
 * Fields that were added after 2024, with the first stable and the first preview version, if known. Previews had
 * `sshAccess` in 2024 (test/data/recordings), and 2025-10-01 rejected it
 * (terraform-azurerm-avm-res-containerservice-managedcluster#152).
 */
const SINCE: Record<string, [stable: string, preview: string]> = {
  'properties/networkprofile/natgatewayprofile/sku': ['2026-06-01', '2026-06-01'],
  'properties/agentpoolprofiles/securityprofile/sshaccess': ['2025-10-02', '2024-01-01'],
}

/** The position of written bodies in the paths of `KNOWN_FIELDS`. */
const ROOTS = { cluster: '', agentPool: 'agentpool' } as const

KNOWN_FIELDS.set('agentpool', ['id', 'name', 'type', 'properties'])

/**
 * Since 2024-01-01, AKS rejects unknown fields (AKS#4060). The fields of previews are not known, so for them only
 * fields are rejected that AKS is known to reject.
 * @throws ArmError 400 UnmarshalError
 */
export function assertKnownFields(apiVersion: string, kind: keyof typeof ROOTS, body: Json): void {
  if (!isSince(apiVersion, '2024-01-01')) return
  const unknown = findUnknown(ROOTS[kind], body, apiVersion)
  if (unknown === undefined) return
  const error = aksError(
    400,
    'UnmarshalError',
    `UnmarshalEntity encountered error: json: unknown field "${unknown}" Check that the field is in the right location, is spelled correctly, and is supported in the API version. Visit aka.ms/aks/apiversions for more API version information..`,
  )
  // The error body in public reports has no target.
  throw new ArmError(error.status, withMembers(error.body, { target: undefined }), error.headers)
}

function findUnknown(path: string, value: Json | undefined, apiVersion: string): string | undefined {
  if (Array.isArray(value)) {
    for (const item of value) {
      const unknown = findUnknown(path, item, apiVersion)
      if (unknown !== undefined) return unknown
    }
    return undefined
  }
  if (!isObject(value)) return undefined
  const isPreview = apiVersion.endsWith('-preview')
  for (const [name, child] of Object.entries(value)) {
    const key = name.toLowerCase()
    const known = KNOWN_FIELDS.get(path)
    const step = known?.includes('*') ? '*' : key
    const isKnown = known === undefined || known.includes(step) || isPreview
    const below =
      path === 'agentpool' ? 'properties/agentpoolprofiles' : path === '' ? step : `${path}/${step}`
    if (!isKnown || REJECTED.includes(key) || !isSince(apiVersion, SINCE[below]?.[isPreview ? 1 : 0] ?? ''))
      return name
    const unknown = findUnknown(below, child, apiVersion)
    if (unknown !== undefined) return unknown
  }
  return undefined
}
