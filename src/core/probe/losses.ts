import { LOSS_KINDS, type LossKind } from '../../contract/probe.ts'
import { lastSegment } from '../arm/resource-id.ts'

/** A connection or an address that a pool lost with the change, or that no measurement confirms. */
export interface LostEndpoint {
  /** Absent in events of earlier versions. */
  kind?: LossKind
  /** null for the source address, and for a node without a readable result. */
  endpoint: string | null
  pool: string
  subnetId: string | null
  /** A sentence. */
  cause: string
}

/** A loss as a sentence: where, which endpoint, and why. */
export function lossSentence({ endpoint, pool, subnetId, cause }: LostEndpoint): string {
  const place = `Pool \`${pool}\`${subnetId === null ? '' : ` in subnet \`${lastSegment(subnetId)}\``}`
  return endpoint === null ? `${place}: ${cause}` : `${place}, ${endpoint}: ${cause}`
}

/** What each kind of loss means, and where its cause is. */
const TEXTS: Record<LossKind, { message: string; remedy: string }> = {
  endpoint: {
    message: 'After the cutover, nodes no longer reach endpoints that they reached before.',
    remedy: 'Fix the cause on the new egress path: the rules of the firewall, the route, or the DNS server.',
  },
  sourceAddress: {
    message: 'After the cutover, the public source address of nodes is not as planned.',
    remedy:
      'Compare the observed source address with `paths` of the plan: check the route table, the NAT gateway, and the public IP addresses of the subnet, and whether `sourceAddressUrl` returns the address of its caller.',
  },
  unanswered: {
    message: 'After the cutover, nodes no longer return results.',
    remedy:
      'Check whether nodes reach Azure on port 443, and whether the virtual machine agent of the instance is running.',
  },
  unmeasured: {
    message:
      'After the cutover, no measurement shows whether nodes still reach the endpoints that they reached before.',
    remedy:
      'Fix what prevents the measurement: a denied permission for run-commands, a deleted instance, or output that is truncated or unreadable.',
  },
}

/** The message and the remedy for all kinds of these losses. */
export function lossTexts(lost: readonly Pick<LostEndpoint, 'kind'>[]): { message: string; remedy: string } {
  const kinds = LOSS_KINDS.filter((kind) => lost.some((loss) => (loss.kind ?? 'endpoint') === kind))
  const texts = kinds.map((kind) => TEXTS[kind])
  return {
    message: texts.map(({ message }) => message).join(' '),
    remedy: [...texts.map(({ remedy }) => remedy), 'Then measure again with `POST /v1/probes`.'].join(' '),
  }
}
