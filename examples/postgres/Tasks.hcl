variable "statement_timeout" {
  default     = "30s"
  description = "How long one SQL statement may take"
}

locals {
  psql = ["psql", "--no-psqlrc", "--quiet", "--set=ON_ERROR_STOP=1"]
}

task "migrate" {
  description = "Apply the migrations that the database lacks"
  service     = "tools"
  command     = ["sh", "migrate.sh"]
  env         = { PGOPTIONS = "-c statement_timeout=${var.statement_timeout}" }
}

task "seed" {
  description = "Fill the database with examples; may be run again"
  depends_on  = [task.migrate]
  service     = "tools"
  command     = [local.psql, "--file=seed.sql"]
}

task "psql" {
  description = "Open a SQL prompt, or run: tasks run psql -c 'TABLE customers'"
  service     = "tools"
  command     = ["psql", args]
  interactive = true
  tty         = "auto"
}

task "test" {
  description = "Test the schema; words name the tests: tasks run test stock"
  depends_on  = [task.migrate]
  service     = "tools"
  env         = { PGOPTIONS = "-c statement_timeout=${var.statement_timeout}" }

  script = <<-EOT
    if [ $# -eq 0 ]; then
      set -- $(basename -s .sql tests/*.sql)
    fi
    for name in "$@"; do
      psql --no-psqlrc --quiet --set=ON_ERROR_STOP=1 --file="tests/$name.sql"
      echo "ok $name"
    done
  EOT

  watch {
    paths    = ["migrations/*.sql", "tests/*.sql"]
    debounce = "100ms"
  }
}

task "version" {
  description = "Print the last migration that was applied"
  depends_on  = [task.migrate]
  service     = "tools"
  tty         = false
  command     = [local.psql, "--tuples-only", "--no-align", "--command=SELECT max(version) FROM schema_migrations"]
}

task "status" {
  description = "Say in one line where the database stands"
  command     = ["echo", "schema at ${task.version.stdout}"]
}

task "reset" {
  description = "Drop all tables and all data"
  service     = "tools"
  command     = [local.psql, "--command=DROP SCHEMA public CASCADE", "--command=CREATE SCHEMA public"]
}
