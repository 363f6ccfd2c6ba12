import { testTopic } from '../../support/test-topic.ts'
import { CASES } from './leftovers-cases.ts'

testTopic('leftovers', CASES)
