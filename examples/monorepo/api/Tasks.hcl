variable "flags" {
  default = ""
}

defaults {
  env = { CGO_ENABLED = "0" }
}

service "api" {
  ready {
    http = ":8080/healthz"
  }
}

task "build" {
  description = "Compile the API"
  command     = ["go", "build", "-trimpath", "-ldflags=${var.flags}", "-o", "bin/api", "."]
  env         = { GOOS = "linux" }
  inputs      = ["*.go", "../queue/*.go", "../go.mod", "../go.sum"]
  outputs     = ["bin/api"]
}

task "test" {
  description = "Test the API"
  command     = ["go", "test", args, ".", "../queue"]
  inputs      = ["*.go", "../queue/*.go", "../go.mod", "../go.sum"]
}
