import { execFileSync } from 'node:child_process'
import { chmodSync, mkdirSync, readFileSync, renameSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import fc from 'fast-check'
import t from 'tap'
import { parseOutput } from '../../../src/core/probe/parse-output.ts'
import {
  isSafeTarget,
  MAX_TARGETS,
  type ProbeTarget,
  rejectedProbeUrl,
} from '../../../src/core/probe/probe-targets.ts'
import { issuerLength, probeScript, quote } from '../../../src/core/probe/script.ts'
import { answerProbe } from '../../../src/simulator/compute/probe-answer.ts'
import { anyCharacter } from '../../support/any-character.ts'
import { propertyRuns } from '../../support/property-runs.ts'

const SHELLS = ['sh', 'dash', 'bash']
/** Found without the PATH, which a test can empty. */
const SHELL = '/bin/sh'

function target(host: string, given: Partial<ProbeTarget> = {}): ProbeTarget {
  return { protocol: 'https', host, port: 443, path: '/', origin: 'required', need: 'required', ...given }
}

const PROXY = 'http://10.9.0.4:3128'

const TARGETS = [
  target('api.example.com', { origin: 'apiServer', path: '/healthz' }),
  target('mcr.example.com'),
  target('unknown.example.com'),
  target('closed.example.com', { port: 8443 }),
  target('proxy.example.com'),
  target('reset.example.com'),
  target('denied.example.com', { protocol: 'http', port: 80 }),
  target('silent.example.com'),
  target('slow.example.com', { protocol: 'http', port: 80 }),
  target('10.9.0.4', { protocol: 'http', port: 3128, origin: 'httpProxy' }),
  target('passed.example.com', { proxy: PROXY }),
  target('refused.example.com', { proxy: PROXY }),
  target('untrusted.example.com', { proxy: PROXY }),
  target('mute.example.com', { proxy: PROXY }),
  target('plain.example.com', { protocol: 'http', port: 80, proxy: PROXY }),
  target('missing.example.com', { protocol: 'http', port: 80, proxy: PROXY }),
  target('secured.example.com', { proxy: 'https://proxy.corp:8443' }),
  target('away.example.com', { proxy: 'http://nowhere:3128' }),
]

/** `proxy` is the proxy that the program must get, and `tunnel` the answer of the proxy to CONNECT. */
interface Host {
  exit: number
  http: string
  connect: string
  issuer?: string
  proxy?: string
  tunnel?: string
}

/** What every host does, once for the stand-ins and once for the simulator. */
const HOSTS: Record<string, Host> = {
  'api.example.com': { exit: 0, http: '401', connect: '0.010', issuer: 'ca' },
  'mcr.example.com': {
    exit: 0,
    http: '200',
    connect: '0.020',
    issuer: 'Microsoft Azure RSA TLS Issuing CA 03',
  },
  'closed.example.com': { exit: 7, http: '000', connect: '0.000' },
  'proxy.example.com': { exit: 60, http: '000', connect: '0.011', issuer: 'Corp Inspection CA' },
  'reset.example.com': { exit: 35, http: '000', connect: '0.012' },
  'denied.example.com': { exit: 0, http: '470', connect: '0.013' },
  'silent.example.com': { exit: 28, http: '000', connect: '0.000' },
  'slow.example.com': { exit: 28, http: '000', connect: '0.014' },
  '10.9.0.4': { exit: 0, http: '400', connect: '0.002' },
  'passed.example.com': {
    exit: 0,
    http: '200',
    connect: '0.003',
    issuer: 'HTTP Proxy CA',
    proxy: PROXY,
    tunnel: '200',
  },
  'refused.example.com': { exit: 56, http: '000', connect: '0.003', proxy: PROXY, tunnel: '403' },
  'untrusted.example.com': {
    exit: 60,
    http: '000',
    connect: '0.003',
    issuer: 'Corp Inspection CA',
    proxy: PROXY,
    tunnel: '200',
  },
  'mute.example.com': { exit: 28, http: '000', connect: '0.003', proxy: PROXY },
  'plain.example.com': { exit: 0, http: '200', connect: '0.003', proxy: PROXY },
  'missing.example.com': { exit: 0, http: '503', connect: '0.003', proxy: PROXY },
  'secured.example.com': {
    exit: 0,
    http: '200',
    connect: '0.004',
    proxy: 'https://proxy.corp:8443',
    tunnel: '200',
  },
  'away.example.com': { exit: 5, http: '000', connect: '0.000', proxy: 'http://nowhere:3128' },
}

/** Variables of a node, which its proxy configuration has written. Programs must not use them. */
const NODE_VARIABLES = { https_proxy: 'http://u:s3cret@10.9.0.9:3128', NO_PROXY: 'example.com' }

/** Programs that answer from the table instead of the network, in front of the PATH. */
function standIns(folder: string): NodeJS.ProcessEnv {
  const bin = join(folder, 'bin')
  mkdirSync(bin)
  mkdirSync(join(folder, 'etc'))
  writeFileSync(
    join(folder, 'etc/resolv.conf'),
    'search example.com\nnameserver 10.1.0.4\nnameserver 10.1.0.5\n',
  )
  const cases = (
    pick: (host: Host, name: string) => string,
    pattern: (host: Host, name: string) => string = (_host, name) => `*${name}*`,
  ) =>
    Object.entries(HOSTS)
      .map(([name, host]) => `  ${pattern(host, name)}) ${pick(host, name)};;`)
      .join('\n')
  const program = (name: string, body: string) => {
    writeFileSync(join(bin, name), `#!/bin/sh\ncase "$*" in\n${body}\nesac\n`)
    chmodSync(join(bin, name), 0o755)
  }
  program(
    'curl',
    `  *"-x $SOURCE_PROXY --noproxy "*source.example.com*) echo 20.1.2.3; exit 0;;\n${cases(
      ({ exit, http, connect, tunnel = '000' }) =>
        `printf '%s|%s|%s|%s' ${http} ${tunnel} ${connect}${connect === '0.000' ? '000' : '456'} 0.123456; exit ${exit}`,
      ({ proxy }, name) =>
        proxy === undefined ? `*"-x  --noproxy * "*"/${name}:"*` : `*"-x ${proxy} --noproxy  -"*"/${name}:"*`,
    )}`,
  )
  program(
    'getent',
    cases((_host, name) => `echo "203.0.113.${Object.keys(HOSTS).indexOf(name) + 1}  STREAM ${name}"`),
  )
  program(
    'openssl',
    `  x509*) cat;;\n${cases(
      ({ issuer }) => (issuer === undefined ? 'exit 1' : `echo "issuer=CN=${issuer},O=Example,C=US"`),
      ({ proxy }, name) =>
        proxy === undefined
          ? `"s_client -connect ${name}:"*`
          : `"s_client -proxy ${proxy.slice('http://'.length)} -connect ${name}:"*`,
    )}`,
  )
  return { PATH: `${bin}:${process.env.PATH}`, AKS_PROBE_ROOT: folder, ...NODE_VARIABLES }
}

const message = (stdout: string) => `Enable succeeded: \n[stdout]\n${stdout.slice(-4_096)}\n[stderr]\n`

for (const sourceProxy of [undefined, PROXY])
  t.test(
    `the script and the simulator report the same result for the same network (${sourceProxy ?? 'direct'})`,
    async (t) => {
      const input = {
        token: 'probe-0-1',
        targets: TARGETS,
        sourceAddressUrl: 'https://source.example.com/ip',
        sourceProxy,
      }
      const script = probeScript(input)
      t.notMatch(script, 's3cret')
      const env = { ...standIns(t.testdir({})), SOURCE_PROXY: sourceProxy ?? '' }
      const simulated = answerProbe(script, {
        dnsServer: '10.1.0.4',
        sourceAddress: (proxy) => (proxy === sourceProxy ? '20.1.2.3' : undefined),
        reach({ host, proxy }) {
          const known = HOSTS[host]
          if (known === undefined) return { exit: 6 }
          t.equal(proxy, known.proxy)
          const { issuer, tunnel, ...rest } = known
          if (proxy !== undefined)
            return {
              ...rest,
              http: rest.http === '000' && tunnel !== undefined ? `c${tunnel}` : rest.http,
              issuer: issuer ?? '',
            }
          return {
            ...rest,
            address: `203.0.113.${Object.keys(HOSTS).indexOf(host) + 1}`,
            issuer: issuer ?? '',
          }
        },
      })
      t.not(simulated, undefined)
      const expected = parseOutput(message(simulated ?? ''), input.token, TARGETS)
      t.match(expected, {
        isReadable: true,
        isComplete: true,
        dnsServer: '10.1.0.4',
        sourceAddress: '20.1.2.3',
      })
      t.strictSame(expected.isReadable && expected.readings.map(({ outcome }) => outcome), [
        'reached',
        'reached',
        'dnsFailed',
        'tcpFailed',
        'tlsFailed',
        'tlsFailed',
        'httpFailed',
        'tcpFailed',
        'httpFailed',
        'reached',
        'reached',
        'proxyFailed',
        'tlsFailed',
        'proxyFailed',
        'reached',
        'proxyFailed',
        'reached',
        'proxyFailed',
      ])
      t.match(expected.isReadable && expected.readings.slice(10, 13), [
        { via: 'httpProxy', address: null, issuer: 'HTTP Proxy CA', httpStatus: 200 },
        { via: 'httpProxy', httpStatus: 403 },
        { via: 'httpProxy', issuer: 'Corp Inspection CA', httpStatus: null },
      ])
      for (const shell of SHELLS) {
        const stdout = execFileSync(shell, ['-u', '-c', script], { env: { ...env }, encoding: 'utf8' })
        t.strictSame(parseOutput(message(stdout), input.token, TARGETS), expected, shell)
      }
    },
  )

t.test('a node of a dual-stack cluster measures its source address over each family', async (t) => {
  const input = {
    token: 'a',
    targets: [],
    sourceAddressUrl: 'https://source.example.com/',
    isDualStack: true,
  }
  const script = probeScript(input)
  const env = standIns(t.testdir({}))
  const program = (name: string, body: string) =>
    writeFileSync(join(env.AKS_PROBE_ROOT ?? '', 'bin', name), `#!/bin/sh\ncase "$*" in\n${body}\nesac\n`, {
      mode: 0o755,
    })
  program('curl', '  *" -4 "*) echo 20.1.2.3;;\n  *" -6 "*) echo 2001:db8::1;;')
  program('getent', '  ahostsv4*) echo 203.0.113.9 STREAM;;\n  ahostsv6*) echo "$SOURCE_IPV6 STREAM";;')
  const run = (ipv6: string) =>
    execFileSync(SHELL, ['-u', '-c', script], { env: { ...env, SOURCE_IPV6: ipv6 }, encoding: 'utf8' })
  const parse = (output: string) => parseOutput(message(output), 'a', [], true)
  const both = { sourceAddress: '20.1.2.3', sourceAddressIpv6: '2001:db8::1' }
  t.match(parse(run('2001:db8::53')), both)
  t.match(
    parse(run('::ffff:203.0.113.9')),
    { ...both, sourceAddressIpv6: null },
    'the name has no IPv6 address',
  )
  const simulated = answerProbe(script, {
    dnsServer: undefined,
    sourceAddress: (_proxy, family) => (family === 'IPv6' ? '2001:db8::1' : '20.1.2.3'),
    reach: () => ({ exit: 6 }),
  })
  t.match(parse(simulated ?? ''), both)
  t.notOk('sourceAddressIpv6' in parseOutput(message(simulated ?? ''), 'a', []), 'a cluster with one family')
  t.notMatch(probeScript({ ...input, sourceProxy: PROXY }), /source6|S6/, 'a proxy chooses the family')
})

t.test('the output for the maximum number of endpoints fits into what run-command returns', async (t) => {
  const targets = Array.from({ length: MAX_TARGETS }, (_, index) => target(`host-${index}.example.com`))
  const script = probeScript({
    token: `${'0'.repeat(36)}-19-3`,
    targets,
    sourceAddressUrl: 'https://a.example.com/',
  })
  const output = answerProbe(script, {
    dnsServer: '255.255.255.255',
    sourceAddress: () => '255.255.255.255',
    reach: () => ({
      exit: 124,
      http: '200',
      connect: '9.99999',
      address: '255.255.255.255',
      issuer: 'x'.repeat(80),
    }),
  })
  t.ok((output ?? '').length > 3_000)
  t.ok((output ?? '').length <= 4_096, String(output?.length))
  t.equal(issuerLength(9), 40)
})

t.test('long IPv6 answers cut the least important endpoints', async (t) => {
  const targets = Array.from({ length: MAX_TARGETS }, (_, index) => target(`host-${index}.example.com`))
  const token = `${'0'.repeat(36)}-19-3`
  const script = probeScript({ token, targets, sourceAddressUrl: 'https://a.example.com/' })
  const output = answerProbe(script, {
    dnsServer: '10.1.0.4',
    sourceAddress: () => '20.1.2.3',
    reach: () => ({
      exit: 0,
      http: '200',
      address: '2001:0db8:1111:2222:3333:4444:5555:6666',
      issuer: 'x'.repeat(80),
    }),
  })
  const parsed = parseOutput(message(output ?? ''), token, targets)
  t.match(parsed, { isReadable: true, isComplete: false, dnsServer: '10.1.0.4', sourceAddress: '20.1.2.3' })
  t.equal(parsed.isReadable && parsed.readings[0]?.outcome, 'reached', 'the API server')
  t.equal(parsed.isReadable && parsed.readings.at(-1)?.outcome, 'unknown')
})

for (const [address, outcome] of [
  ['127.0.0.1', 'dnsFailed'],
  ['0.0.0.0', 'dnsFailed'],
  ['::', 'dnsFailed'],
  ['::1', 'dnsFailed'],
  ['169.254.169.254', 'unknown'],
  ['168.63.129.16', 'unknown'],
  ['fe80::1', 'unknown'],
  ['::ffff:10.0.0.1', 'unknown'],
] as const)
  t.test(`names of the request that resolve to ${address} are not called`, async (t) => {
    const env = standIns(t.testdir({}))
    const bin = join(env.AKS_PROBE_ROOT ?? '', 'bin')
    const called = join(bin, 'called')
    writeFileSync(join(bin, 'getent'), `#!/bin/sh\necho "${address} STREAM x"\n`)
    renameSync(join(bin, 'curl'), join(bin, 'real-curl'))
    writeFileSync(
      join(bin, 'curl'),
      `#!/bin/sh\necho "$*" >>'${called}'\nexec '${join(bin, 'real-curl')}' "$@"\n`,
      { mode: 0o755 },
    )
    const own = [target('mcr.example.com', { origin: 'requested' }), target('mcr.example.com')]
    const script = probeScript({ token: 'a', targets: own, sourceAddressUrl: 'https://ip.example.com/' })
    const output = execFileSync(SHELL, ['-u', '-c', script], { env, encoding: 'utf8' })
    t.match(parseOutput(message(output), 'a', own), {
      sourceAddress: null,
      readings: [{ outcome, address }, { outcome: 'reached' }],
    })
    const calls = readFileSync(called, 'utf8')
    t.match(calls, 'https://mcr.example.com')
    t.notMatch(calls, 'https://ip.example.com/')
    t.equal(calls.split('\n').length, 2, 'the required endpoint only')
  })

t.test(
  'a node without the programs of the script shows nothing, and an authority without a name its organization',
  async (t) => {
    const env = { ...standIns(t.testdir({})) }
    const bin = join(env.AKS_PROBE_ROOT ?? '', 'bin')
    const own = [target('mcr.example.com')]
    const script = probeScript({ token: 'a', targets: own, sourceAddressUrl: null })
    const run = (PATH: string) =>
      parseOutput(
        message(execFileSync(SHELL, ['-u', '-c', script], { env: { ...env, PATH }, encoding: 'utf8' })),
        'a',
        own,
      )
    t.match(run(bin), { isReadable: true, readings: [{ outcome: 'unknown' }] }, 'no timeout on the PATH')
    writeFileSync(
      join(bin, 'openssl'),
      '#!/bin/sh\ncase "$1" in x509) cat;; *) echo "issuer=O=Zscaler Inc.,OU=CA,C=US";; esac\n',
    )
    t.match(run(String(env.PATH)), { readings: [{ outcome: 'reached', issuer: 'Zscaler Inc.' }] })
  },
)

t.test('reads an IPv4 address in IPv6 form, and no impossible duration', async (t) => {
  const parsed = (source: string, total: string) =>
    parseOutput(
      message(
        `aks-egress-probe/1 begin a\n0|0|200|203.0.113.9|0.01|${total}|\nS|${source}\naks-egress-probe/1 end a\n`,
      ),
      'a',
      [target('a.example.com')],
    )
  t.match(parsed('::ffff:20.1.2.3', '0.5'), { sourceAddress: '20.1.2.3', readings: [{ milliseconds: 500 }] })
  t.match(parsed('2001:db8::1', '-5'), { sourceAddress: '2001:db8::1', readings: [{ milliseconds: null }] })
  t.match(parsed('nonsense', '1e300'), { sourceAddress: null, readings: [{ milliseconds: null }] })
})

t.test('truncated output keeps the complete lines only', async (t) => {
  const targets = Array.from({ length: 12 }, (_, index) => target(`host-${index}.example.com`))
  const lines = targets.map((_, index) => `${index}|0|200|203.0.113.9|0.010|0.020|Issuer`)
  const whole = `aks-egress-probe/1 begin a\n${lines.join('\n')}\naks-egress-probe/1 end a\n`
  // From inside line 10: what remains of it looks like line 0.
  const cut = whole.slice(whole.indexOf('10|0|') + 1)
  const parsed = parseOutput(message(cut), 'a', targets)
  const outcomes = parsed.isReadable ? parsed.readings.map(({ outcome }) => outcome) : []
  t.strictSame(outcomes, [...Array(11).fill('unknown'), 'reached'])
  t.match(parsed, { isComplete: false })
})

t.test('output of something else, of another run, and garbage shows nothing', async (t) => {
  const parsed = (text: string) => parseOutput(text, 'mine', TARGETS)
  const other = 'aks-egress-probe/1 begin other\n0|0|200|1.2.3.4|1|1|\naks-egress-probe/1 end other\n'
  for (const text of ['', 'Enable failed: x', message('hello'), message(other), other])
    t.match(parsed(text), { isReadable: false }, JSON.stringify(text))
  fc.assert(
    fc.property(fc.string({ unit: anyCharacter, maxLength: 300 }), (garbage) => {
      const result = parsed(message(`aks-egress-probe/1 begin mine\n${garbage}\naks-egress-probe/1 end mine`))
      return result.isReadable && result.readings.length === TARGETS.length
    }),
    { numRuns: propertyRuns() },
  )
})

const INJECTIONS = [
  "'; touch /tmp/x; '",
  '$(id)',
  '`id`',
  '"; id; "',
  'a\nid',
  'a\r\nid',
  '\\',
  "\\'",
  '-o/etc/passwd',
  '$IFS$9id',
  '*',
  '~',
  `$${'{PATH}'}`,
  "a'b'c",
  '|id',
  '&',
  '\t',
  '#',
]

t.test('a shell reads any quoted text literally', async (t) => {
  const script = `printf '%s\\n' ${INJECTIONS.map(quote).join(' ')}`
  for (const shell of SHELLS)
    t.equal(execFileSync(shell, ['-c', script], { encoding: 'utf8' }), `${INJECTIONS.join('\n')}\n`, shell)
})

t.test('no text with a meaning in a shell gets into a script', async (t) => {
  for (const text of INJECTIONS) {
    for (const url of [
      `https://${text}.example.com/`,
      `https://example.com/${text}`,
      `https://example.com:${text}/`,
    ]) {
      if (/^[a-z0-9.:/_~-]*$/i.test(url)) continue
      t.type(rejectedProbeUrl(url), 'string', url)
    }
    t.throws(
      () => probeScript({ token: 'a', targets: [target(`a${text}.example.com`)], sourceAddressUrl: null }),
      text,
    )
    t.throws(
      () =>
        probeScript({
          token: 'a',
          targets: [target('a.example.com', { proxy: `http://p${text}:1` })],
          sourceAddressUrl: null,
        }),
      text,
    )
    t.notOk(isSafeTarget(target(`p${text}`, { origin: 'httpProxy' })))
    t.throws(() => probeScript({ token: text, targets: [], sourceAddressUrl: null }), text)
    t.notOk(isSafeTarget(target('example.com', { path: `/${text}?` })))
    t.throws(
      () => probeScript({ token: 'a', targets: [], sourceAddressUrl: `https://example.com/?${text}` }),
      text,
    )
  }
})

t.test('rejects URLs of local networks, of addresses, and without https', async (t) => {
  const urls = [
    'http://example.com/',
    'https://127.0.0.1/',
    'https://[::1]/',
    'https://169.254.169.254/metadata',
    'https://2130706433/',
    'https://0x7f.1/',
    'https://localhost/',
    'https://a.localhost/',
    'https://single/',
    'https://db.internal/',
    'https://u:p@example.com/',
    'https://example.com/?code=secret',
    'ftp://example.com',
    'no url',
  ]
  for (const url of urls) t.type(rejectedProbeUrl(url), 'string', url)
  t.equal(rejectedProbeUrl('https://example.com:8443/health'), null)
})
