import type { ClusterFacts } from '../../../src/core/snapshot/snapshot.ts'
import { aSnapshot, features } from '../../support/a-cluster.ts'
import type { RuleCases } from './rule-case.ts'

const changed = (cluster: Partial<ClusterFacts>) => aSnapshot({ cluster })

export const CASES: RuleCases = {
  IAC_DRIFT: {
    severity: 'warning',
    snapshot: changed({
      tags: { 'managed-by': 'Terraform', environment: 'terraform-like' },
      features: features({ managedBy: '/subscriptions/s/x' }),
    }),
    target: 'managedNATGateway',
    facts: { signs: ['managed-by=Terraform', 'managedBy=/subscriptions/s/x'] },
  },
}
