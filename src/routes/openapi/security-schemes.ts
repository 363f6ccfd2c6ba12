import { PUBLIC_AUTHORITY } from '../auth/entra.ts'
import { GRANTS, type Grant } from '../operation.ts'

/** The Microsoft Entra ID settings for users who sign in to this service. */
export interface SignIn {
  tenantId: string
  audience: string
  authority: string | null
  /** The client ID with which Swagger UI signs users in. */
  swaggerClientId?: string | null
  /** The URL of the endpoint for agents, if it is an application ID URI of the app registration. */
  mcpResource?: string | null
}

/** The values in the document if no tenant is configured. */
const EXAMPLE: SignIn = { tenantId: 'organizations', audience: 'aks-egress-planner', authority: null }

const GRANT_DESCRIPTIONS: Record<Grant, string> = {
  'Egress.Read': 'Read clusters, plans and jobs, and manage your webhooks.',
  'Egress.Plan': 'Create and discard plans.',
  'Egress.Execute': 'Start, release and cancel jobs.',
  'Egress.Approve': 'Approve plans that other persons have created.',
  'Egress.Audit': 'Read the audit log.',
}

/** The authentication methods in the document: an existing token, or a sign-in at Microsoft Entra ID from Swagger UI. */
export function securitySchemes(signIn: SignIn = EXAMPLE) {
  const endpoint = `${resolveAuthority(signIn)}/${signIn.tenantId}/oauth2/v2.0`
  return {
    bearer: {
      type: 'http' as const,
      scheme: 'bearer',
      bearerFormat: 'JWT',
      description:
        'An access token for this service, issued by the Microsoft Entra tenant to a user or an application. The service verifies tokens according to RFC 8725 (RFC8725).',
    },
    entra: {
      type: 'oauth2' as const,
      description:
        'Sign-in with Microsoft Entra ID. The service verifies tokens according to RFC 8725 (RFC8725). The client application needs a single-page-application redirect URI to /docs/static/oauth2-redirect.html.',
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

/** The permissions that an operation requires, for the document. Empty for public operations. */
export function operationSecurity(
  grant: Grant | 'signedIn' | 'public',
  signIn: SignIn = EXAMPLE,
): Record<string, string[]>[] {
  if (grant === 'signedIn') return [{ bearer: [] }, { entra: [] }]
  return grant === 'public' ? [] : [{ bearer: [] }, { entra: [toScope(grant, signIn)] }]
}

export function resolveAuthority({ authority }: SignIn): string {
  return (authority ?? PUBLIC_AUTHORITY).replace(/\/$/, '')
}

/** Microsoft Entra ID requires the application ID URI as the prefix of a scope. */
export function toScope(grant: Grant, { audience }: SignIn): string {
  return `${audience.includes('://') ? audience : `api://${audience}`}/${grant}`
}
