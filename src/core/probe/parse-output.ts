import ipaddr from 'ipaddr.js'
import type { EndpointReading, NodeProbe, ProbeOutcome } from '../../contract/probe.ts'
import { endpointName, type ProbeTarget } from './probe-targets.ts'
import { PROBE_MARK } from './script.ts'

/** Why a run-command gave no result, as flags of which at most one is set. */
export type FailureKind = Required<Pick<NodeProbe, 'isUnanswered' | 'isUnreadable' | 'isRejected'>>

/** The results of one run of the script, or the reason why its output contains none. */
export type ParsedOutput =
  | ({ isReadable: true } & Pick<
      NodeProbe,
      'isComplete' | 'dnsServer' | 'sourceAddress' | 'sourceAddressIpv6' | 'readings'
    >)
  | ({ isReadable: false; reason: string } & Partial<FailureKind>)

/**
 * Reads the message of run-command. Azure keeps the last 4,096 bytes, so the start can be missing: then the first line
 * may be a part of a line and does not count. Output without the end mark of this run is from another script, or from a
 * script that was stopped.
 */
export function parseOutput(
  message: string,
  token: string,
  targets: ProbeTarget[],
  hasBothFamilies = false,
): ParsedOutput {
  const lines = stdoutOf(message).split(/\r?\n/)
  const begin = lines.lastIndexOf(`${PROBE_MARK} begin ${token}`)
  const end = lines.lastIndexOf(`${PROBE_MARK} end ${token}`)
  if (begin < 0 && end < 0)
    return {
      isReadable: false,
      reason: 'The output of the node does not belong to this probe.',
      isUnreadable: true,
    }
  const isComplete = begin >= 0 && end > begin
  const body = begin >= 0 ? lines.slice(begin + 1, end > begin ? end : -1) : lines.slice(1, end)
  const found = new Map<number, EndpointReading>()
  for (const line of body) {
    const fields = line.split('|')
    const index = /^\d{1,3}$/.test(fields[0] ?? '') && fields.length === 7 ? Number(fields[0]) : -1
    const target = targets[index]
    if (target !== undefined) found.set(index, toReading(target, fields))
  }
  const field = (name: string) =>
    body.find((line) => line.startsWith(`${name}|`))?.slice(name.length + 1) ?? ''
  const source = field('S')
  const server = field('D')
  return {
    isReadable: true,
    isComplete: isComplete && found.size === targets.length,
    dnsServer: ipaddr.isValid(server) ? server : null,
    sourceAddress: toAddress(source),
    ...(hasBothFamilies ? { sourceAddressIpv6: toAddress(field('S6')) } : {}),
    readings: targets.map((target, index) => found.get(index) ?? unknownReading(target)),
  }
}

/**
 * `Enable succeeded: \n[stdout]\n…\n[stderr]\n…`; Azure writes the last `[stderr]`; earlier ones can be output of the
 * script.
 */
function stdoutOf(message: string): string {
  const start = message.indexOf('[stdout]\n')
  const end = message.lastIndexOf('\n[stderr]')
  return start < 0 ? '' : message.slice(start + '[stdout]\n'.length, end > start ? end : undefined)
}

/** Dual-stack services can return an IPv4 address in IPv6 form. */
function toAddress(text: string): string | null {
  if (ipaddr.IPv4.isValidFourPartDecimal(text)) return text
  if (!ipaddr.IPv6.isValid(text)) return null
  const address = ipaddr.IPv6.parse(text)
  return (address.isIPv4MappedAddress() ? address.toIPv4Address() : address).toString()
}

function unknownReading(target: ProbeTarget): EndpointReading {
  return {
    endpoint: endpointName(target),
    origin: target.origin,
    need: target.need,
    via: target.proxy === undefined ? 'direct' : 'httpProxy',
    outcome: 'unknown',
    address: null,
    issuer: null,
    httpStatus: null,
    milliseconds: null,
  }
}

/** curl stops earlier: a larger number is no duration. */
const MAX_SECONDS = 60
/** The status of the endpoint, or `c403`: the answer of the proxy to CONNECT. */
const STATUS = /^(c?)([1-9]\d\d)$/

function toReading(target: ProbeTarget, fields: string[]): EndpointReading {
  const [, exit = '', http = '', address = '', connect = '', total = '', issuer = ''] = fields
  const [, mark = '', status] = STATUS.exec(http) ?? []
  const tunnel = mark === 'c' ? Number(status) : null
  const httpStatus = status === undefined || isOpen(tunnel) ? null : Number(status)
  const seconds = Number(total)
  const answer: Answer = {
    exit: Number(exit),
    httpStatus,
    tunnel,
    isConnected: Number(connect) > 0,
    issuer,
    isSinkhole: address !== target.host && isSinkhole(address),
  }
  return {
    ...unknownReading(target),
    outcome: target.proxy === undefined ? directOutcome(target, answer) : proxiedOutcome(target, answer),
    address: ipaddr.isValid(address) ? address : null,
    issuer: issuer === '' ? null : issuer.slice(0, 40),
    httpStatus,
    milliseconds:
      seconds >= 0 && seconds <= MAX_SECONDS && httpStatus !== null ? Math.round(seconds * 1_000) : null,
  }
}

interface Answer {
  exit: number
  httpStatus: number | null
  /** The answer of the proxy to CONNECT, where the endpoint returned no status. */
  tunnel: number | null
  isConnected: boolean
  issuer: string
  /** The name resolves to no host, or to the node itself, with which DNS filters answer. */
  isSinkhole: boolean
}

function isSinkhole(address: string): boolean {
  const plain = toAddress(address)
  return plain !== null && ['unspecified', 'loopback'].includes(ipaddr.parse(plain).range())
}

/** Azure Firewall answers a denied HTTP request itself, with this status. */
const DENIED_BY_FIREWALL = 470
/** Exit codes of curl. */
const RESOLUTION = [5, 6]
const TLS = [35, 51, 53, 54, 58, 59, 60, 66, 77, 80, 82, 83, 90, 91]
const CONNECTION = 7
/** A time-out, an empty answer, a reset. */
const BROKEN = [28, 52, 55, 56, 124]

function directOutcome(target: ProbeTarget, answer: Answer): ProbeOutcome {
  const { exit, httpStatus, isConnected, issuer, isSinkhole } = answer
  if (httpStatus === DENIED_BY_FIREWALL) return 'httpFailed'
  if (httpStatus !== null) return 'reached'
  if (isSinkhole) return 'dnsFailed'
  if (RESOLUTION.includes(exit)) return 'dnsFailed'
  if (TLS.includes(exit)) return 'tlsFailed'
  if (exit === CONNECTION) return 'tcpFailed'
  if (!BROKEN.includes(exit)) return 'unknown'
  if (!isConnected) return 'tcpFailed'
  // A proxy need not answer a request for itself.
  if (target.origin === 'httpProxy' && target.protocol === 'http') return 'reached'
  return target.protocol === 'https' && issuer === '' ? 'tlsFailed' : 'httpFailed'
}

/** Exit codes for a failure of the proxy: its name is not resolved, it does not accept connections, or its handshake fails. */
const PROXY_EXITS = [5, 7, 97]
/** With these, a proxy reports that it denies a request for a plain HTTP endpoint, or does not reach it (inferred). */
const PROXY_STATUSES = [403, 407, 502, 503, 504]

/** A proxy answers CONNECT before TLS begins, and a plain HTTP request in place of the endpoint. */
function proxiedOutcome({ protocol }: ProbeTarget, answer: Answer): ProbeOutcome {
  const { exit, httpStatus, tunnel, isConnected, issuer } = answer
  if (tunnel === null && httpStatus === DENIED_BY_FIREWALL) return 'httpFailed'
  if (tunnel === null && httpStatus !== null)
    return protocol === 'http' && PROXY_STATUSES.includes(httpStatus) ? 'proxyFailed' : 'reached'
  if (httpStatus !== null || PROXY_EXITS.includes(exit)) return 'proxyFailed'
  if (TLS.includes(exit)) return 'tlsFailed'
  if (!BROKEN.includes(exit)) return 'unknown'
  if (protocol === 'https' ? !isOpen(tunnel) : !isConnected) return 'proxyFailed'
  return protocol === 'https' && issuer === '' ? 'tlsFailed' : 'httpFailed'
}

function isOpen(tunnel: number | null): boolean {
  return tunnel !== null && tunnel >= 200 && tunnel <= 299
}
