# Sign in with an OAuth client of the grant type "client credentials":
#
#   export GENESYSCLOUD_OAUTHCLIENT_ID=… GENESYSCLOUD_OAUTHCLIENT_SECRET=… GENESYSCLOUD_REGION=us-east-1
#   export TF_VAR_lookup_token=$(ringthrough token create --role lookup --name genesys)
#   terraform init && terraform apply

terraform {
  required_providers {
    genesyscloud = {
      source = "mypurecloud/genesyscloud"
    }
  }
}

provider "genesyscloud" {}

variable "lookup_token" {
  description = "What ringthrough token create --role lookup printed."
  type        = string
  sensitive   = true
}

module "ringthrough" {
  source = "../"

  ringthrough_url = "https://ringthrough.example.com"
  lookup_token    = var.lookup_token

  normal_flow_name       = "Main IVR"
  last_resort_queue_name = "Reception"

  # Leave this out for a first try: the flow is published, and no call reaches it.
  phone_numbers = ["+18005550100"]

  # For the day that ringthrough is away. armed_at is filled in on that day.
  fallback_rows = [{
    ani         = "+16505550123"
    dnis        = "+18005550100"
    target_kind = "queue"
    target      = "WhatsApp activation"
    backup_kind = "number"
    backup      = "+15125550123"
  }]
}

output "flow_id" {
  description = "Id of the flow."
  value       = module.ringthrough.flow_id
}
