import { errors, jwtVerify } from 'jose'
import { Refusal } from '../../core/refusal.ts'
import type { Authenticate } from './caller.ts'
import { callerOfClaims } from './caller-of-claims.ts'
import { KeySet, KeysUnreachable } from './key-set.ts'

export interface EntraOptions {
  tenantId: string
  /** The application (client) id of this service's registration, or its application id URI. */
  audience: string
  /** Where tokens and keys come from; the public cloud's by default. */
  authority?: string
  /** Milliseconds from any beginning, for the age of keys. */
  now?: () => number
}

export const PUBLIC_AUTHORITY = 'https://login.microsoftonline.com'
/** Clocks of caller and service may differ by this much, in seconds. */
const CLOCK_TOLERANCE_SECONDS = 60
/** What Entra signs with. A closed list: `none` and the symmetric algorithms make a public key a password. */
const ALGORITHMS = ['RS256']

/**
 * Verifies access tokens of Microsoft Entra ID, versions 1 and 2: signature by the tenant's published keys,
 * algorithm, issuer, audience, tenant and times. Nothing is fetched before the first token comes.
 */
export function createEntraAuthentication(options: EntraOptions): Authenticate {
  const authority = (options.authority ?? PUBLIC_AUTHORITY).replace(/\/$/, '')
  const tenantId = options.tenantId.toLowerCase()
  const keys = new KeySet(`${authority}/${tenantId}/discovery/v2.0/keys`, options.now)
  const rules = {
    algorithms: ALGORITHMS,
    audience: [options.audience, `api://${options.audience}`],
    issuer: [`${authority}/${tenantId}/v2.0`, `https://sts.windows.net/${tenantId}/`],
    clockTolerance: CLOCK_TOLERANCE_SECONDS,
    requiredClaims: ['exp', 'iat'],
  }
  return async (authorization) => {
    const token = bearerToken(authorization)
    try {
      const { payload } = await jwtVerify(token, keys.get, rules)
      return callerOfClaims(payload, tenantId)
    } catch (error) {
      throw refusalOf(error)
    }
  }
}

function bearerToken(authorization: string | undefined): string {
  const [, token] = /^Bearer ([\w.~+/-]+=*)$/i.exec(authorization ?? '') ?? []
  if (token === undefined) throw new Refusal('AUTHENTICATION_REQUIRED')
  return token
}

/** The reason is said in one word: enough to mend a client, nothing that helps to forge a token. */
function refusalOf(error: unknown): unknown {
  if (error instanceof KeysUnreachable) return new Refusal('IDENTITY_PROVIDER_UNREACHABLE', {}, [], error)
  if (error instanceof errors.JWTExpired)
    return new Refusal('TOKEN_INVALID', { reason: 'expired' }, [], error)
  if (error instanceof errors.JWTClaimValidationFailed)
    return new Refusal('TOKEN_INVALID', { reason: error.claim }, [], error)
  if (error instanceof errors.JOSEError)
    return new Refusal('TOKEN_INVALID', { reason: 'signature' }, [], error)
  return error
}
