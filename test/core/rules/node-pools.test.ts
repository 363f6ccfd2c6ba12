import { testTopic } from '../../support/test-topic.ts'
import { CASES } from './node-pools-cases.ts'

testTopic('node-pools', CASES)
