terraform {
  required_version = ">= 1.5"

  required_providers {
    genesyscloud = {
      source  = "mypurecloud/genesyscloud"
      version = ">= 1.73.0" # early ones want file_content_hash set on a flow; by this one it must not be
    }
  }
}
