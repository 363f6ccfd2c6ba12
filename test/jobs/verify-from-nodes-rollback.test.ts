import t from 'tap'
import { openHarness, testLosses } from './support/node-verification.ts'

testLosses(t, await openHarness(t), 'rollBack')
