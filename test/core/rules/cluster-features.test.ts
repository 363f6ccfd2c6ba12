import { testTopic } from '../../support/test-topic.ts'
import { CASES } from './cluster-features-cases.ts'

testTopic('cluster-features', CASES)
