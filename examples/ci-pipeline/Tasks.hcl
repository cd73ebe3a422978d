# The same commands at a desk and in CI: tasks run ci.

tasks {
  default = task.ci
}

locals {
  version = trimspace(file("VERSION"))
  sources = ["*.go", "*.sql", "go.mod", "go.sum"]
  package = "dist/report-${local.version}.tar.gz"
}

defaults {
  timeout = "10m"
}

task "ci" {
  description = "Everything that a change has to pass, and the package"
  steps       = [task.check, task.integration, task.package]
}

task "check" {
  description = "All that needs no database, at once"
  depends_on  = [task.lint, task.build, task.unit]
}

task "lint" {
  description  = "Check the layout, and go vet"
  output_style = "group"

  script = <<-EOT
    unformatted=$(gofmt -l .)
    if [ -n "$unformatted" ]; then
      echo "run gofmt -w on: $unformatted" >&2
      exit 1
    fi
    go vet ./...
  EOT
}

task "build" {
  description = "Compile the program, static"
  command     = ["go", "build", "-trimpath", "-ldflags=-X main.version=${local.version}", "-o", "bin/report", "."]
  env         = { CGO_ENABLED = "0" }
  inputs      = concat(local.sources, ["VERSION"])
  outputs     = ["bin/report"]
}

task "unit" {
  description  = "Run the tests without a database"
  output_style = "group"
  command      = ["go", "test", "-skip=^TestDatabase", args, "."]
}

task "integration" {
  description   = "Run the tests with a database, in two shards with a database each"
  output_style  = "group"
  shards        = 2
  shard_items   = task.database-tests.stdout
  shard_timings = ["integration.xml"]
  command       = ["go", "test", "-count=1", "-v", "-run=^(${join("|", shard.items)})$", "."]
  env           = { DATABASE_URL = "postgres://app:example@127.0.0.1:${service.db.port["5432"]}/shop" }
}

task "database-tests" {
  description = "Name the tests with a database"
  hidden      = true
  script      = "go test -list='^TestDatabase' . | grep ^Test"
}

task "package" {
  description = "Pack the program"
  depends_on  = [task.build]
  finally     = [task.summary]
  script      = "mkdir -p dist && tar -czf \"$PACKAGE\" -C bin report"
  env         = { PACKAGE = local.package }
  inputs      = ["bin/report", "VERSION"]
  outputs     = [local.package]

  precondition {
    condition     = can(regex("^[0-9]+[.][0-9]+[.][0-9]+$", local.version))
    error_message = "VERSION has to be a version such as 1.2.0, and is ${local.version}."
  }
}

task "summary" {
  description = "Write the end of the pipeline to the page of the CI run"
  hidden      = true
  script      = "echo \"package $PACKAGE: $REASON\" >>\"$FILE\""

  env = {
    FILE    = env("GITHUB_STEP_SUMMARY", "/dev/stdout")
    PACKAGE = local.package
    REASON  = result.reason
  }
}
