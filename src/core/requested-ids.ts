import type { CleanUpRequest } from './clean-up/clean-up.ts'
import type { RequestedPreparation } from './preparation/requested-preparation.ts'
import type { RequestedTarget } from './target.ts'

/**
 * The ids of what a request names: the caller's own addresses and gateway, and what a clean-up asks about. A snapshot
 * must show them wherever they lie, because what it does not show counts as gone.
 */
export function requestedIds(
  { loadBalancer, natGateway }: RequestedTarget,
  prepare: RequestedPreparation | null | undefined,
  cleanUp?: CleanUpRequest,
): string[] {
  const named = [loadBalancer, natGateway].flatMap((block) => [
    ...(block?.outboundIpIds ?? []),
    ...(block?.outboundIpPrefixIds ?? []),
  ])
  const prepared = prepare?.natGateway?.id
  return [...named, ...(prepared === undefined ? [] : [prepared]), ...cleanedIds(cleanUp)]
}

function cleanedIds(cleanUp: CleanUpRequest | undefined): string[] {
  const all = [cleanUp, cleanUp?.leftBehind].flatMap((each) => [
    ...(each?.delete ?? []),
    ...(each?.leads ?? []).flatMap((lead) => (lead.kind === 'defaultRoute' ? [lead.tableId] : [])),
  ])
  return [...new Set(all)]
}
