// The identity of the service, and its database. Deploy it to the resource group of the service; then deploy
// subscription.bicep, which grants the identity its roles.
targetScope = 'resourceGroup'

@description('The region of all resources.')
param location string = resourceGroup().location

@description('The name of the managed identity, and the prefix of the names of other resources.')
param name string = 'egress-planner'

@description('The OIDC issuer URL of the AKS cluster that runs the service.')
param oidcIssuerUrl string

@description('The Kubernetes service account of the service, as namespace:name.')
param serviceAccount string = 'egress-planner:egress-planner'

@description('A subnet that is delegated to Microsoft.DBforPostgreSQL/flexibleServers.')
param databaseSubnetId string

@description('A private DNS zone for the database that is linked to the virtual network of the AKS cluster.')
param databaseDnsZoneId string

@description('The object ID of the Microsoft Entra group that administers the database.')
param databaseAdministratorsId string

@description('The display name of this group.')
param databaseAdministratorsName string

@allowed(['Disabled', 'SameZone', 'ZoneRedundant'])
@description('High availability of the database.')
param databaseHighAvailability string = 'ZoneRedundant'

@minValue(7)
@maxValue(35)
@description('How many days of backups Azure keeps.')
param backupRetentionDays int = 14

resource identity 'Microsoft.ManagedIdentity/userAssignedIdentities@2023-01-31' = {
  name: name
  location: location
}

resource federation 'Microsoft.ManagedIdentity/userAssignedIdentities/federatedIdentityCredentials@2023-01-31' = {
  parent: identity
  name: 'kubernetes'
  properties: {
    issuer: oidcIssuerUrl
    subject: 'system:serviceaccount:${serviceAccount}'
    audiences: ['api://AzureADTokenExchange']
  }
}

resource server 'Microsoft.DBforPostgreSQL/flexibleServers@2024-08-01' = {
  name: '${name}-${uniqueString(resourceGroup().id)}'
  location: location
  sku: {
    name: 'Standard_D2ds_v5'
    tier: 'GeneralPurpose'
  }
  properties: {
    version: '16'
    authConfig: {
      // People and the service (DATABASE_AUTH=entra) sign in with Microsoft Entra.
      activeDirectoryAuth: 'Enabled'
      passwordAuth: 'Disabled'
      tenantId: tenant().tenantId
    }
    storage: {
      storageSizeGB: 32
      autoGrow: 'Enabled'
    }
    backup: {
      backupRetentionDays: backupRetentionDays
      geoRedundantBackup: 'Disabled'
    }
    highAvailability: {
      mode: databaseHighAvailability
    }
    network: {
      delegatedSubnetResourceId: databaseSubnetId
      privateDnsZoneArmResourceId: databaseDnsZoneId
    }
  }
}

resource administrators 'Microsoft.DBforPostgreSQL/flexibleServers/administrators@2024-08-01' = {
  parent: server
  name: databaseAdministratorsId
  properties: {
    principalName: databaseAdministratorsName
    principalType: 'Group'
    tenantId: tenant().tenantId
  }
}

resource database 'Microsoft.DBforPostgreSQL/flexibleServers/databases@2024-08-01' = {
  parent: server
  name: 'planner'
  properties: {
    charset: 'UTF8'
    collation: 'en_US.utf8'
  }
  // The server rejects simultaneous changes (inferred).
  dependsOn: [administrators]
}

@description('For the annotation azure.workload.identity/client-id of the Kubernetes service account.')
output clientId string = identity.properties.clientId

@description('For the parameter principalId of subscription.bicep.')
output principalId string = identity.properties.principalId

@description('The host in DATABASE_URL.')
output databaseHost string = server.properties.fullyQualifiedDomainName
