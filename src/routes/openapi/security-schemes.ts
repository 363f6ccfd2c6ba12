import { PUBLIC_AUTHORITY } from '../auth/entra.ts'
import { GRANTS, type Grant } from '../operation.ts'

/** Where people sign in to get a token for this service. */
export interface SignIn {
  tenantId: string
  audience: string
  authority: string | null
}

/** What stands in the document where nobody has set a tenant. */
const EXAMPLE: SignIn = { tenantId: 'organizations', audience: 'aks-egress-planner', authority: null }

const GRANT_DESCRIPTIONS: Record<Grant, string> = {
  'Egress.Read': 'See clusters, plans and jobs, and be told of jobs by own webhooks.',
  'Egress.Plan': 'Make and discard plans.',
  'Egress.Execute': 'Start and cancel jobs.',
  'Egress.Approve': 'Approve plans that others have made.',
  'Egress.Audit': 'Read who did what.',
}

/** How callers prove themselves, for the document: a token at hand, or a sign-in at Entra from Swagger UI. */
export function securitySchemes(signIn: SignIn = EXAMPLE) {
  const endpoint = `${resolveAuthority(signIn)}/${signIn.tenantId}/oauth2/v2.0`
  return {
    bearer: {
      type: 'http' as const,
      scheme: 'bearer',
      bearerFormat: 'JWT',
      description:
        'An access token of the tenant for this service, of a user or of an application; verified as RFC 8725 advises (RFC8725).',
    },
    entra: {
      type: 'oauth2' as const,
      description:
        'Sign-in at Microsoft Entra ID, whose tokens are verified as RFC 8725 advises (RFC8725). The client needs a single-page-application redirect URI to /docs/static/oauth2-redirect.html.',
      flows: {
        authorizationCode: {
          authorizationUrl: `${endpoint}/authorize`,
          tokenUrl: `${endpoint}/token`,
          refreshUrl: `${endpoint}/token`,
          scopes: Object.fromEntries(
            GRANTS.map((grant) => [toScope(grant, signIn), GRANT_DESCRIPTIONS[grant]]),
          ),
        },
      },
    },
  }
}

/** What an operation asks of its caller, for the document; nothing of everybody where it is open. */
export function operationSecurity(
  grant: Grant | 'public',
  signIn: SignIn = EXAMPLE,
): Record<string, string[]>[] {
  return grant === 'public' ? [] : [{ bearer: [] }, { entra: [toScope(grant, signIn)] }]
}

export function resolveAuthority({ authority }: SignIn): string {
  return (authority ?? PUBLIC_AUTHORITY).replace(/\/$/, '')
}

/** Entra wants a scope with the application id URI in front. */
export function toScope(grant: Grant, { audience }: SignIn): string {
  return `${audience.includes('://') ? audience : `api://${audience}`}/${grant}`
}
