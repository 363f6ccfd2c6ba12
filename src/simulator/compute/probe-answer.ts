/**
 * The output of a node for a script that begins with the declarative header `# aks-egress-probe/1 …`. The script is not
 * executed: only its comments are read.
 */
import type { Family } from '../lib/ip.ts'

/** One `# target` line of the header. */
export interface ProbedTarget {
  index: string
  origin: string
  protocol: string
  host: string
  port: number
  /** The HTTP proxy that the request passes, such as `http://10.1.2.3:3128`. */
  proxy: string | undefined
}

/**
 * The result of a request to a target, in the terms of curl. `address` is absent if the name does not resolve, and
 * behind a proxy, which resolves the name. `http` is `c503` for a response of a proxy to CONNECT.
 */
export interface Reach {
  exit: number
  http?: string
  connect?: string
  address?: string
  issuer?: string
}

/** The network of one node. */
export interface ProbedNode {
  dnsServer: string | undefined
  sourceAddress(proxy: string | undefined, family?: Family): string | undefined
  reach(target: ProbedTarget): Reach
}

const HEADER = /^# aks-egress-probe\/1 (\S+) issuer=(\d+)$/m
const TARGET = /^# target (\d+) (\S+) (https?) (\S+) (\d+) \S+(?: via (\S+))?$/gm
const SOURCE_IPV6 = /^# source6 \S+$/m
const SOURCE = /^# source \S+(?: via (\S+))?$/m

/** The output of the script on this node; undefined for a script without the header. */
export function answerProbe(script: string, node: ProbedNode): string | undefined {
  const header = HEADER.exec(script)
  if (header === null) return undefined
  const [, token, length] = header
  const targets = [...script.matchAll(TARGET)].map(
    ([, index = '', origin = '', protocol = '', host = '', port = '', proxy]): ProbedTarget => ({
      index,
      origin,
      protocol,
      host,
      port: Number(port),
      proxy,
    }),
  )
  const source = SOURCE.exec(script)
  return [
    `aks-egress-probe/1 begin ${token}`,
    ...targets.map((target) => toLine(target, node.reach(target), Number(length))).toReversed(),
    ...(node.dnsServer === undefined ? [] : [`D|${node.dnsServer}`]),
    ...(source === null ? [] : [`S|${node.sourceAddress(source[1]) ?? ''}`]),
    ...(SOURCE_IPV6.test(script) ? [`S6|${node.sourceAddress(undefined, 'IPv6') ?? ''}`] : []),
    `aks-egress-probe/1 end ${token}`,
    '',
  ].join('\n')
}

function toLine({ index, protocol, proxy }: ProbedTarget, reach: Reach, issuerLength: number): string {
  const { exit, http = '000', connect = '0.00000', address, issuer = '' } = reach
  if (address === undefined && proxy === undefined) return `${index}|6|000||0|0|`
  const isShown = protocol === 'https' && !proxy?.startsWith('https:')
  const shown = isShown ? issuer.slice(0, issuerLength) : ''
  return [index, exit, http, address ?? '', connect, '0.123', shown].join('|')
}
