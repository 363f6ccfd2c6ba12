export default {
  planner: {
    input: '../openapi/openapi.json',
    output: {
      target: '.generated/orval/planner.ts',
      client: 'fetch',
      mode: 'single',
      baseUrl: process.env.BASE_URL,
    },
  },
}
