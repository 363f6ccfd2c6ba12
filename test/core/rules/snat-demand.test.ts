import { testTopic } from '../../support/test-topic.ts'
import { CASES } from './snat-demand-cases.ts'

testTopic('snat-demand', CASES)
