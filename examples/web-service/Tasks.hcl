tasks {
  default = task.test
}

# The image has no shell and no curl: tasks itself asks the service, from inside of its network.
service "web" {
  ready {
    http = ":8080/healthz"
  }
}

task "build" {
  description = "Compile the program for the image"
  command     = ["go", "build", "-trimpath", "-o", "bin/links", "."]
  env         = { CGO_ENABLED = "0", GOOS = "linux" }
  inputs      = ["*.go", "*.sql", "go.mod", "go.sum"]
  outputs     = ["bin/links"]
}

task "migrate" {
  description = "Create the tables that the database lacks"
  depends_on  = [task.build]
  service     = "web"
  command     = ["migrate"]
  inputs      = ["schema.sql"]
}

task "start" {
  description = "Start the service, and wait until it answers"
  steps       = [task.migrate, service.web.healthy]
}

task "url" {
  description = "Print the address of the service on this machine"
  depends_on  = [task.start]
  command     = ["echo", "http://127.0.0.1:${service.web.port["8080"]}"]
}

task "add" {
  description = "Give an address a short code"
  depends_on  = [task.start]
  service     = "web"
  command     = ["add", arg.address]

  arg "address" {
    description = "the address, for example https://go.dev"
  }
}

task "test" {
  description       = "Test the running service, with a database and a cache of its own"
  depends_on        = [task.start, service.db.healthy, service.redis.healthy]
  dependency_policy = "ephemeral"
  timeout           = "5m"
  command           = ["go", "test", "-count=1", args, "."]

  env = {
    LINKS_URL     = "http://127.0.0.1:${service.web.port["8080"]}"
    REDIS_ADDRESS = "127.0.0.1:${service.redis.port["6379"]}"
  }

  watch {
    paths = ["*.go", "*.sql"]
  }
}

task "psql" {
  description = "Open a prompt of the database, or run: tasks run psql -c 'TABLE links'"
  service     = "db"
  mode        = "exec"
  depends_on  = [service.db.healthy]
  command     = ["psql", "--host=127.0.0.1", "--username=app", "links", args]
  env         = { PGPASSWORD = "example" }
}

task "redis-cli" {
  description = "Open a prompt of the cache, or run: tasks run redis-cli keys '*'"
  service     = "redis"
  mode        = "exec"
  depends_on  = [service.redis.healthy]
  command     = ["redis-cli", args]
}
