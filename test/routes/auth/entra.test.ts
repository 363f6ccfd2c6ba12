import { exportJWK, generateKeyPair, SignJWT } from 'jose'
import t from 'tap'
import { createEntraAuthentication } from '../../../src/routes/auth/entra.ts'
import { AUDIENCE, CLIENT, startIssuer, TENANT, USER, unsigned } from '../support/issuer.ts'

const SECOND_MS = 1_000
const HOUR_MS = 3_600_000

/** The code and reason of the rejection of a token. */
async function refusal(attempt: Promise<unknown>): Promise<string> {
  try {
    await attempt
    return 'let through'
  } catch (error) {
    const { code, facts } = error as { code: string; facts: { reason?: string } }
    return [code, facts.reason].filter(Boolean).join(' ')
  }
}

t.test('takes app roles of an application and scopes of a user', async (t) => {
  const issuer = await startIssuer(t)
  const sign = await issuer.addKey('one')
  const app = await issuer.authenticate(`Bearer ${await sign({ roles: ['Egress.Plan', 'Other'] })}`)
  t.match(app, { id: USER, kind: 'application', name: CLIENT, appId: CLIENT, groups: [] })
  t.strictSame([...app.grants], ['Egress.Plan'], 'what is not a grant of this service is nothing here')
  const user = await issuer.authenticate(
    `bearer ${await sign({ scp: 'Egress.Read openid', preferred_username: 'ann', groups: ['g'] })}`,
  )
  t.match(user, { id: USER, kind: 'user', name: 'ann', appId: CLIENT, groups: ['g'], groupsMissing: false })
  t.strictSame([...user.grants], ['Egress.Read'])
  const first = await sign({
    iss: `https://sts.windows.net/${TENANT}/`,
    aud: `api://${AUDIENCE}`,
    azp: undefined,
    appid: CLIENT,
  })
  await t.resolves(issuer.authenticate(`Bearer ${first}`), 'version 1 tokens too')
})

/** The issuers of tokens by cloud: version 2, then version 1. */
const ISSUERS: Record<string, [authorities: string[], issuers: string[]]> = {
  'the public cloud': [
    ['https://login.microsoftonline.com'],
    ['https://login.microsoftonline.com/TENANT/v2.0', 'https://sts.windows.net/TENANT/'],
  ],
  'Azure Government': [
    ['https://login.microsoftonline.us', 'https://login.microsoftonline.us/'],
    ['https://login.microsoftonline.us/TENANT/v2.0', 'https://sts.windows.net/TENANT/'],
  ],
  'Azure operated by 21Vianet': [
    ['https://login.chinacloudapi.cn', 'https://login.partner.microsoftonline.cn/'],
    ['https://login.partner.microsoftonline.cn/TENANT/v2.0', 'https://sts.chinacloudapi.cn/TENANT/'],
  ],
}

for (const [cloud, [authorities, issuers]] of Object.entries(ISSUERS))
  t.test(`takes the tokens of ${cloud} and of no other cloud`, async (t) => {
    const { publicKey, privateKey } = await generateKeyPair('RS256')
    const keys = JSON.stringify({ keys: [{ ...(await exportJWK(publicKey)), kid: 'one' }] })
    const asked: string[] = []
    t.intercept(globalThis, 'fetch', {
      value: async (url: string) => {
        asked.push(url)
        return new Response(keys)
      },
    })
    const sign = (iss: string) =>
      new SignJWT({ tid: TENANT, iss: iss.replace('TENANT', TENANT), aud: AUDIENCE, oid: USER, azp: CLIENT })
        .setProtectedHeader({ alg: 'RS256', kid: 'one' })
        .setIssuedAt()
        .setExpirationTime('5m')
        .sign(privateKey)
    for (const authority of authorities) {
      const authenticate = createEntraAuthentication({ tenantId: TENANT, audience: AUDIENCE, authority })
      for (const issuer of Object.values(ISSUERS).flatMap(([, all]) => all)) {
        const outcome = await refusal(authenticate(`Bearer ${await sign(issuer)}`))
        t.equal(
          outcome,
          issuers.includes(issuer) ? 'let through' : 'TOKEN_INVALID iss',
          `${authority}: ${issuer}`,
        )
      }
      t.ok(
        asked.includes(`${authority.replace(/\/$/, '')}/${TENANT}/discovery/v2.0/keys`),
        'keys of the authority',
      )
    }
  })

t.test('of a user with roles only those count that the client was lent as scopes', async (t) => {
  const issuer = await startIssuer(t)
  const sign = await issuer.addKey('one')
  const grants = async (claims: object) => [
    ...(await issuer.authenticate(`Bearer ${await sign({ ...claims })}`)).grants,
  ]
  const roles = ['Egress.Read', 'Egress.Execute']
  t.strictSame(await grants({ roles, scp: 'Egress.Read Egress.Plan' }), ['Egress.Read'])
  t.strictSame(await grants({ roles, scp: 'Egress.Plan' }), [], 'nothing in common is nothing')
  t.strictSame(await grants({ roles, scp: 'user_impersonation' }), roles, 'a scope that says nothing here')
})

t.test(
  'a user without a role has the permissions of the scopes, or none if roles are required',
  async (t) => {
    const issuer = await startIssuer(t)
    const sign = await issuer.addKey('one')
    const grants = async (userRoles: 'optional' | 'required', claims: object) => {
      const authenticate = issuer.authenticating({ userRoles })
      return [...(await authenticate(`Bearer ${await sign({ ...claims })}`)).grants]
    }
    const read = ['Egress.Read']
    for (const userRoles of ['optional', 'required'] as const) {
      t.strictSame(await grants(userRoles, { roles: read, scp: 'Egress.Read Egress.Execute' }), read)
      t.strictSame(await grants(userRoles, { roles: read, scp: 'user_impersonation' }), read)
      t.strictSame(await grants(userRoles, { roles: read }), read, 'an application has roles only')
    }
    t.strictSame(await grants('optional', { scp: 'Egress.Read' }), read)
    t.strictSame(await grants('required', { scp: 'Egress.Read' }), [])
    t.strictSame(await grants('required', { scp: 'Egress.Read', roles: ['Other'] }), [])
  },
)

t.test('normalizes the letter case of object IDs in tokens', async (t) => {
  const issuer = await startIssuer(t)
  const sign = await issuer.addKey('one')
  const oid = 'ABCDEF00-4444-4444-4444-44444444AAAA'
  t.equal((await issuer.authenticate(`Bearer ${await sign({ oid })}`)).id, oid.toLowerCase())
  t.equal((await issuer.authenticate(`Bearer ${await sign({ oid: undefined, sub: 'Ab' })}`)).id, 'Ab')
})

t.test('knows that there are more groups than the token holds', async (t) => {
  const issuer = await startIssuer(t)
  const sign = await issuer.addKey('one')
  const missing = async (claims: object) =>
    (await issuer.authenticate(`Bearer ${await sign({ ...claims })}`)).groupsMissing
  t.equal(await missing({ _claim_names: { groups: 'src1' }, _claim_sources: { src1: {} } }), true)
  t.equal(await missing({ hasgroups: true }), true)
  t.equal(await missing({ hasgroups: 'true' }), true)
  t.equal(await missing({ _claim_names: { other: 'src1' } }), false)
  t.equal(await missing({}), false)
})

t.test('removes control characters from a name, and truncates it to 200 characters', async (t) => {
  const issuer = await startIssuer(t)
  const sign = await issuer.addKey('one')
  const token = await sign({ scp: 'Egress.Read', preferred_username: `a\u0000n\nn${'x'.repeat(500)}` })
  const { name } = await issuer.authenticate(`Bearer ${token}`)
  t.match(name, /^annx+$/)
  t.equal(name.length, 200)
})

t.test('rejects an invalid access token', async (t) => {
  const issuer = await startIssuer(t)
  const sign = await issuer.addKey('one')
  const other = await issuer.addKey('two', 'RS512')
  const elliptic = await issuer.addKey('three', 'ES256')
  const foreign = await generateKeyPair('RS256')
  const forged = await new SignJWT({ aud: AUDIENCE })
    .setProtectedHeader({ alg: 'RS256', kid: 'one' })
    .setIssuedAt()
    .setExpirationTime('5m')
    .sign(foreign.privateKey)
  const symmetric = await new SignJWT({ aud: AUDIENCE })
    .setProtectedHeader({ alg: 'HS256', kid: 'one' })
    .setIssuedAt()
    .setExpirationTime('5m')
    .sign(new TextEncoder().encode('a secret that is long enough for HS256'))
  const soon = Math.floor(Date.now() / 1000) + 300
  const cases: [string, string | undefined, string][] = [
    ['no header', undefined, 'AUTHENTICATION_REQUIRED'],
    ['another scheme', 'Basic abc', 'AUTHENTICATION_REQUIRED'],
    ['no token', 'Bearer ', 'AUTHENTICATION_REQUIRED'],
    ['not a token', 'Bearer abc', 'TOKEN_INVALID signature'],
    ['alg none', `Bearer ${unsigned({ sub: 'x', aud: AUDIENCE })}`, 'TOKEN_INVALID signature'],
    ['another key', `Bearer ${forged}`, 'TOKEN_INVALID signature'],
    ['a symmetric algorithm', `Bearer ${symmetric}`, 'TOKEN_INVALID signature'],
    ['another algorithm', `Bearer ${await other({})}`, 'TOKEN_INVALID signature'],
    ['a published key of another kind', `Bearer ${await elliptic({})}`, 'TOKEN_INVALID signature'],
    ['expired', `Bearer ${await sign({}, '-2m')}`, 'TOKEN_INVALID expired'],
    ['not valid yet', `Bearer ${await sign({ nbf: soon })}`, 'TOKEN_INVALID nbf'],
    ['issued in the future', `Bearer ${await sign({ iat: soon })}`, 'TOKEN_INVALID iat'],
    ['parts of seconds', `Bearer ${await sign({ iat: 1.5 })}`, 'TOKEN_INVALID iat'],
    ['a date that is no number', `Bearer ${await sign({ nbf: 'x' as never })}`, 'TOKEN_INVALID nbf'],
    ['no end', `Bearer ${await issuer.signJson('one', '"exp":1e999')}`, 'TOKEN_INVALID exp'],
    ['an end beyond all dates', `Bearer ${await issuer.signJson('one', '"exp":1e300')}`, 'TOKEN_INVALID exp'],
    ['another audience', `Bearer ${await sign({ aud: 'somebody-else' })}`, 'TOKEN_INVALID aud'],
    ['another issuer', `Bearer ${await sign({ iss: 'https://evil.example/' })}`, 'TOKEN_INVALID iss'],
    ['another tenant', `Bearer ${await sign({ tid: 'other' })}`, 'TOKEN_INVALID tenant'],
    ['no tenant', `Bearer ${await sign({ tid: undefined })}`, 'TOKEN_INVALID tenant'],
    ['nobody', `Bearer ${await sign({ oid: undefined })}`, 'TOKEN_INVALID oid'],
    ['an ID token', `Bearer ${await sign({ azp: undefined, roles: ['Egress.Read'] })}`, 'TOKEN_INVALID azp'],
  ]
  for (const [name, header, wanted] of cases)
    t.equal(await refusal(issuer.authenticate(header)), wanted, name)
})

t.test('allows a minute between the clocks and no more', async (t) => {
  const issuer = await startIssuer(t)
  const sign = await issuer.addKey('one')
  const now = Math.floor(Date.now() / 1000)
  const late = async (seconds: number) =>
    refusal(issuer.authenticate(`Bearer ${await sign({}, now - seconds)}`))
  t.equal(await late(30), 'let through')
  t.equal(await late(90), 'TOKEN_INVALID expired')
  const early = async (seconds: number) =>
    refusal(issuer.authenticate(`Bearer ${await sign({ nbf: now + seconds })}`))
  t.equal(await early(30), 'let through')
  t.equal(await early(90), 'TOKEN_INVALID nbf')
})

t.test('fetches the keys once for many tokens, including simultaneous ones', async (t) => {
  const issuer = await startIssuer(t)
  const sign = await issuer.addKey('one')
  const tokens = await Promise.all(Array.from({ length: 5 }, () => sign({})))
  await Promise.all(tokens.map((token) => issuer.authenticate(`Bearer ${token}`)))
  for (const token of tokens) await issuer.authenticate(`Bearer ${token}`)
  t.equal(issuer.fetches(), 1)
})

t.test('follows a rotation of keys and limits requests for keys', async (t) => {
  const issuer = await startIssuer(t)
  const old = await issuer.addKey('one')
  await issuer.authenticate(`Bearer ${await old({})}`)
  issuer.clear()
  const fresh = await issuer.addKey('two')
  const rotated = `Bearer ${await fresh({})}`
  t.equal(await refusal(issuer.authenticate(rotated)), 'TOKEN_INVALID signature', 'asked just before')
  t.equal(issuer.fetches(), 1)
  issuer.clock.ms += 30 * SECOND_MS
  t.equal(await refusal(issuer.authenticate(rotated)), 'let through')
  t.equal(await refusal(issuer.authenticate(`Bearer ${await old({})}`)), 'TOKEN_INVALID signature')
  for (let i = 0; i < 5; i++)
    await refusal(issuer.authenticate(`Bearer ${await fresh({}, '5m', { kid: `unknown-${i}` })}`))
  t.equal(issuer.fetches(), 2)
})

t.test('reports an unreachable key server, and not an invalid token', async (t) => {
  const issuer = await startIssuer(t)
  const sign = await issuer.addKey('one')
  const token = await sign({})
  for (const answer of ['error', 'nonsense'] as const) {
    issuer.answerWith(answer)
    t.equal(await refusal(issuer.authenticate(`Bearer ${token}`)), 'IDENTITY_PROVIDER_UNREACHABLE', answer)
  }
  issuer.server.closeAllConnections()
  await new Promise((resolve) => issuer.server.close(resolve))
  t.equal(await refusal(issuer.authenticate(`Bearer ${token}`)), 'IDENTITY_PROVIDER_UNREACHABLE')
})

t.test('continues with its cached keys for a day while the key server is unavailable', async (t) => {
  const issuer = await startIssuer(t)
  const sign = await issuer.addKey('one')
  const token = `Bearer ${await sign({})}`
  await issuer.authenticate(token)
  issuer.answerWith('error')
  for (let hour = 1; hour <= 24; hour++) {
    issuer.clock.ms = hour * HOUR_MS
    t.equal(await refusal(issuer.authenticate(token)), 'let through', `after ${hour} hours`)
  }
  const unknown = `Bearer ${await sign({}, '5m', { kid: 'new' })}`
  t.equal(
    await refusal(issuer.authenticate(unknown)),
    'IDENTITY_PROVIDER_UNREACHABLE',
    'a key that may be new',
  )
  issuer.clock.ms = 24 * HOUR_MS + SECOND_MS
  t.equal(await refusal(issuer.authenticate(token)), 'IDENTITY_PROVIDER_UNREACHABLE', 'after more than a day')
  issuer.answerWith('keys')
  t.equal(await refusal(issuer.authenticate(token)), 'let through', 'and again when it is back')
})
