import { createRemoteJWKSet, errors, type JWTPayload, jwtVerify } from 'jose'
import { Refusal } from '../../core/refusal.ts'
import type { Authenticate, Caller } from './caller.ts'

export interface EntraOptions {
  tenantId: string
  /** The application (client) id of this service's registration, or its application id URI. */
  audience: string
  /** Where tokens and keys come from; the public cloud's by default. */
  authority?: string
}

const PUBLIC_AUTHORITY = 'https://login.microsoftonline.com'
/** Clocks of caller and service may differ by this much, in seconds. */
const CLOCK_TOLERANCE_SECONDS = 60
/** A key server that does not answer must not hold requests for long, in milliseconds. */
const KEY_TIMEOUT_MS = 5_000

/**
 * Verifies access tokens of Microsoft Entra ID, versions 1 and 2: signature by the tenant's published keys,
 * algorithm, issuer, audience and times. Nothing is fetched before the first token comes.
 */
export function createEntraAuthentication(options: EntraOptions): Authenticate {
  const authority = (options.authority ?? PUBLIC_AUTHORITY).replace(/\/$/, '')
  const keys = createRemoteJWKSet(new URL(`${authority}/${options.tenantId}/discovery/v2.0/keys`), {
    timeoutDuration: KEY_TIMEOUT_MS,
  })
  const rules = {
    algorithms: ['RS256'],
    audience: [options.audience, `api://${options.audience}`],
    issuer: [`${authority}/${options.tenantId}/v2.0`, `https://sts.windows.net/${options.tenantId}/`],
    clockTolerance: CLOCK_TOLERANCE_SECONDS,
    requiredClaims: ['exp', 'iat'],
  }
  return async (authorization) => {
    const token = bearerToken(authorization)
    try {
      const { payload } = await jwtVerify(token, keys, rules)
      return callerOf(payload, options.tenantId)
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

function callerOf(payload: JWTPayload, tenantId: string): Caller {
  if (payload.tid !== undefined && payload.tid !== tenantId)
    throw new Refusal('TOKEN_INVALID', { reason: 'tenant' })
  const names = [payload.preferred_username, payload.upn, payload.azp, payload.appid, payload.sub]
  const roles = Array.isArray(payload.roles) ? payload.roles.map(String) : []
  const scopes = typeof payload.scp === 'string' ? payload.scp.split(' ') : []
  return {
    name: String(names.find((each) => typeof each === 'string') ?? 'unknown'),
    grants: new Set([...roles, ...scopes]),
  }
}

/** The reason is said in one word: enough to mend a client, nothing that helps to forge a token. */
function refusalOf(error: unknown): Refusal {
  if (error instanceof Refusal) return error
  if (error instanceof errors.JWTExpired)
    return new Refusal('TOKEN_INVALID', { reason: 'expired' }, [], error)
  if (error instanceof errors.JWTClaimValidationFailed)
    return new Refusal('TOKEN_INVALID', { reason: error.claim }, [], error)
  if (error instanceof errors.JWKSTimeout || !(error instanceof errors.JOSEError))
    return new Refusal('IDENTITY_PROVIDER_UNREACHABLE', {}, [], error)
  return new Refusal('TOKEN_INVALID', { reason: 'signature' }, [], error)
}
