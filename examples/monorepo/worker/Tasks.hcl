variable "flags" {
  default = ""
}

defaults {
  env = { CGO_ENABLED = "0" }
}

task "build" {
  description = "Compile the worker"
  command     = ["go", "build", "-trimpath", "-ldflags=${var.flags}", "-o", "bin/worker", "."]
  env         = { GOOS = "linux" }
  inputs      = ["*.go", "../queue/*.go", "../go.mod", "../go.sum"]
  outputs     = ["bin/worker"]
}

task "test" {
  description = "Test the worker"
  command     = ["go", "test", args, "."]
  inputs      = ["*.go", "../queue/*.go", "../go.mod", "../go.sum"]
}
