# Each part has a Tasks.hcl of its own. Here they come together: tasks run check, tasks run api:test.

tasks {
  default = task.check
}

variable "level" {
  description = "How much the programs log"
  default     = "info"

  validation {
    condition     = contains(["debug", "info"], var.level)
    error_message = "level is debug or info."
  }
}

include "api" {
  source    = "./api"
  variables = { flags = flags(var.level) }
}

include "worker" {
  source    = "./worker"
  variables = { flags = flags(var.level) }
}

# The flags of the Go compiler that set the level.
function "flags" {
  params = [level]
  result = "-X monorepo/queue.Level=${level}"
}

task "check" {
  description = "Test all parts, each only after a change"
  depends_on  = [task["api:test"], task["worker:test"]]
}

task "upper" {
  description = "Send a text through the API, the queue and the worker: tasks run upper hello"
  depends_on  = [task["api:build"], task["worker:build"], service.api, service.worker.started]
  service     = "api"
  command     = ["send", "api:8080", args]
}
