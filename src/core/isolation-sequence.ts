/** One step that a person takes towards network isolation, with what shows that it is done. */
export interface IsolationStep extends Record<string, string> {
  step: string
  does: string
  doneWhen: string
}

/** The only order that AKS takes: each step needs the egress that the last one removes (NIh; needs N12). */
export function sequenceTo(outboundType: string): IsolationStep[] {
  return [
    {
      step: 'cache',
      does: 'Set bootstrapProfile.artifactSource to Cache, as an update of its own.',
      doneWhen: 'The cluster is Succeeded and shows the artifact source Cache.',
    },
    {
      step: 'reimage',
      does: 'Upgrade the node image of every pool (az aks upgrade --node-image-only) while egress still exists.',
      doneWhen: 'Every pool is Succeeded and no node is older than the first step.',
    },
    {
      step: outboundType,
      does: `Plan the change to ${outboundType} again, and execute that plan.`,
      doneWhen: `The cluster shows the outbound type ${outboundType}.`,
    },
  ]
}
