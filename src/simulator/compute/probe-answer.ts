/**
 * What a node would print for a script that begins with the declarative header `# aks-egress-probe/1 …`. Nothing of a
 * script is executed: only its comments are read.
 */

/** One `# target` line of the header. */
export interface ProbedTarget {
  index: string
  origin: string
  protocol: string
  host: string
  port: number
}

/** How a request to a target ends, in the terms of curl; `address` is absent where the name has no answer. */
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
  sourceAddress: string | undefined
  reach(target: ProbedTarget): Reach
}

const HEADER = /^# aks-egress-probe\/1 (\S+) issuer=(\d+)$/m
const TARGET = /^# target (\d+) (\S+) (https?) (\S+) (\d+) \S+$/gm
const SOURCE = /^# source (\S+)$/m

/** The output of the script on this node; undefined for a script without the header. */
export function answerProbe(script: string, node: ProbedNode): string | undefined {
  const header = HEADER.exec(script)
  if (header === null) return undefined
  const [, token, length] = header
  const targets = [...script.matchAll(TARGET)].map(
    ([, index = '', origin = '', protocol = '', host = '', port = '']): ProbedTarget => ({
      index,
      origin,
      protocol,
      host,
      port: Number(port),
    }),
  )
  return [
    `aks-egress-probe/1 begin ${token}`,
    ...(node.dnsServer === undefined ? [] : [`D|${node.dnsServer}`]),
    ...(SOURCE.test(script) ? [`S|${node.sourceAddress ?? ''}`] : []),
    ...targets.map((target) => toLine(target, node.reach(target), Number(length))),
    `aks-egress-probe/1 end ${token}`,
    '',
  ].join('\n')
}

function toLine({ index, protocol }: ProbedTarget, reach: Reach, issuerLength: number): string {
  const { exit, http = '000', connect = '0.000', address, issuer = '' } = reach
  if (address === undefined) return `${index}|6|000||0|0|`
  const shown = protocol === 'https' ? issuer.slice(0, issuerLength) : ''
  return [index, exit, http, address, connect, '0.123', shown].join('|')
}
