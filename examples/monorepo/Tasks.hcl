# Each part of the repository has a Tasks.hcl of its own; here they come together: tasks run check, tasks run api:test.

variable "level" {
  description = "How much the parts tell"
  default     = "info"

  validation {
    condition     = contains(["debug", "info"], var.level)
    error_message = "level is debug or info."
  }
}

include "api" {
  source    = "./api"
  variables = { level = var.level }
}

include "web" {
  source    = "./web"
  variables = { level = var.level, title = banner("shop", "=") }
}

function "banner" {
  params = [text, mark]
  result = "${mark}${mark} ${upper(text)} ${mark}${mark}"
}

task "check" {
  description = "Test all parts at once"
  depends_on  = [task["api:test"], task["web:test"]]
}
