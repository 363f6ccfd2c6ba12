import { writeFile } from 'node:fs/promises'
import manifest from '../package.json' with { type: 'json' }
import { type AppDeps, buildApp } from '../src/app.ts'

/** Where the document is checked in. */
export const OPENAPI_FILE = new URL('../openapi/openapi.json', import.meta.url)

/** The OpenAPI document as text; what stands behind the routes is never asked for it. */
export async function openapiText(): Promise<string> {
  const app = await buildApp(inertDeps())
  const document = app.swagger()
  await app.close()
  return `${JSON.stringify(document, null, 2)}\n`
}

/** Of an app that serves only its documents. */
export function inertDeps(): AppDeps {
  const refuse = (): never => {
    throw new Error('the document is made without any request')
  }
  const nothing = new Proxy({}, { get: () => refuse })
  return {
    planning: nothing as AppDeps['planning'],
    jobs: nothing as AppDeps['jobs'],
    probes: nothing as AppDeps['probes'],
    approvals: nothing as AppDeps['approvals'],
    campaigns: nothing as AppDeps['campaigns'],
    audit: nothing as AppDeps['audit'],
    webhooks: nothing as AppDeps['webhooks'],
    links: nothing as AppDeps['links'],
    inventory: nothing as AppDeps['inventory'],
    changes: nothing as AppDeps['changes'],
    keys: nothing as AppDeps['keys'],
    transitions: refuse,
    readiness: refuse,
    azure: 'simulated',
    version: manifest.version,
    logger: false,
  }
}

if (import.meta.main) await writeFile(OPENAPI_FILE, await openapiText())
