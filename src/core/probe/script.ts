import { isSafeProxyUrl } from './http-proxy.ts'
import { isSafeTarget, type ProbeTarget, rejectedProbeUrl } from './probe-targets.ts'

/** The first words of the header and of both markers. */
export const PROBE_MARK = 'aks-egress-probe/1'

/** What run-command returns of the output: the last 4,096 bytes. The rest is kept for markers, address, and DNS server. */
const OUTPUT_BYTES = 4_096
const RESERVED_BYTES = 300
/** A line without its issuer: numbers, an address, and separators. */
const LINE_BYTES = 42
const MAX_ISSUER = 40
/** How many endpoints are probed at the same time. */
const BATCH = 8

export interface ScriptInput {
  /** Distinguishes the output of this run from any other output. */
  token: string
  targets: ProbeTarget[]
  sourceAddressUrl: string | null
  /** The HTTP proxy that the request to this URL passes. */
  sourceProxy?: string | undefined
  /** Whether the URL is called over IPv4 and over IPv6: otherwise nodes choose the family. A proxy chooses it itself. */
  isDualStack?: boolean | undefined
}

/** How much of an issuer fits into the output, at the same length before and after a change. */
export function issuerLength(targets: number): number {
  const line = Math.floor((OUTPUT_BYTES - RESERVED_BYTES) / Math.max(1, targets))
  return Math.max(8, Math.min(MAX_ISSUER, line - LINE_BYTES))
}

/** The addresses for which `b` of the script is true, and which are no answer of a DNS filter. */
const PLATFORM = /^(169\.254\.|168\.63\.129\.16$|fe80:|::ffff:)/i

/** Whether nodes do not call a name of the request that resolves to this address. */
export function isPlatformAddress(address: string): boolean {
  return PLATFORM.test(address)
}

/** A word of a shell command that the shell takes literally. */
export function quote(text: string): string {
  return `'${text.replaceAll("'", "'\\''")}'`
}

/**
 * The script that a node runs: POSIX shell with what each AKS image has. It writes no file, reads no secret, and ends by
 * itself in about three minutes even if nothing answers. Each endpoint is one line of the output. The comments at the
 * start state the same as data, for a simulator that executes nothing.
 */
export function probeScript(input: ScriptInput): string {
  const { token, targets, sourceAddressUrl, sourceProxy } = input
  const isSafe = /^[A-Za-z0-9][A-Za-z0-9-]{0,79}$/.test(token) && targets.every(isSafeTarget)
  const isSourceSafe =
    (sourceAddressUrl === null || rejectedProbeUrl(sourceAddressUrl) === null) &&
    (sourceProxy === undefined || isSafeProxyUrl(sourceProxy))
  if (!isSafe || !isSourceSafe) throw new Error('a probe has a text that is not safe in a script')
  const length = issuerLength(targets.length)
  // Azure keeps the end of the output, so the most important lines come last.
  const calls = targets
    .map(callOf)
    .toReversed()
    .flatMap((call, index) => ((index + 1) % BATCH === 0 ? [call, 'wait'] : [call]))
  return [
    '#!/bin/sh',
    `# ${PROBE_MARK} ${token} issuer=${length}`,
    ...targets.map(
      ({ protocol, host, port, path, origin, proxy }, index) =>
        `# target ${index} ${origin} ${protocol} ${host} ${port} ${path}${via(proxy)}`,
    ),
    ...(sourceAddressUrl === null ? [] : [`# source ${sourceAddressUrl}${via(sourceProxy)}`]),
    ...(measuresBothFamilies(input) ? [`# source6 ${sourceAddressUrl}`] : []),
    FUNCTIONS.replace('ISSUER_LENGTH', String(length)),
    `echo ${quote(`${PROBE_MARK} begin ${token}`)}`,
    ...calls,
    'wait',
    'd',
    ...sourceCalls(input),
    `echo ${quote(`${PROBE_MARK} end ${token}`)}`,
    '',
  ].join('\n')
}

function callOf({ protocol, host, port, path, origin, proxy = '' }: ProbeTarget, index: number): string {
  const trust = origin === 'apiServer' ? 'insecure' : origin === 'requested' ? 'public' : 'verified'
  return `p ${index} ${protocol} ${quote(host)} ${port} ${quote(path)} ${trust} ${quote(proxy)} &`
}

/** Whether the output has the source address of each family. */
export function measuresBothFamilies({
  sourceAddressUrl,
  sourceProxy,
  isDualStack,
}: Omit<ScriptInput, 'token' | 'targets'>): boolean {
  return sourceAddressUrl !== null && sourceProxy === undefined && isDualStack === true
}

function sourceCalls(input: ScriptInput): string[] {
  const { sourceAddressUrl: url, sourceProxy: proxy = '' } = input
  if (url === null) return []
  const call = `${quote(url)} ${quote(proxy)} ${quote(new URL(url).hostname)}`
  return measuresBothFamilies(input) ? [`s S ${call} 4`, `s S6 ${call} 6`] : [`s S ${call} ''`]
}

function via(proxy: string | undefined): string {
  return proxy === undefined ? '' : ` via ${proxy}`
}

/*
 * `d` prints the first DNS server: systemd-resolved keeps the real ones beside its stub. `g` resolves a name. `b` is true
 * for an address of the node itself or of Azure's platform: a name of the request that resolves to one is not called.
 * `s` prints the answer of the URL for the source address, over one family if it is named, reduced to the characters of an address. `p` prints one endpoint:
 * number, curl's exit code, HTTP status, address, seconds to connect, seconds in all, issuer. One printf is one write, so
 * lines of parallel endpoints do not mix.
 *
 * The script contains the address of a proxy without credentials. It overrides the proxy variables of the node, which can
 * contain a password. The proxy resolves the name, and `c403` is its answer to CONNECT. openssl cannot use TLS to a proxy.
 */
const FUNCTIONS = `LC_ALL=C
export LC_ALL
d() {
  for f in "\${AKS_PROBE_ROOT:-}/run/systemd/resolve/resolv.conf" "\${AKS_PROBE_ROOT:-}/etc/resolv.conf"; do
    n=$(sed -n 's/^nameserver[[:space:]]*\\([0-9A-Fa-f.:]*\\).*/\\1/p' "$f" 2>/dev/null | head -n 1)
    if [ -n "$n" ]; then printf 'D|%s\\n' "$n"; return; fi
  done
}
g() {
  timeout 8 getent "ahosts\${2:+v$2}" "$1" 2>/dev/null </dev/null | sed -n '1s/[[:space:]].*//p'
}
b() {
  case $1 in 127.*|169.254.*|168.63.129.16|0.*|::|::1|fe80:*|::ffff:*) return 0 ;; esac
  return 1
}
s() {
  n=; f=
  if [ -n "$5" ]; then f="-$5"; fi
  if [ -z "$3" ]; then
    n='*'; if b "$(g "$4" "$5")"; then printf '%s|\\n' "$1"; return; fi
  fi
  a=$(timeout 15 curl -q -sS $f -x "$3" --noproxy "$n" --connect-timeout 5 -m 10 --max-filesize 1024 "$2" 2>/dev/null </dev/null | head -c 64 | tr -cd '0-9A-Fa-f.:')
  printf '%s|%s\\n' "$1" "$a"
}
p() {
  command -v timeout >/dev/null && command -v getent >/dev/null || { printf '%s|127|000||0|0|\\n' "$1"; return; }
  a=; n=; i=; o=; k=
  if [ -z "$7" ]; then
    n='*'
    a=$(g "$3")
    if [ -z "$a" ]; then printf '%s|6|000||0|0|\\n' "$1"; return; fi
    if [ "$6" = public ] && b "$a"; then printf '%s|0|000|%s|0|0|\\n' "$1" "$a"; return; fi
  fi
  if [ "$6" = insecure ]; then k=-k; fi
  r=$(timeout 15 curl -q -sS $k -x "$7" --noproxy "$n" --connect-timeout 5 -m 10 -o /dev/null -w '%{http_code}|%{http_connect}|%{time_connect}|%{time_total}' "$2://$3:$4$5" 2>/dev/null </dev/null)
  e=$?
  case $2,$7 in
    http,*|*,https:*) ;;
    *)
      if [ -n "$7" ]; then o="-proxy \${7#http://}"; fi
      i=$(timeout 8 openssl s_client $o -connect "$3:$4" -servername "$3" 2>/dev/null </dev/null | openssl x509 -noout -issuer -nameopt RFC2253 2>/dev/null | sed -n -e '1s/.*CN *= *\\([^,]*\\).*/\\1/p' -e t -e '1s/.*[,=] *O *= *\\([^,]*\\).*/\\1/p' | tr -cd 'A-Za-z0-9 ._-' | cut -c 1-ISSUER_LENGTH)
  esac
  h=\${r%%|*}; t=\${r#*|}; x=\${t%%|*}; t=\${t#*|}; c=\${t%%|*}; t=\${t##*|}
  case $h,$x in 000,[1-9]??) h=c$x ;; esac
  printf '%s|%s|%s|%s|%.7s|%.5s|%s\\n' "$1" "$e" "\${h:-000}" "$a" "\${c:-0}" "\${t:-0}" "$i"
}`
