import { createServer, type RequestListener } from 'node:http'
import { createServer as createTlsServer } from 'node:https'
import { CompactSign, exportJWK, generateKeyPair, type JWTPayload, SignJWT } from 'jose'
import type { Test } from 'tap'
import { createEntraAuthentication, type EntraOptions } from '../../../src/routes/auth/entra.ts'

export const TENANT = '22222222-2222-2222-2222-222222222222'
export const AUDIENCE = '33333333-3333-3333-3333-333333333333'
export const USER = '44444444-4444-4444-4444-444444444444'
export const CLIENT = '66666666-6666-6666-6666-666666666666'

/** Signs a token; what is not given is that of a sound token of a user. */
export type Sign = (claims: JWTPayload, expires?: string | number, header?: object) => Promise<string>

/** A key server on loopback with real keys, and a signer for each of them; over https with a certificate. */
export async function startIssuer(t: Test, tls: { key: string; cert: string } | null = null) {
  const keys: object[] = []
  const clock = { ms: 0 }
  let fetches = 0
  let answer: 'keys' | 'error' | 'nonsense' = 'keys'
  const publish: RequestListener = (_request, response) => {
    fetches++
    if (answer === 'error') response.writeHead(500).end()
    else response.end(answer === 'keys' ? JSON.stringify({ keys }) : '<html>')
  }
  const server = tls === null ? createServer(publish) : createTlsServer(tls, publish)
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
  t.teardown(() => server.close())
  const { port } = server.address() as { port: number }
  const authority = `${tls === null ? 'http' : 'https'}://127.0.0.1:${port}`
  const privateKeys = new Map<string, Awaited<ReturnType<typeof generateKeyPair>>['privateKey']>()
  /** A sound payload but for `member`, JSON text that no value would be written as. */
  const signJson = (kid: string, member: string): Promise<string> => {
    const iss = `${authority}/${TENANT}/v2.0`
    const claims = { tid: TENANT, iss, aud: AUDIENCE, oid: USER, azp: CLIENT, iat: 1 }
    const text = `${JSON.stringify(claims).slice(0, -1)},${member}}`
    const key = privateKeys.get(kid)
    if (key === undefined) throw new Error(`there is no key ${kid}`)
    return new CompactSign(new TextEncoder().encode(text)).setProtectedHeader({ alg: 'RS256', kid }).sign(key)
  }
  const addKey = async (kid: string, alg = 'RS256'): Promise<Sign> => {
    const { publicKey, privateKey } = await generateKeyPair(alg)
    privateKeys.set(kid, privateKey)
    keys.push({ ...(await exportJWK(publicKey)), kid, use: 'sig' })
    return (claims, expires = '5m', header = {}) =>
      new SignJWT({
        tid: TENANT,
        iss: `${authority}/${TENANT}/v2.0`,
        aud: AUDIENCE,
        oid: USER,
        azp: CLIENT,
        ...claims,
      })
        .setProtectedHeader({ alg, kid, ...header })
        .setIssuedAt(claims.iat)
        .setExpirationTime(expires)
        .sign(privateKey)
  }
  const now = () => clock.ms
  const authenticating = (options: Partial<EntraOptions> = {}) =>
    createEntraAuthentication({ tenantId: TENANT, audience: AUDIENCE, authority, now, ...options })
  return {
    authenticate: authenticating(),
    authenticating,
    addKey,
    signJson,
    /** Withdraws every key. */
    clear: () => void keys.splice(0),
    authority,
    clock,
    server,
    fetches: () => fetches,
    answerWith: (next: typeof answer) => {
      answer = next
    },
  }
}

/** A token without a signature, as `alg: none` has it. */
export function unsigned(claims: object): string {
  const part = (value: object) => Buffer.from(JSON.stringify(value)).toString('base64url')
  return `${part({ alg: 'none' })}.${part(claims)}.`
}
