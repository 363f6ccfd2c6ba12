// The custom roles of the service, and its role assignments in one subscription. The actions come from roles/, which
// `npm run roles` generates.
targetScope = 'subscription'

@description('The object ID of the identity of the service: the output principalId of main.bicep.')
param principalId string

@description('The resource groups of clusters, their virtual networks, and their addresses, where the service executes plans.')
param executorResourceGroups array = []

@description('The node resource groups of clusters, where the service measures from nodes.')
param proberResourceGroups array = []

var planner = loadJsonContent('roles/planner.json')
var executor = loadJsonContent('roles/executor.json')
var prober = loadJsonContent('roles/prober.json')

resource plannerRole 'Microsoft.Authorization/roleDefinitions@2022-04-01' = {
  name: guid(subscription().id, planner.Name)
  properties: {
    // The name of a custom role is unique in the tenant.
    roleName: '${planner.Name} (${subscription().subscriptionId})'
    description: planner.Description
    type: 'CustomRole'
    permissions: [
      {
        actions: planner.Actions
        notActions: planner.NotActions
        dataActions: planner.DataActions
        notDataActions: planner.NotDataActions
      }
    ]
    assignableScopes: [subscription().id]
  }
}

resource executorRole 'Microsoft.Authorization/roleDefinitions@2022-04-01' = {
  name: guid(subscription().id, executor.Name)
  properties: {
    roleName: '${executor.Name} (${subscription().subscriptionId})'
    description: executor.Description
    type: 'CustomRole'
    permissions: [
      {
        actions: executor.Actions
        notActions: executor.NotActions
        dataActions: executor.DataActions
        notDataActions: executor.NotDataActions
      }
    ]
    assignableScopes: [subscription().id]
  }
}

resource proberRole 'Microsoft.Authorization/roleDefinitions@2022-04-01' = {
  name: guid(subscription().id, prober.Name)
  properties: {
    roleName: '${prober.Name} (${subscription().subscriptionId})'
    description: prober.Description
    type: 'CustomRole'
    permissions: [
      {
        actions: prober.Actions
        notActions: prober.NotActions
        dataActions: prober.DataActions
        notDataActions: prober.NotDataActions
      }
    ]
    assignableScopes: [subscription().id]
  }
}

resource plannerAssignment 'Microsoft.Authorization/roleAssignments@2022-04-01' = {
  name: guid(subscription().id, principalId, planner.Name)
  properties: {
    roleDefinitionId: plannerRole.id
    principalId: principalId
    principalType: 'ServicePrincipal'
  }
}

module executorAssignments 'executor-assignment.bicep' = [
  for group in executorResourceGroups: {
    name: 'egress-executor-${uniqueString(group)}'
    scope: resourceGroup(group)
    params: {
      principalId: principalId
      roleDefinitionId: executorRole.id
    }
  }
]

module proberAssignments 'executor-assignment.bicep' = [
  for group in proberResourceGroups: {
    name: 'egress-prober-${uniqueString(group)}'
    scope: resourceGroup(group)
    params: {
      principalId: principalId
      roleDefinitionId: proberRole.id
    }
  }
]
