import { createServer } from 'node:http'
import { exportJWK, generateKeyPair, type JWTPayload, SignJWT } from 'jose'
import t, { type Test } from 'tap'
import { createEntraAuthentication } from '../../../src/routes/auth/entra.ts'

const TENANT = '22222222-2222-2222-2222-222222222222'
const AUDIENCE = '33333333-3333-3333-3333-333333333333'

/** A key server on loopback with real keys, and a signer for each of them. */
async function startIssuer(t: Test) {
  const keys: object[] = []
  let fetches = 0
  const server = createServer((_request, response) => {
    fetches++
    response.setHeader('content-type', 'application/json').end(JSON.stringify({ keys }))
  })
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
  t.teardown(() => server.close())
  const { port } = server.address() as { port: number }
  const authority = `http://127.0.0.1:${port}`
  const addKey = async (kid: string) => {
    const { publicKey, privateKey } = await generateKeyPair('RS256')
    keys.push({ ...(await exportJWK(publicKey)), kid, alg: 'RS256', use: 'sig' })
    return (claims: JWTPayload, expires: string | number = '5m') =>
      new SignJWT({
        tid: TENANT,
        iss: `${authority}/${TENANT}/v2.0`,
        aud: AUDIENCE,
        sub: 'subject',
        ...claims,
      })
        .setProtectedHeader({ alg: 'RS256', kid })
        .setIssuedAt()
        .setExpirationTime(expires)
        .sign(privateKey)
  }
  const authenticate = createEntraAuthentication({ tenantId: TENANT, audience: AUDIENCE, authority })
  return { authenticate, addKey, server, fetches: () => fetches }
}

/** The code and reason of the refusal that a token meets. */
async function refusal(attempt: Promise<unknown>): Promise<string> {
  try {
    await attempt
    return 'let through'
  } catch (error) {
    const { code, facts } = error as { code: string; facts: { reason?: string } }
    return [code, facts.reason].filter(Boolean).join(' ')
  }
}

t.test('takes app roles and delegated scopes of a valid token', async (t) => {
  const issuer = await startIssuer(t)
  const sign = await issuer.addKey('one')
  const app = await issuer.authenticate(`Bearer ${await sign({ roles: ['Egress.Plan'], azp: 'the-bot' })}`)
  t.strictSame([app.name, [...app.grants]], ['the-bot', ['Egress.Plan']])
  const user = await issuer.authenticate(
    `bearer ${await sign({ scp: 'Egress.Read openid', preferred_username: 'ann' })}`,
  )
  t.strictSame([user.name, [...user.grants]], ['ann', ['Egress.Read', 'openid']])
  const first = await sign({ iss: `https://sts.windows.net/${TENANT}/`, aud: `api://${AUDIENCE}` })
  await t.resolves(issuer.authenticate(`Bearer ${first}`), 'version 1 tokens too')
})

t.test('refuses what is not a valid token of this tenant for this service', async (t) => {
  const issuer = await startIssuer(t)
  const sign = await issuer.addKey('one')
  const foreign = await generateKeyPair('RS256')
  const unsigned =
    `${btoa('{"alg":"none"}')}.${btoa(JSON.stringify({ sub: 'x', aud: AUDIENCE }))}.`.replaceAll('=', '')
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
  const cases: [string, string | undefined, string][] = [
    ['no header', undefined, 'AUTHENTICATION_REQUIRED'],
    ['another scheme', 'Basic abc', 'AUTHENTICATION_REQUIRED'],
    ['no token', 'Bearer ', 'AUTHENTICATION_REQUIRED'],
    ['not a token', 'Bearer abc', 'TOKEN_INVALID signature'],
    ['alg none', `Bearer ${unsigned}`, 'TOKEN_INVALID signature'],
    ['another key', `Bearer ${forged}`, 'TOKEN_INVALID signature'],
    ['a symmetric algorithm', `Bearer ${symmetric}`, 'TOKEN_INVALID signature'],
    ['expired', `Bearer ${await sign({}, '-2m')}`, 'TOKEN_INVALID expired'],
    ['another audience', `Bearer ${await sign({ aud: 'somebody-else' })}`, 'TOKEN_INVALID aud'],
    ['another issuer', `Bearer ${await sign({ iss: 'https://evil.example/' })}`, 'TOKEN_INVALID iss'],
    ['another tenant', `Bearer ${await sign({ tid: 'other' })}`, 'TOKEN_INVALID tenant'],
  ]
  for (const [name, header, wanted] of cases)
    t.equal(await refusal(issuer.authenticate(header)), wanted, name)
})

t.test('allows a minute between the clocks and no more', async (t) => {
  const issuer = await startIssuer(t)
  const sign = await issuer.addKey('one')
  const now = Math.floor(Date.now() / 1000)
  t.equal(await refusal(issuer.authenticate(`Bearer ${await sign({}, now - 30)}`)), 'let through')
  t.equal(await refusal(issuer.authenticate(`Bearer ${await sign({}, now - 90)}`)), 'TOKEN_INVALID expired')
})

t.test('fetches the keys once for many tokens', async (t) => {
  const issuer = await startIssuer(t)
  const sign = await issuer.addKey('one')
  for (let i = 0; i < 5; i++) await issuer.authenticate(`Bearer ${await sign({})}`)
  t.equal(issuer.fetches(), 1)
})

t.test('says that the key server is out of reach, not that the token is bad', async (t) => {
  const issuer = await startIssuer(t)
  const sign = await issuer.addKey('one')
  const token = await sign({})
  issuer.server.closeAllConnections()
  await new Promise((resolve) => issuer.server.close(resolve))
  t.equal(await refusal(issuer.authenticate(`Bearer ${token}`)), 'IDENTITY_PROVIDER_UNREACHABLE')
})
