import { writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import selfsigned from 'selfsigned'
import type { Test } from 'tap'
import { AUDIENCE, type Sign, startIssuer, TENANT } from '../../routes/support/issuer.ts'
import { type Service, service, temporaryFolder } from './service.ts'

const ROLES = ['Egress.Read', 'Egress.Plan', 'Egress.Execute', 'Egress.Approve', 'Egress.Audit']

/** The object ID of a person, of one digit. */
export function person(digit: string): string {
  return [8, 4, 4, 4, 12].map((length) => digit.repeat(length)).join('-')
}

/** The token of this person with every role. */
export function tokenOf(sign: Sign, oid: string): Promise<string> {
  return sign({ oid, scp: ROLES.join(' '), preferred_username: `${oid[0]}@example.com` }, '1h')
}

/** The service with an issuer over https and this policy in a file. */
export async function guardedService(t: Test, policy: object) {
  const folder = await temporaryFolder(t)
  const { private: key, cert } = await selfsigned.generate([{ name: 'commonName', value: '127.0.0.1' }], {
    extensions: [{ name: 'subjectAltName', altNames: [{ type: 7, ip: '127.0.0.1' }] }],
  })
  await writeFile(join(folder, 'ca.pem'), cert)
  const policyFile = join(folder, 'access.json')
  await writeFile(policyFile, JSON.stringify(policy))
  const issuer = await startIssuer(t, { key, cert })
  const settings = {
    DATA_DIR: join(folder, 'data'),
    AUTH_MODE: 'entra',
    ENTRA_TENANT_ID: TENANT,
    ENTRA_AUDIENCE: AUDIENCE,
    ENTRA_AUTHORITY: issuer.authority,
    ACCESS_POLICY_FILE: policyFile,
    NODE_EXTRA_CA_CERTS: join(folder, 'ca.pem'),
  }
  const planner = await service(t, settings)
  return { planner, settings, policyFile, sign: await issuer.addKey('one') }
}

/** The service as this person uses it. */
export async function as(planner: Service, sign: Sign, oid: string) {
  const headers = { authorization: `Bearer ${await tokenOf(sign, oid)}` }
  return {
    get: (path: string) => planner.get(path, headers),
    post: (path: string, body?: unknown) => planner.post(path, body, headers),
    delete: (path: string) => planner.ask('DELETE', path, undefined, headers),
  }
}
