import type { ClientConfig } from 'pg'

/** Returns the password of a new connection, such as an access token, which expires. */
export type PasswordSource = () => Promise<string>

/** How every connection to a server is opened: by pools, the queue, and the listener for notices. */
export type ServerOptions = Pick<
  ClientConfig,
  'connectionString' | 'host' | 'port' | 'user' | 'database' | 'ssl' | 'password'
>

/**
 * Without `password`, the URL decides everything. The driver ignores a password beside a URL, so with `password` the URL
 * is split. Every new connection then requests its password; connections that are open keep working when it expires.
 */
export function serverOptions(databaseUrl: string, password: PasswordSource | null): ServerOptions {
  if (password === null) return { connectionString: databaseUrl }
  const { hostname, port, username, pathname, searchParams } = new URL(databaseUrl)
  return {
    host: hostname,
    port: port === '' ? 5432 : Number(port),
    user: decodeURIComponent(username),
    database: decodeURIComponent(pathname.slice(1)),
    ssl: searchParams.get('sslmode') === 'verify-full',
    password,
  }
}
