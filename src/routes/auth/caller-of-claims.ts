import type { JWTPayload } from 'jose'
import { Refusal } from '../../core/refusal.ts'
import { type Caller, GRANTS } from './caller.ts'

const LONGEST_NAME = 200
/** Control characters and lone surrogates: no name has them, and a log should not. */
const UNSOUND = /[\p{Cc}\p{Cs}]/gu

/**
 * The caller behind the verified claims of an access token of Entra ID, version 1 or 2
 * (learn.microsoft.com/entra/identity-platform/access-token-claims-reference). Throws `TOKEN_INVALID`
 * where a claim is missing that every such token has.
 */
export function callerOfClaims(claims: JWTPayload, tenantId: string): Caller {
  if (text(claims.tid)?.toLowerCase() !== tenantId) throw new Refusal('TOKEN_INVALID', { reason: 'tenant' })
  const id = text(claims.oid) ?? text(claims.sub)
  if (id === null) throw new Refusal('TOKEN_INVALID', { reason: 'oid' })
  // ID tokens have neither: they say who signed in to a client, not that the client may call this service.
  const appId = text(claims.azp) ?? text(claims.appid)
  if (appId === null) throw new Refusal('TOKEN_INVALID', { reason: 'azp' })
  const isUser = text(claims.scp) !== null || claims.idtyp === 'user'
  const names = isUser
    ? [claims.preferred_username, claims.upn, claims.unique_name, claims.name]
    : [claims.app_displayname]
  const name = [...names.map(text), isUser ? id : appId].find((each) => each !== null) ?? id
  return {
    id: sound(id),
    kind: isUser ? 'user' : 'application',
    name: sound(name),
    appId: sound(appId),
    grants: grantsOf(claims),
    groups: texts(claims.groups),
    groupsMissing: isOverage(claims),
  }
}

/**
 * App roles, or scopes. A token with both is a user's, through a client: the user must have the role, and the
 * client must have been lent it, or a client that may only look could do whatever its user may.
 */
function grantsOf(claims: JWTPayload): Set<string> {
  const known: readonly string[] = GRANTS
  const roles = texts(claims.roles).filter((each) => known.includes(each))
  const scopes = (text(claims.scp) ?? '').split(' ').filter((each) => known.includes(each))
  if (roles.length === 0 || scopes.length === 0) return new Set([...roles, ...scopes])
  return new Set(roles.filter((each) => scopes.includes(each)))
}

/** Beyond 200 groups Entra says only where they can be asked for, or that there are some. */
function isOverage(claims: JWTPayload): boolean {
  const elsewhere = claims._claim_names
  if (typeof elsewhere === 'object' && elsewhere !== null && 'groups' in elsewhere) return true
  return claims.hasgroups === true || claims.hasgroups === 'true'
}

function text(claim: unknown): string | null {
  return typeof claim === 'string' && claim !== '' ? claim : null
}

function texts(claim: unknown): string[] {
  return Array.isArray(claim) ? claim.filter((each) => typeof each === 'string') : []
}

function sound(given: string): string {
  return given.replace(UNSOUND, '').slice(0, LONGEST_NAME)
}
