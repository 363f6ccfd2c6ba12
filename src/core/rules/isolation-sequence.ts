/** A manual step toward network isolation, and the state that shows its completion. */
export interface IsolationStep extends Record<string, string> {
  step: string
  does: string
  doneWhen: string
}

/**
 * The only order that AKS supports: each step needs egress, which the last step removes (network-isolated). A service
 * principal does not allow the artifact source `Cache` (Azure/AKS issue 5821).
 */
export function isolationSequence(outboundType: string, hasServicePrincipal = false): IsolationStep[] {
  const identity = {
    step: 'identity',
    does: 'Migrate the cluster from its service principal to a managed identity with `az aks update --enable-managed-identity`.',
    doneWhen:
      'The provisioning states of the cluster and of every node pool are `Succeeded`, and the cluster shows a managed identity.',
  }
  return [
    ...(hasServicePrincipal ? [identity] : []),
    {
      step: 'cache',
      does: 'Set `bootstrapProfile.artifactSource` to `Cache` in a separate update.',
      doneWhen:
        'The provisioning state of the cluster is `Succeeded`, and the cluster shows the artifact source `Cache`.',
    },
    {
      step: 'reimage',
      does: 'Upgrade the node image of every node pool (`az aks upgrade --node-image-only`) while egress still exists.',
      doneWhen:
        'The provisioning state of every node pool is `Succeeded`, and no node was created before the artifact source became `Cache`.',
    },
    {
      step: outboundType,
      does: `Create a new plan for the change to \`${outboundType}\`, and execute it.`,
      doneWhen: `The cluster shows the outbound type \`${outboundType}\`.`,
    },
  ]
}
