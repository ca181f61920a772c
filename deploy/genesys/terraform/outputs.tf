output "integration_id" {
  description = "Id of the integration."
  value       = genesyscloud_integration.ringthrough.id
}

output "action_ids" {
  description = "Ids of the data actions, by what they do: lookup and result."
  value       = { for key, action in genesyscloud_integration_action.ringthrough : key => action.id }
}

output "table_id" {
  description = "Id of the data table that is looked in while ringthrough is away."
  value       = genesyscloud_architect_datatable.fallback.id
}

output "flow_id" {
  description = "Id of the flow; null if it wasn't published."
  value       = one(genesyscloud_flow.front[*].id)
}
