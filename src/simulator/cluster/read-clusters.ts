import { resourceNotFound } from '../arm/arm-error.ts'
import { idOf } from '../arm/arm-path.ts'
import {
  type ArmHandler,
  type ArmRequest,
  assertResourceGroup,
  assertSubscription,
} from '../arm/arm-request.ts'
import {
  CLUSTER_TYPE,
  isSince,
  networkProfileOf,
  outboundTypeKey,
  poolsOf,
  supportsManagedNatGatewayV2,
  supportsNatGatewaySku,
} from '../arm/managed-cluster.ts'
import { type JsonObject, objectAt, withMembers, withProperties } from '../lib/json.ts'
import type { World, WorldSettings } from '../world/world.ts'

/** Texts of bodies that are stored now; a changed cluster is a new object, so nothing here can be out of date. */
const textCache = new WeakMap<JsonObject, Map<string, string>>()

/** A cluster as JSON text, as the given api-version shows it. Indented by one space, as in the recordings of 2025. */
function renderClusterText(body: JsonObject, apiVersion: string, etags: WorldSettings['etags']): string {
  const view = `${isSince(apiVersion, '2024-06-01')} ${supportsNatGatewaySku(apiVersion)} ${supportsManagedNatGatewayV2(apiVersion)} ${hasEtags(apiVersion)} ${etags}`
  const texts = textCache.get(body) ?? new Map<string, string>()
  textCache.set(body, texts)
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
  if (gateway !== undefined && !supportsNatGatewaySku(apiVersion)) {
    const isLegacyType =
      outboundTypeKey(profile) === 'managedNATGatewayV2' && supportsManagedNatGatewayV2(apiVersion)
    const networkProfile = {
      ...profile,
      natGatewayProfile: withMembers(gateway, { sku: undefined }),
      ...(isLegacyType ? { outboundType: 'managedNATGatewayV2' } : {}),
    }
    shown = withProperties(shown, { networkProfile })
  }
  if (etags === 'none' || !hasEtags(apiVersion)) return withoutEtags(shown)
  return isSince(apiVersion, '2024-06-01') ? shown : withLowerCaseEtag(shown)
}

/** The first previews with ETags spelled the cluster's `etag` (recording 8a); where that ended is inferred. */
function withLowerCaseEtag(body: JsonObject): JsonObject {
  const { eTag, ...rest } = body
  return { ...rest, etag: eTag }
}

/** No body before April 2024 has an ETag; the previews had it first. */
export function hasEtags(apiVersion: string): boolean {
  return isSince(apiVersion, '2024-03-02')
}

function withoutEtags(body: JsonObject): JsonObject {
  const agentPoolProfiles = poolsOf(body).map((pool) => withMembers(pool, { eTag: undefined }))
  return withMembers(withProperties(body, { agentPoolProfiles }), { eTag: undefined })
}

/** Headers of reads of AKS (recordings of 2025). */
export const READ_HEADERS = {
  'content-type': 'application/json',
  'x-ms-ratelimit-remaining-subscription-global-reads': '16499',
}

/**
 * The cluster that a path names.
 * @throws ArmRefusal 404 ResourceGroupNotFound or ResourceNotFound
 */
export function clusterOf(world: World, request: ArmRequest): JsonObject {
  assertResourceGroup(world, request.path)
  const { path } = request
  const parent = { ...path, types: path.types.slice(0, 1), names: path.names.slice(0, 1) }
  const cluster = world.get(idOf(parent))
  if (cluster !== undefined) return cluster
  const type = 'Microsoft.ContainerService/managedClusters'
  throw resourceNotFound(type, path.names[0] ?? '', path.resourceGroup ?? '')
}

/** GET of one cluster. */
export const getCluster: ArmHandler = (world, request) => ({
  status: 200,
  headers: READ_HEADERS,
  text: renderClusterText(clusterOf(world, request), request.apiVersion, world.settings.etags),
})

/** List of clusters of a subscription or of a resource group; one page, as Azure gives for such numbers (inferred). */
export const listClusters: ArmHandler = (world, request) => {
  const { subscription = '', resourceGroup } = request.path
  assertSubscription(world, request.path)
  if (resourceGroup !== undefined) assertResourceGroup(world, request.path)
  const texts = world
    .list(CLUSTER_TYPE, { subscription, resourceGroup })
    .map((body) => renderClusterText(body, request.apiVersion, world.settings.etags))
  return { status: 200, headers: READ_HEADERS, text: `{"value":[${texts.join(',')}]}` }
}
