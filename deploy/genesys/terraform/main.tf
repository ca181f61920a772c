# Puts ringthrough in front of an IVR in Genesys Cloud: a credential, the
# integration, two data actions, the table for the day that ringthrough is away,
# the flow, and, if asked for, the call route.

locals {
  # The files that are imported by hand are the only place where the actions are
  # written down. Terraform reads them as they are: no ${ to escape.
  lookup = jsondecode(file("${path.module}/../data-action.json"))
  result = jsondecode(file("${path.module}/../data-action-result.json"))

  actions = {
    lookup = { definition = local.lookup, timeout = var.lookup_timeout_seconds }
    result = { definition = local.result, timeout = local.result.config.timeoutSeconds }
  }

  example_url = "https://ringthrough.example.com"
  bearer      = var.credential_type == "userDefined"

  # With basicAuth, Genesys Cloud adds the header by itself.
  headers = {
    for key, action in local.actions : key => {
      for name, value in action.definition.config.request.headers : name => value if local.bearer || name != "Authorization"
    }
  }

  rows = {
    for row in var.fallback_rows : "${replace(row.ani, "+", "")}-${replace(row.dnis, "+", "")}" => {
      target_kind = row.target_kind
      target      = row.target
      backup_kind = row.backup_kind
      backup      = row.backup
      armed_at    = row.armed_at
    }
  }

  flow_file = "${path.module}/../flow/ringthrough.yaml"
}

resource "genesyscloud_integration_credential" "ringthrough" {
  name                 = var.integration_name
  credential_type_name = var.credential_type
  fields               = local.bearer ? { token = var.lookup_token } : { userName = "genesys", password = var.lookup_token }
}

resource "genesyscloud_integration" "ringthrough" {
  integration_type = "custom-rest-actions"
  intended_state   = "ENABLED" # the default is DISABLED

  config {
    name = var.integration_name
    credentials = {
      basicAuth = genesyscloud_integration_credential.ringthrough.id # the key is this one for every type of credential
    }
  }
}

# A change of a contract makes a new action with a new id, and a flow that knew
# the old one has to be published again. The contracts of v1 don't change.
resource "genesyscloud_integration_action" "ringthrough" {
  for_each = local.actions

  name                   = each.value.definition.name
  category               = var.integration_name
  integration_id         = genesyscloud_integration.ringthrough.id
  secure                 = each.value.definition.secure
  config_timeout_seconds = each.value.timeout
  contract_input         = jsonencode(each.value.definition.contract.input.inputSchema)
  contract_output        = jsonencode(each.value.definition.contract.output.successSchema)

  config_request {
    request_url_template = replace(each.value.definition.config.request.requestUrlTemplate, local.example_url, var.ringthrough_url)
    request_type         = each.value.definition.config.request.requestType
    request_template     = each.value.definition.config.request.requestTemplate
    headers              = local.headers[each.key]
  }

  config_response {
    translation_map          = each.value.definition.config.response.translationMap
    translation_map_defaults = each.value.definition.config.response.translationMapDefaults
    success_template         = each.value.definition.config.response.successTemplate
  }
}

resource "genesyscloud_architect_datatable" "fallback" {
  name        = var.table_name
  description = "Looked in while ringthrough is away. The key is caller-called, both without +: 16505550123-18005550100. A row counts for two hours from armed_at."

  properties {
    name  = "key"
    type  = "string"
    title = "caller-called"
  }

  properties {
    name  = "armed_at"
    type  = "string"
    title = "armed_at (UTC, as in 2026-11-23T20:55:00Z)"
  }

  properties {
    name  = "target_kind"
    type  = "string"
    title = "target_kind (queue, user or number)"
  }

  properties {
    name  = "target"
    type  = "string"
    title = "target"
  }

  properties {
    name  = "backup_kind"
    type  = "string"
    title = "backup_kind (queue, user or number; may be empty)"
  }

  properties {
    name  = "backup"
    type  = "string"
    title = "backup"
  }
}

resource "genesyscloud_architect_datatable_row" "fallback" {
  for_each = local.rows

  datatable_id    = genesyscloud_architect_datatable.fallback.id
  key_value       = each.key
  properties_json = jsonencode(each.value)
}

resource "genesyscloud_flow" "front" {
  count = var.publish_flow ? 1 : 0

  filepath            = local.flow_file
  update_trigger_hash = sha256(jsonencode([filesha256(local.flow_file), [for action in genesyscloud_integration_action.ringthrough : action.id]]))

  substitutions = {
    flow_name         = var.flow_name
    default_language  = var.default_language
    integration_name  = var.integration_name
    lookup_action     = genesyscloud_integration_action.ringthrough["lookup"].name
    result_action     = genesyscloud_integration_action.ringthrough["result"].name
    table_name        = genesyscloud_architect_datatable.fallback.name
    normal_flow       = var.normal_flow_name
    last_resort_queue = var.last_resort_queue_name
  }

  lifecycle {
    precondition {
      condition     = var.normal_flow_name != "" && var.last_resort_queue_name != ""
      error_message = "normal_flow_name and last_resort_queue_name are needed to publish the flow; or set publish_flow to false."
    }

    precondition {
      condition     = var.normal_flow_name != var.flow_name
      error_message = "normal_flow_name is the flow that answers today, not this one: the call would go round in circles."
    }
  }
}

resource "genesyscloud_telephony_providers_edges_did_pool" "number" {
  for_each = var.did_pools ? var.phone_numbers : toset([])

  start_phone_number = each.value
  end_phone_number   = each.value
  description        = "ringthrough"
}

# The same flow around the clock: the call must not hear that nobody is there.
resource "genesyscloud_architect_ivr" "front" {
  count = length(var.phone_numbers) > 0 ? 1 : 0

  name                  = var.ivr_name
  description           = "Activation calls ring through; every other call goes to ${var.normal_flow_name}."
  dnis                  = var.phone_numbers
  open_hours_flow_id    = one(genesyscloud_flow.front[*].id)
  closed_hours_flow_id  = one(genesyscloud_flow.front[*].id)
  holiday_hours_flow_id = one(genesyscloud_flow.front[*].id)
  schedule_group_id     = var.schedule_group_id
  depends_on            = [genesyscloud_telephony_providers_edges_did_pool.number]

  lifecycle {
    precondition {
      condition     = var.publish_flow
      error_message = "phone_numbers need the flow: leave publish_flow true, or leave phone_numbers empty."
    }
  }
}
