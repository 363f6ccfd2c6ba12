import type { Test } from 'tap'
import { startIssuer, unsigned } from '../../routes/auth/issuer.ts'
import { PEOPLE } from '../callers.ts'

/** The header `Authorization` of each caller; none of nobody. */
export type Tokens = ReadonlyMap<string, string>

/** An issuer on loopback, and a token of everybody who calls. */
export async function issueTokens(t: Test, tls: { key: string; cert: string }) {
  const issuer = await startIssuer(t, tls)
  const sign = await issuer.addKey('one')
  const bearer = async (claims: object, expires: string | number = '5h') =>
    `Bearer ${await sign({ ...claims }, expires)}`
  const people = PEOPLE.map(async ({ name, oid, grants }) => {
    const claims = { oid, scp: grants.join(' '), preferred_username: `${name}@example.com` }
    return [name, await bearer(claims)] as const
  })
  const tokens: Tokens = new Map([
    ...(await Promise.all(people)),
    ['expired', await bearer({ scp: 'Egress.Read' }, 1_700_000_000)],
    ['unsigned', `Bearer ${unsigned({ scp: 'Egress.Read' })}`],
    ['garbled', 'Bearer a.b.c'],
  ])
  return { authority: issuer.authority, tokens }
}
