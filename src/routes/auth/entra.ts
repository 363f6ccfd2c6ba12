import { createLocalJWKSet, errors, type JWTPayload, type JWTVerifyGetKey, jwtVerify } from 'jose'
import { DomainError } from '../../core/lib/errors.ts'
import { GRANTS } from '../operation.ts'
import type { Authenticate, Caller } from './caller.ts'

const MAX_NAME_LENGTH = 200
/** Control characters and lone surrogates, which names and logs must not contain. */
const UNSAFE_CHARACTERS = /[\p{Cc}\p{Cs}]/gu

/** Whether a user needs an app role, or whether the scopes of a client are enough. */
export type UserRoles = 'required' | 'optional'

/**
 * The caller behind the verified claims of an access token of Entra ID, version 1 or 2
 * (learn.microsoft.com/entra/identity-platform/access-token-claims-reference). Throws `TOKEN_INVALID` if a claim is
 * missing that every such token has.
 */
export function toCaller(claims: JWTPayload, tenantId: string, userRoles: UserRoles = 'optional'): Caller {
  if (stringClaim(claims.tid)?.toLowerCase() !== tenantId)
    throw new DomainError('TOKEN_INVALID', { reason: 'tenant' })
  // A GUID in one spelling, so that everything kept under it is found; `sub` is case-sensitive.
  const id = stringClaim(claims.oid)?.toLowerCase() ?? stringClaim(claims.sub)
  if (id === null) throw new DomainError('TOKEN_INVALID', { reason: 'oid' })
  // ID tokens have neither: they prove who signed in to a client, not that the client may call this service.
  const appId = stringClaim(claims.azp) ?? stringClaim(claims.appid)
  if (appId === null) throw new DomainError('TOKEN_INVALID', { reason: 'azp' })
  const isUser = stringClaim(claims.scp) !== null || claims.idtyp === 'user'
  const names = isUser
    ? [claims.preferred_username, claims.upn, claims.unique_name, claims.name]
    : [claims.app_displayname]
  const name = [...names.map(stringClaim), isUser ? id : appId].find((value) => value !== null) ?? id
  return {
    id: sanitize(id),
    kind: isUser ? 'user' : 'application',
    name: sanitize(name),
    appId: sanitize(appId),
    grants: toGrants(claims, isUser ? userRoles : 'optional'),
    groups: stringListClaim(claims.groups),
    groupsMissing: hasGroupsOverage(claims),
  }
}

/**
 * The permissions from app roles or scopes. A token with both belongs to a user who calls through a client. Then both
 * must contain the permission: otherwise, a read-only client could do everything that its user may do. If users must
 * have roles, the scopes of a client alone grant nothing, because they are the same for every user of the client.
 */
function toGrants(claims: JWTPayload, userRoles: UserRoles): Set<string> {
  const known: readonly string[] = GRANTS
  const roles = stringListClaim(claims.roles).filter((grant) => known.includes(grant))
  const scopes = (stringClaim(claims.scp) ?? '').split(' ').filter((grant) => known.includes(grant))
  if (roles.length === 0 && userRoles === 'required') return new Set()
  if (roles.length === 0 || scopes.length === 0) return new Set([...roles, ...scopes])
  return new Set(roles.filter((grant) => scopes.includes(grant)))
}

/** For more than 200 groups, the token contains only a link to the groups, or a flag. */
function hasGroupsOverage(claims: JWTPayload): boolean {
  const elsewhere = claims._claim_names
  if (typeof elsewhere === 'object' && elsewhere !== null && 'groups' in elsewhere) return true
  return claims.hasgroups === true || claims.hasgroups === 'true'
}

function stringClaim(claim: unknown): string | null {
  return typeof claim === 'string' && claim !== '' ? claim : null
}

function stringListClaim(claim: unknown): string[] {
  return Array.isArray(claim) ? claim.filter((value) => typeof value === 'string') : []
}

function sanitize(name: string): string {
  return name.replace(UNSAFE_CHARACTERS, '').slice(0, MAX_NAME_LENGTH)
}

/** Thrown if the keys could not be read, so that the validity of the token is unknown. */
export class KeysUnreachableError extends Error {
  constructor(cause?: unknown) {
    super('the keys for verifying tokens could not be fetched', { cause })
    this.name = 'KeysUnreachableError'
  }
}

/** The time limit of a read of the keys, because a key server that does not respond must not delay requests for long. */
const TIMEOUT_MS = 5_000
/** The minimum time between two reads, even if tokens contain unknown key IDs. */
const MIN_FETCH_INTERVAL_MS = 30_000
/** Older keys are refreshed in the background, because Microsoft Entra ID publishes new keys long before it uses them. */
const REFRESH_AFTER_MS = 3_600_000
/**
 * While the server is unreachable, keys are valid for this long. The limit exists because a withdrawn key must
 * expire.
 */
const MAX_KEY_AGE_MS = 24 * 3_600_000

/** The published keys of a tenant: fetched when they are first needed, kept over outages, renewed on rotation. */
export class SigningKeys {
  readonly #url: string
  readonly #now: () => number
  #keys: ReturnType<typeof createLocalJWKSet> | null = null
  #fetchedAt = 0
  #askedAt = Number.NEGATIVE_INFINITY
  #isDown = false
  #pending: Promise<void> | null = null

  /** `now` returns milliseconds from any start. */
  constructor(url: string, now: () => number = () => performance.now()) {
    this.#url = url
    this.#now = now
  }

  /** The key for a token; rejects with `KeysUnreachableError` if the keys could not be read. */
  readonly get: JWTVerifyGetKey = async (header, token) => {
    const keys = await this.#known()
    try {
      return await keys(header, token)
    } catch (error) {
      if (!(error instanceof errors.JWKSNoMatchingKey)) throw error
      if (!this.#mayAsk()) throw this.#isDown ? new KeysUnreachableError() : error
      await this.#fetch()
      return await (await this.#known())(header, token)
    }
  }

  async #known(): Promise<ReturnType<typeof createLocalJWKSet>> {
    const age = this.#now() - this.#fetchedAt
    if (this.#keys === null || age > MAX_KEY_AGE_MS) await this.#fetch()
    // A failed read matters only if no valid keys are left.
    else if (age > REFRESH_AFTER_MS && this.#mayAsk()) this.#fetch().catch(() => {})
    if (this.#keys === null) throw new KeysUnreachableError()
    return this.#keys
  }

  #mayAsk(): boolean {
    return this.#now() - this.#askedAt >= MIN_FETCH_INTERVAL_MS
  }

  /** Simultaneous requests that need the keys share one fetch. */
  #fetch(): Promise<void> {
    this.#pending ??= this.#ask().finally(() => {
      this.#pending = null
    })
    return this.#pending
  }

  async #ask(): Promise<void> {
    this.#askedAt = this.#now()
    try {
      const answer = await fetch(this.#url, { signal: AbortSignal.timeout(TIMEOUT_MS), redirect: 'error' })
      if (!answer.ok) throw new Error(`the key server returned ${answer.status}`)
      this.#keys = createLocalJWKSet((await answer.json()) as Parameters<typeof createLocalJWKSet>[0])
      this.#fetchedAt = this.#now()
      this.#isDown = false
    } catch (error) {
      this.#isDown = true
      throw new KeysUnreachableError(error)
    }
  }
}

export interface EntraOptions {
  tenantId: string
  /** The application (client) id of this service's registration, or its application id URI. */
  audience: string
  /** The sign-in service that issues tokens and keys. Default: the public cloud. */
  authority?: string
  /** `optional` by default. */
  userRoles?: UserRoles
  /** Milliseconds from any start, for the age of keys. */
  now?: () => number
}

export const PUBLIC_AUTHORITY = 'https://login.microsoftonline.com'
/** The maximum difference between the clocks of the issuer and of the service, in seconds. */
const CLOCK_TOLERANCE_SECONDS = 60
/**
 * The algorithms that Microsoft Entra ID uses. Other algorithms are rejected: with `none` or a symmetric algorithm,
 * anyone who knows the public key could create tokens.
 */
const ALGORITHMS = ['RS256']

/**
 * Verifies access tokens of Microsoft Entra ID, versions 1 and 2: signature by the tenant's published keys, algorithm,
 * issuer, audience, tenant and times. Nothing is fetched before the first token arrives.
 */
export function createEntraAuthentication(options: EntraOptions): Authenticate {
  const authority = (options.authority ?? PUBLIC_AUTHORITY).replace(/\/$/, '')
  const tenantId = options.tenantId.toLowerCase()
  const { userRoles = 'optional' } = options
  const keys = new SigningKeys(`${authority}/${tenantId}/discovery/v2.0/keys`, options.now)
  const rules = {
    algorithms: ALGORITHMS,
    audience: [options.audience, `api://${options.audience}`],
    issuer: issuersOf(authority, tenantId),
    clockTolerance: CLOCK_TOLERANCE_SECONDS,
    requiredClaims: ['exp', 'iat'],
  }
  return async (authorization) => {
    const token = bearerToken(authorization)
    try {
      const { payload } = await jwtVerify(token, keys.get, rules)
      assertDates(payload, Date.now() / 1_000)
      return toCaller(payload, tenantId, userRoles)
    } catch (error) {
      throw toRefusal(error)
    }
  }
}

/**
 * Checks that the library omits: dates must be whole seconds (`1e999` is a number and would never expire), and the
 * token must not be issued in the future.
 */
function assertDates({ exp, iat, nbf }: JWTPayload, nowSeconds: number): void {
  for (const [claim, date] of Object.entries({ exp, iat, nbf: nbf ?? 0 }))
    if (!Number.isSafeInteger(date)) throw new DomainError('TOKEN_INVALID', { reason: claim })
  if (Number(iat) > nowSeconds + CLOCK_TOLERANCE_SECONDS)
    throw new DomainError('TOKEN_INVALID', { reason: 'iat' })
}

/** Names of the sign-in service of Azure operated by 21Vianet, of which the tokens name the second. */
const CHINA_AUTHORITIES = ['https://login.chinacloudapi.cn', 'https://login.partner.microsoftonline.cn']

/**
 * The issuers in tokens of version 2 and version 1. Version 1 has one issuer in the public cloud and Azure Government and
 * another one in China (learn.microsoft.com/answers/questions/1190472).
 */
function issuersOf(authority: string, tenantId: string): string[] {
  const isChina = CHINA_AUTHORITIES.includes(authority.toLowerCase())
  const authorities = isChina ? CHINA_AUTHORITIES : [authority]
  const first = isChina ? 'https://sts.chinacloudapi.cn' : 'https://sts.windows.net'
  return [...authorities.map((host) => `${host}/${tenantId}/v2.0`), `${first}/${tenantId}/`]
}

function bearerToken(authorization: string | undefined): string {
  const [, token] = /^Bearer ([\w.~+/-]+=*)$/i.exec(authorization ?? '') ?? []
  if (token === undefined) throw new DomainError('AUTHENTICATION_REQUIRED')
  return token
}

/** The reason is one word: enough to fix a client, but not enough to forge a token. */
function toRefusal(error: unknown): unknown {
  if (error instanceof KeysUnreachableError)
    return new DomainError('IDENTITY_PROVIDER_UNREACHABLE', {}, [], error)
  if (error instanceof errors.JWTExpired)
    return new DomainError('TOKEN_INVALID', { reason: 'expired' }, [], error)
  if (error instanceof errors.JWTClaimValidationFailed)
    return new DomainError('TOKEN_INVALID', { reason: error.claim }, [], error)
  if (error instanceof errors.JOSEError)
    return new DomainError('TOKEN_INVALID', { reason: 'signature' }, [], error)
  return error
}
