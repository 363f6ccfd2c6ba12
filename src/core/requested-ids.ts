import type { RequestedPreparation } from './preparation/requested-preparation.ts'
import type { RequestedTarget } from './target.ts'

/** The ids of the caller's own addresses and gateway that a request names: a snapshot must show them wherever they lie. */
export function requestedIds(
  { loadBalancer, natGateway }: RequestedTarget,
  prepare: RequestedPreparation | null | undefined,
): string[] {
  const named = [loadBalancer, natGateway].flatMap((block) => [
    ...(block?.outboundIpIds ?? []),
    ...(block?.outboundIpPrefixIds ?? []),
  ])
  return prepare?.natGateway?.id === undefined ? named : [...named, prepare.natGateway.id]
}
