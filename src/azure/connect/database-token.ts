import type { TokenCredential } from '@azure/identity'
import { defaultCredential } from './connect-arm.ts'

/** As `az cloud show` lists them (`activeDirectoryOssrdbmsResourceId`); other clouds use the first one. */
const RESOURCES: [suffix: string, resource: string][] = [
  ['.usgovcloudapi.net', 'https://ossrdbms-aad.database.usgovcloudapi.net'],
  ['.chinacloudapi.cn', 'https://ossrdbms-aad.database.chinacloudapi.cn'],
]
const PUBLIC_RESOURCE = 'https://ossrdbms-aad.database.windows.net'

/**
 * A source of access tokens of the service's identity for Azure Database for PostgreSQL, which accepts them as
 * passwords. The credential caches a token and renews it before it expires.
 */
export function databaseTokens(
  credential: TokenCredential,
  armEndpoint: string | null,
): () => Promise<string> {
  const host = armEndpoint === null ? '' : new URL(armEndpoint).hostname
  const resource = RESOURCES.find(([suffix]) => host.endsWith(suffix))?.[1] ?? PUBLIC_RESOURCE
  return async () => {
    const token = await credential.getToken(`${resource}/.default`)
    if (token === null) throw new Error('the identity of the service has no token for the database')
    return token.token
  }
}

/** The password source of the setting `DATABASE_AUTH`; null for the password of the URL. */
export function databasePassword(
  auth: 'password' | 'entra',
  armEndpoint: string | null,
): (() => Promise<string>) | null {
  return auth === 'entra' ? databaseTokens(defaultCredential(), armEndpoint) : null
}
