import type { RequestedTarget } from './target.ts'

/** The ids of the caller's own addresses that a request names: a snapshot must show them wherever they lie. */
export function requestedIds({ loadBalancer, natGateway }: RequestedTarget): string[] {
  return [loadBalancer, natGateway].flatMap((block) => [
    ...(block?.outboundIpIds ?? []),
    ...(block?.outboundIpPrefixIds ?? []),
  ])
}
