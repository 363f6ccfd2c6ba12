import { features } from '../../support/a-cluster.ts'
import { clusterWith, type RuleCases } from '../../support/rule-cases.ts'

export const CASES: RuleCases = {
  IAC_DRIFT: {
    severity: 'warning',
    snapshot: clusterWith({
      tags: { 'managed-by': 'Terraform', environment: 'terraform-like' },
      features: features({ managedBy: '/subscriptions/s/x' }),
    }),
    target: 'managedNATGateway',
    facts: { signs: ['managed-by=Terraform', 'managedBy=/subscriptions/s/x'] },
  },
}
