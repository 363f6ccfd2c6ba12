import t from 'tap'
import { aPool, aSnapshot } from '../../support/a-cluster.ts'
import { planFor } from '../../support/a-plan.ts'
import { testTopic } from '../../support/test-topic.ts'
import { CASES } from './cluster-state-cases.ts'

testTopic('cluster-state', CASES)

const remedyFor = (code: string, cluster: Parameters<typeof aSnapshot>[0] = {}) =>
  planFor(aSnapshot(cluster), 'managedNATGateway').findings.find((each) => each.code === code)?.remedy ?? ''

t.test('a cluster whose operation has ended is reconciled, and any other is waited for', async (t) => {
  for (const provisioningState of ['Failed', 'Canceled', 'canceled']) {
    const remedy = remedyFor('CLUSTER_NOT_SUCCEEDED', { cluster: { provisioningState } })
    t.match(remedy, /`az aks update -g <resource group> -n <cluster> --yes`/, provisioningState)
    t.match(
      remedy,
      /interrupted, this command completes the change, but does not add the new egress addresses .*add the new egress addresses to the ranges first/,
      provisioningState,
    )
  }
  for (const provisioningState of ['Updating', 'UpgradingNodeImageVersion'])
    t.match(
      remedyFor('CLUSTER_NOT_SUCCEEDED', { cluster: { provisioningState } }),
      /^Wait/,
      provisioningState,
    )
})

t.test('AKS Automatic can change to AKS Standard if the migration is documented', async (t) => {
  const automatic = { skuName: 'automatic' }
  const pools = { agentPools: [aPool({ mode: 'managedSystem' })] }
  for (const cluster of [
    { ...automatic, ...pools },
    { ...automatic, hostedSystem: true },
  ])
    t.match(remedyFor('SKU_AUTOMATIC', { cluster }), /mode `System`.*`az aks update .* --sku base`/)
  t.match(remedyFor('SKU_AUTOMATIC', { cluster: automatic }), /^Create a new cluster/)
})
