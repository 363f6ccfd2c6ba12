import t from 'tap'
import { armWord, equalsArm, isInProgress } from '../../../src/core/arm/words.ts'

t.test('words are compared case-insensitively, and an absent value equals none', async (t) => {
  t.ok(equalsArm('windows', 'Windows'))
  for (const value of [null, undefined, '', 'Window']) t.notOk(equalsArm(value, 'Windows'))
  t.equal(armWord('STANDARDV2', ['Standard', 'StandardV2']), 'StandardV2')
  t.equal(armWord('Premium', ['Standard']), null)
})

t.test('every provisioning state except a terminal state means an operation in progress', async (t) => {
  const running = [
    'Accepted',
    'Creating',
    'Deleting',
    'InProgress',
    'Migrating',
    'ReconcilingClusterCertificates',
    'RotatingClusterCertificates',
    'Scaling',
    'Starting',
    'Stopping',
    'Updating',
    'Upgrading',
    'UpgradingNodeImageVersion',
    'AStateOfTheNextApiVersion',
  ]
  for (const state of running) t.ok(isInProgress(state), state)
  for (const state of ['Succeeded', 'Failed', 'Canceled']) {
    t.notOk(isInProgress(state), state)
    t.notOk(isInProgress(state.toUpperCase()), state.toUpperCase())
  }
  for (const state of ['', null]) t.notOk(isInProgress(state), 'a resource that shows no state')
})
