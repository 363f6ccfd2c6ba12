import { testTopic } from '../../support/test-topic.ts'
import { CASES } from './snat-capacity-cases.ts'

testTopic('snat-capacity', CASES)
