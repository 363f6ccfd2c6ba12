// Allows the service to execute plans in one resource group.
targetScope = 'resourceGroup'

@description('The object ID of the identity of the service.')
param principalId string

@description('The ID of the role AKS Egress Executor.')
param roleDefinitionId string

resource assignment 'Microsoft.Authorization/roleAssignments@2022-04-01' = {
  name: guid(resourceGroup().id, principalId, roleDefinitionId)
  properties: {
    roleDefinitionId: roleDefinitionId
    principalId: principalId
    principalType: 'ServicePrincipal'
  }
}
