variable "ringthrough_url" {
  description = "Where ringthrough answers, as Genesys Cloud reaches it: https, no path, no slash at the end."
  type        = string

  validation {
    condition     = can(regex("^https://[A-Za-z0-9.-]+(:[0-9]+)?$", var.ringthrough_url))
    error_message = "Write it as https://ringthrough.example.com: https, a host, perhaps a port, nothing after it."
  }
}

variable "lookup_token" {
  description = "A token of the role lookup: ringthrough token create --role lookup --name genesys. It ends up in the Terraform state."
  type        = string
  sensitive   = true

  validation {
    condition     = length(var.lookup_token) >= 16 && !can(regex("[^!-~]", var.lookup_token))
    error_message = "A token has 16 characters at least, and no blanks or line ends: is there one at the end of the file that it comes from?"
  }
}

variable "credential_type" {
  description = "How the token is sent: userDefined as Authorization: Bearer, basicAuth as the password of Basic. ringthrough takes both. Don't change it once the actions are published: that can break them."
  type        = string
  default     = "userDefined"

  validation {
    condition     = contains(["userDefined", "basicAuth"], var.credential_type)
    error_message = "Use userDefined or basicAuth."
  }
}

variable "integration_name" {
  description = "Name of the integration that holds the data actions. The flow knows the actions by it."
  type        = string
  default     = "ringthrough"

  validation {
    condition     = can(regex("^[A-Za-z0-9][A-Za-z0-9 ._-]{0,99}$", var.integration_name))
    error_message = "Letters, digits, blanks, dots, underscores and hyphens only, 100 at most: it becomes a key in the flow's YAML."
  }
}

variable "lookup_timeout_seconds" {
  description = "How long the lookup may take before the call goes on without it. The flow's own step waits 4 seconds, so less than that."
  type        = number
  default     = 3

  validation {
    condition     = contains([1, 2, 3], var.lookup_timeout_seconds)
    error_message = "1, 2 or 3: the flow's step gives up after 4."
  }
}

variable "table_name" {
  description = "Name of the data table that is looked in while ringthrough is away."
  type        = string
  default     = "ringthrough fall-back"

  validation {
    condition     = can(regex("^[A-Za-z0-9][A-Za-z0-9 ._-]{0,99}$", var.table_name))
    error_message = "Letters, digits, blanks, dots, underscores and hyphens only, 100 at most: it becomes a key in the flow's YAML."
  }
}

variable "fallback_rows" {
  description = "Rows of that table: one for each pair of calling and called number. A row counts for two hours from armed_at; leave armed_at empty to have it there, but not armed. Who arms rows by hand in Architect leaves this empty."
  type = list(object({
    ani         = string
    dnis        = string
    armed_at    = optional(string, "")
    target_kind = string
    target      = string
    backup_kind = optional(string, "")
    backup      = optional(string, "")
  }))
  default = []

  validation {
    condition     = alltrue([for r in var.fallback_rows : can(regex("^\\+[1-9][0-9]{6,14}$", r.ani)) && can(regex("^\\+[1-9][0-9]{6,14}$", r.dnis))])
    error_message = "ani and dnis are numbers in E.164, as in +16505550123."
  }

  validation {
    condition     = alltrue([for r in var.fallback_rows : contains(["queue", "user", "number"], r.target_kind) && contains(["", "queue", "user", "number"], r.backup_kind)])
    error_message = "target_kind is queue, user or number, and so is backup_kind, or it is empty."
  }

  validation {
    condition     = alltrue([for r in var.fallback_rows : r.target != "" && (r.backup != "") == (r.backup_kind != "")])
    error_message = "target must be there; backup and backup_kind must both be there, or neither."
  }

  validation {
    condition     = alltrue([for r in var.fallback_rows : r.armed_at == "" || can(regex("^[0-9]{4}-[0-9]{2}-[0-9]{2}T[0-9]{2}:[0-9]{2}:[0-9]{2}Z$", r.armed_at))])
    error_message = "armed_at is a time in UTC, as in 2026-11-23T20:55:00Z, or empty."
  }
}

variable "publish_flow" {
  description = "Whether to publish the flow. Set it to false to make the integration, the actions and the table, and to build the flow by hand."
  type        = bool
  default     = true
}

variable "flow_name" {
  description = "Name of the flow. Another name makes another flow and leaves the old one where it is."
  type        = string
  default     = "ringthrough front"

  validation {
    condition     = can(regex("^[A-Za-z0-9][A-Za-z0-9 ._-]{0,99}$", var.flow_name))
    error_message = "Letters, digits, blanks, dots, underscores and hyphens only, 100 at most."
  }
}

variable "normal_flow_name" {
  description = "Name of the inbound call flow that answers these numbers today. Every call that isn't let through goes there. Needed to publish the flow."
  type        = string
  default     = ""

  validation {
    condition     = !can(regex("[\"\\\\{}]", var.normal_flow_name))
    error_message = "Quotes, backslashes and braces can't be written into the flow's YAML: give the flow another name."
  }
}

variable "last_resort_queue_name" {
  description = "Name of the queue that takes the call if that flow can't be reached. Needed to publish the flow."
  type        = string
  default     = ""

  validation {
    condition     = !can(regex("[\"\\\\{}]", var.last_resort_queue_name))
    error_message = "Quotes, backslashes and braces can't be written into the flow's YAML: give another queue."
  }
}

variable "default_language" {
  description = "Language of the flow, as Architect writes it. The flow says nothing, so any will do that the organization has."
  type        = string
  default     = "en-us"

  validation {
    condition     = can(regex("^[a-z]{2,3}(-[a-z0-9]{2,4})?$", var.default_language))
    error_message = "Write it as en-us."
  }
}

variable "phone_numbers" {
  description = "The numbers that the flow shall answer, in E.164. Empty: no call route is made, and the numbers are moved to the flow by hand. A number belongs to one route only: take it off its old one first."
  type        = set(string)
  default     = []

  validation {
    condition     = alltrue([for n in var.phone_numbers : can(regex("^\\+[1-9][0-9]{6,14}$", n))])
    error_message = "Numbers are in E.164, as in +18005550100."
  }
}

variable "ivr_name" {
  description = "Name of the call route. Another name makes it anew."
  type        = string
  default     = "ringthrough"
}

variable "schedule_group_id" {
  description = "Schedule group of the call route. The flow answers open, closed and on holidays alike: activation calls come when they come. Null: none."
  type        = string
  default     = null
}

variable "did_pools" {
  description = "Whether to make a pool for each number too. Only for numbers that a carrier of yours brings and that are in no pool yet."
  type        = bool
  default     = false
}
