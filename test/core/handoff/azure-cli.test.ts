import t from 'tap'
import type { HandoffTool } from '../../../src/contract/handoff.ts'
import type { Plan } from '../../../src/contract/plan.ts'
import { commandErrors } from './support/azure-cli.ts'
import { HANDOFF_PLANS } from './support/plans.ts'

function cliOf(plan: Plan): HandoffTool {
  const tool = plan.handoff?.tools?.find((item) => item.tool === 'azureCli')
  if (tool === undefined) throw new Error('no Azure CLI')
  return tool
}

/** Every command line of a plan, without comments. */
function linesOf({ code, prepared }: HandoffTool): string[] {
  return `${prepared ?? ''}\n${code ?? ''}`.split('\n').filter((line) => line !== '' && !line.startsWith('#'))
}

for (const [name, plan] of Object.entries(HANDOFF_PLANS))
  t.test(`every command for ${name} exists in the first valid version of the Azure CLI`, async (t) => {
    const cli = cliOf(plan())
    for (const line of linesOf(cli)) t.strictSame(commandErrors(line, cli.validFor), [], line)
    if (cli.code === null) t.match(cli.warning, /^The Azure CLI /, 'says why there is no command')
  })

t.test('a Standard NAT gateway ends the range before the version that may create StandardV2', async (t) => {
  const plan = HANDOFF_PLANS['load balancer to managed NAT gateway']
  if (plan === undefined) throw new Error('no plan')
  t.match(cliOf(plan()), { validFor: { from: '2.56.0', below: '2.91.0' }, warning: /StandardV2/ })
})

t.test('the table detects features that a version lacks', async (t) => {
  const from = (version: string) => ({ component: 'azure-cli', from: version, below: null })
  const errors = (line: string, version = '2.91.0') => commandErrors(line, from(version)).length
  t.equal(errors('az aks update --name a --outbound-type none', '2.70.0'), 1, 'a later value')
  t.equal(errors('az aks update --name a --outbound-type block'), 1, 'a value of an extension')
  t.equal(errors('az aks update --outbound-type-sku StandardV2', '2.90.0'), 1, 'a later option')
  t.equal(errors('az aks update --vnet-subnet-id x'), 1, 'an unknown option')
  t.equal(errors('az aks update --load-balancer-idle-timeout 120'), 1, 'a value out of range')
  t.throws(() => errors('az aks update --name a(b)'), /not quoted/)
  t.equal(errors("az aks update --name 'a(b)' --outbound-type none", '2.71.0'), 0)
})
