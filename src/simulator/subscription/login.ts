import type { ArmResponse } from '../arm/arm-request.ts'
import { TENANT } from '../world/identifiers.ts'

/** A request to the cloud metadata or the login service, not to Resource Manager. */
export interface OpenRequest {
  method: string
  /** Path without the query. */
  path: string
  query: URLSearchParams
  /** Scheme, host and port the caller used. */
  origin: string
  /** The unchanged body. */
  text: string
}

/**
 * Handles the requests that clients send before their first request to Resource Manager: `/metadata/endpoints`, and a
 * login service in the form of Microsoft Entra ID, which issues a token to every caller. Undefined for any other path.
 */
export function answerLogin(request: OpenRequest): ArmResponse | undefined {
  const { method, path, origin } = request
  if (method === 'GET' && /^\/metadata\/endpoints$/i.test(path))
    return { status: 200, body: endpoints(request) }
  const [, tenant = '', rest = ''] = /^\/([^/]+)\/(.+)$/.exec(path) ?? []
  const authority = `${origin}/${tenant}`
  if (method === 'GET' && /^discovery\/instance$/i.test(rest)) {
    const tenant_discovery_endpoint = `${authority}/v2.0/.well-known/openid-configuration`
    return { status: 200, body: { tenant_discovery_endpoint, 'api-version': '1.1', metadata: [] } }
  }
  if (method === 'GET' && /^(v2\.0\/)?\.well-known\/openid-configuration$/i.test(rest))
    return {
      status: 200,
      body: {
        token_endpoint: `${authority}/oauth2/v2.0/token`,
        authorization_endpoint: `${authority}/oauth2/v2.0/authorize`,
        device_authorization_endpoint: `${authority}/oauth2/v2.0/devicecode`,
        issuer: `${origin}/${TENANT}/v2.0`,
        jwks_uri: `${authority}/discovery/v2.0/keys`,
        response_types_supported: ['code', 'token'],
        subject_types_supported: ['pairwise'],
        id_token_signing_alg_values_supported: ['RS256'],
      },
    }
  if (method === 'POST' && /^oauth2\/(v2\.0\/)?token$/i.test(rest)) return giveToken(request)
  return undefined
}

const SECONDS = 3600

/**
 * A token without a signature, because the simulator does not check tokens. It contains real time, because clients
 * compare it with their clocks.
 */
function giveToken({ text, origin }: OpenRequest): ArmResponse {
  const form = new URLSearchParams(text)
  if (form.get('grant_type') === null)
    return {
      status: 400,
      body: {
        error: 'invalid_request',
        error_description:
          "AADSTS900144: The request body must contain the following parameter: 'grant_type'.",
        error_codes: [900_144],
      },
    }
  const now = Math.floor(Date.now() / 1000)
  const client = form.get('client_id') ?? TENANT
  const claims = {
    aud: form.get('resource') ?? (form.get('scope') ?? '').split(' ')[0]?.replace(/\/?\.default$/, ''),
    iss: `${origin}/${TENANT}/`,
    iat: now,
    exp: now + SECONDS,
    appid: client,
    oid: client,
    tid: TENANT,
  }
  const token = [{ alg: 'none', typ: 'JWT' }, claims].map((part) =>
    Buffer.from(JSON.stringify(part)).toString('base64url'),
  )
  return {
    status: 200,
    headers: { 'cache-control': 'no-store, no-cache' },
    body: {
      token_type: 'Bearer',
      expires_in: SECONDS,
      ext_expires_in: SECONDS,
      expires_on: String(claims.exp),
      access_token: `${token.join('.')}.`,
    },
  }
}

/** One cloud, in the form of 2019 and later or, as `az cloud register` may ask, of 2015. */
function endpoints({ origin, query }: OpenRequest): ArmResponse['body'] {
  const authentication = {
    loginEndpoint: origin,
    audiences: [origin, 'https://management.core.windows.net/'],
  }
  if ((query.get('api-version') ?? '') < '2019-01-01')
    return { galleryEndpoint: origin, graphEndpoint: origin, portalEndpoint: origin, authentication }
  return [
    {
      name: 'AzureCloud',
      portal: origin,
      resourceManager: origin,
      graph: origin,
      graphAudience: origin,
      authentication: { ...authentication, tenant: 'common', identityProvider: 'AAD' },
      suffixes: { storage: 'core.windows.net', keyVaultDns: 'vault.azure.net', acrLoginServer: 'azurecr.io' },
    },
  ]
}
