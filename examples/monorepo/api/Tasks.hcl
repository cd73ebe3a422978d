variable "level" {}

defaults {
  env = { LEVEL = var.level }
}

task "test" {
  description = "Test the API"
  script      = "echo \"api at level $LEVEL in $(basename \"$PWD\")\""
}
