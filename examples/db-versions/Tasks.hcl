locals {
  # The compose files of each version, over compose.yaml.
  versions = {
    "15" = []
    "17" = ["compose.postgres-17.yaml"]
  }
  psql = ["psql", "--no-psqlrc", "--quiet", "--set=ON_ERROR_STOP=1"]
}

tasks {
  default = task.test
}

# The attributes of all tasks that run beside a database of a version.
task "versioned" {
  hidden            = true
  matrix            = { postgres = keys(local.versions) }
  compose_files     = local.versions[matrix.postgres]
  dependency_policy = "ephemeral"
}

task "test" {
  description = "Test the queries on each version; on one: tasks run test@postgres=17"
  extends     = [task.versioned]
  service     = "sql"
  timeout     = "5m"

  script = <<-EOT
    psql --no-psqlrc --quiet --set=ON_ERROR_STOP=1 --file=schema.sql
    for file in tests/*.sql tests/"$VERSION"/*.sql; do
      test -e "$file" || continue # this version has no tests of its own
      psql --no-psqlrc --quiet --set=ON_ERROR_STOP=1 --file="$file"
      echo "ok $file"
    done
  EOT

  env = { VERSION = matrix.postgres }

  watch {
    paths = ["*.sql", "tests"]
  }
}

task "explain" {
  description = "Print how each version runs the query of the report"
  extends     = [task.versioned]
  service     = "sql"
  command     = [local.psql, "--tuples-only", "--no-align", "--file=schema.sql", "--file=explain.sql"]
}
