import type { TokenCredential } from '@azure/identity'

/**
 * `DefaultAzureCredential`, made when the first token is asked for: @azure/identity is heavy, and a
 * service on a simulated Azure never needs it.
 */
export function defaultCredential(): TokenCredential {
  let made: Promise<TokenCredential> | undefined
  return {
    async getToken(scopes, options) {
      made ??= import('@azure/identity').then(({ DefaultAzureCredential }) => new DefaultAzureCredential())
      return (await made).getToken(scopes, options)
    },
  }
}
