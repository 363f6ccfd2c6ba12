import type { RequiredEndpoint } from './required-endpoint.ts'

/** An endpoint before it is compared with a firewall's rules, with what the comparison needs to know of it. */
export interface CandidateEndpoint extends Omit<RequiredEndpoint, 'open'> {
  /** It is on the published list, which the firewall's tag for AKS follows. */
  isListed: boolean
  /** A service tag that opens it as well. */
  serviceTag?: string
}

/** Two entries are one when they lead to the same place by the same protocol. */
export function endpointKey({ destination, port, protocol }: CandidateEndpoint): string {
  return `${destination.toLowerCase()} ${port} ${protocol}`
}
