import type { TokenCredential } from '@azure/identity'
import type { AksClient } from './aks-client.ts'
import type { ArmObserver } from './arm-observer.ts'
import type { Budget } from './call-budget.ts'
import { armCallPolicy, attemptPolicy, type Pipeline } from './pipeline-policies.ts'

/** The clients of the AKS SDK, created when they are first needed. All requests use their pipeline. */
export interface ArmClients {
  /** Scheme, host and port. All requests go to this origin. */
  origin: string
  aks(subscriptionId: string, apiVersion: string): Promise<AksClient>
}

export interface ArmClientOptions {
  endpoint: string
  credential: TokenCredential
  simulated: boolean
  caCertificate?: string
  /** Null without limits. */
  budget: Budget | null
  observe: ArmObserver
}

export function createArmClients(options: ArmClientOptions): ArmClients {
  const { credential } = options
  const { origin, protocol } = new URL(options.endpoint)
  const clientOptions = {
    endpoint: origin,
    allowInsecureConnection: protocol === 'http:',
    // All clients share this object, because the SDK keeps one pool of connections for each object.
    tlsOptions: options.caCertificate === undefined ? undefined : { ca: options.caCertificate },
    credentials: { scopes: [`${origin}/.default`] },
    // `attemptPolicy` retries. Redirects are disabled, because a redirect could send a request to any host, and ARM
    // sends none.
    retryOptions: { maxRetries: 0 },
    redirectOptions: { maxRetries: 0 },
  }
  const clients = new Map<string, Promise<AksClient>>()
  const createClient = async (subscriptionId: string, apiVersion: string) => {
    // Loaded with the first request: the SDK takes 0.3 s.
    const { createAksClient } = await import('./aks-client.ts')
    const client = createAksClient(credential, subscriptionId, { ...clientOptions, apiVersion })
    preparePipeline(client.context.pipeline, origin, options)
    return client
  }
  const aks = (subscriptionId: string, apiVersion: string) => {
    const key = `${subscriptionId} ${apiVersion}`
    const client = clients.get(key) ?? createClient(subscriptionId, apiVersion)
    clients.set(key, client)
    return client
  }
  return { origin, aks }
}

function preparePipeline(
  pipeline: Pipeline,
  origin: string,
  { simulated, budget, observe }: ArmClientOptions,
): void {
  pipeline.addPolicy(armCallPolicy(origin), { beforePolicies: ['bearerTokenAuthenticationPolicy'] })
  pipeline.addPolicy(attemptPolicy(budget, observe), { phase: 'Retry' })
  if (!simulated) return
  // A simulated Azure accepts no token and may use plain http, over which the SDK sends no token.
  pipeline.removePolicy({ name: 'bearerTokenAuthenticationPolicy' })
  // A simulated Azure is local, so a proxy from the environment could not reach it.
  pipeline.removePolicy({ name: 'proxyPolicy' })
}
