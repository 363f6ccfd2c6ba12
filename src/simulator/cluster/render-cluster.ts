import { type JsonObject, objectAt, withMembers } from '../json.ts'
import type { WorldSettings } from '../world/world.ts'
import { isSince, knowsManagedNatGatewayV2, knowsNatGatewaySku } from './api-version.ts'
import { egressKey, networkProfileOf, poolsOf } from './cluster-facts.ts'

/** Texts of bodies that are stored now; a changed cluster is a new object, so nothing here can be out of date. */
const written = new WeakMap<JsonObject, Map<string, string>>()

/** A cluster as JSON text, as the given api-version shows it. Indented by one space, as in the recordings of 2025. */
export function clusterText(body: JsonObject, apiVersion: string, etags: WorldSettings['etags']): string {
  const view = `${isSince(apiVersion, '2024-06-01')} ${knowsNatGatewaySku(apiVersion)} ${knowsManagedNatGatewayV2(apiVersion)} ${hasEtags(apiVersion)} ${etags}`
  const texts = written.get(body) ?? new Map<string, string>()
  written.set(body, texts)
  const known = texts.get(view)
  if (known !== undefined) return known
  const text = JSON.stringify(renderCluster(body, apiVersion, etags), null, 1)
  texts.set(view, text)
  return text
}

/**
 * A cluster as the given api-version shows it: `natGatewayProfile.sku` only since 2026-06-01, StandardV2 as an
 * outbound type of its own in the previews before it, and ETags as the settings say.
 */
export function renderCluster(
  body: JsonObject,
  apiVersion: string,
  etags: WorldSettings['etags'],
): JsonObject {
  const profile = networkProfileOf(body)
  const gateway = objectAt(profile, 'natGatewayProfile')
  let shown = body
  if (gateway !== undefined && !knowsNatGatewaySku(apiVersion)) {
    const isLegacyType = egressKey(profile) === 'managedNATGatewayV2' && knowsManagedNatGatewayV2(apiVersion)
    const networkProfile = {
      ...profile,
      natGatewayProfile: withMembers(gateway, { sku: undefined }),
      ...(isLegacyType ? { outboundType: 'managedNATGatewayV2' } : {}),
    }
    shown = withProperty(shown, { networkProfile })
  }
  if (etags === 'none' || !hasEtags(apiVersion)) return withoutEtags(shown)
  return isSince(apiVersion, '2024-06-01') ? shown : withSmallEtag(shown)
}

/** The first previews with ETags spelled the cluster's `etag` (recording 8a); where that ended is inferred. */
function withSmallEtag(body: JsonObject): JsonObject {
  const { eTag, ...rest } = body
  return { ...rest, etag: eTag }
}

/** A pool without the ETag where none is shown. */
export function renderPool(pool: JsonObject, apiVersion: string, etags: WorldSettings['etags']): JsonObject {
  return etags === 'body' && hasEtags(apiVersion) ? pool : withMembers(pool, { eTag: undefined })
}

/** No body before April 2024 has an ETag; the previews had it first. */
function hasEtags(apiVersion: string): boolean {
  return isSince(apiVersion, '2024-03-02')
}

function withoutEtags(body: JsonObject): JsonObject {
  const agentPoolProfiles = poolsOf(body).map((pool) => withMembers(pool, { eTag: undefined }))
  return withMembers(withProperty(body, { agentPoolProfiles }), { eTag: undefined })
}

function withProperty(body: JsonObject, change: JsonObject): JsonObject {
  return { ...body, properties: { ...objectAt(body, 'properties'), ...change } }
}
