import type { ContainerServiceContext } from '@azure/arm-containerservice/api'
import type { TokenCredential } from '@azure/identity'
import { READ_API_VERSION } from './api-versions.ts'
import type { ArmObserver } from './arm-observer.ts'
import type { CallBudget } from './call-budget.ts'
import { armCallPolicy, attemptPolicy, type Pipeline } from './pipeline-policies.ts'

/** The clients of the AKS SDK, created when first needed. All requests take their pipeline. */
export interface ArmClients {
  /** Scheme, host and port; no request goes anywhere else. */
  origin: string
  /** The operations of the AKS SDK, and the client to call them with on an API version. */
  aks(subscriptionId: string, apiVersion: string): Promise<AksClient>
  /** For a request to any path; adds no API version. */
  anyPath(): Promise<ContainerServiceContext>
}

export interface AksClient {
  sdk: typeof import('./aks-sdk.ts')
  context: ContainerServiceContext
}

export interface ArmClientOptions {
  endpoint: string
  credential: TokenCredential
  simulated: boolean
  caCertificate?: string
  /** null for no limits. */
  budget: CallBudget | null
  observe: ArmObserver
}

export function createArmClients(options: ArmClientOptions): ArmClients {
  const { credential } = options
  const { origin, protocol } = new URL(options.endpoint)
  const clientOptions = {
    endpoint: origin,
    allowInsecureConnection: protocol === 'http:',
    // The same object for all clients: the SDK keeps one pool of connections for each.
    tlsOptions: options.caCertificate === undefined ? undefined : { ca: options.caCertificate },
    credentials: { scopes: [`${origin}/.default`] },
    // Retries are attemptPolicy's. A redirect could take a request anywhere, and ARM sends none.
    retryOptions: { maxRetries: 0 },
    redirectOptions: { maxRetries: 0 },
  }
  const clients = new Map<string, Promise<AksClient>>()
  const createClient = async (subscriptionId: string, apiVersion: string) => {
    const sdk = await import('./aks-sdk.ts')
    const context = sdk.createContainerService(credential, subscriptionId, { ...clientOptions, apiVersion })
    preparePipeline(context.pipeline, origin, options)
    return { sdk, context }
  }
  const aks = (subscriptionId: string, apiVersion: string) => {
    const key = `${subscriptionId} ${apiVersion}`
    const client = clients.get(key) ?? createClient(subscriptionId, apiVersion)
    clients.set(key, client)
    return client
  }
  return { origin, aks, anyPath: async () => (await aks('', READ_API_VERSION)).context }
}

function preparePipeline(
  pipeline: Pipeline,
  origin: string,
  { simulated, budget, observe }: ArmClientOptions,
): void {
  pipeline.addPolicy(armCallPolicy(origin), { beforePolicies: ['bearerTokenAuthenticationPolicy'] })
  pipeline.addPolicy(attemptPolicy(budget, observe), { phase: 'Retry' })
  if (!simulated) return
  // A simulated Azure takes no token and may speak plain http, over which the SDK refuses to send one.
  pipeline.removePolicy({ name: 'bearerTokenAuthenticationPolicy' })
  // It runs nearby, where a proxy named in the environment would not find it.
  pipeline.removePolicy({ name: 'proxyPolicy' })
}
