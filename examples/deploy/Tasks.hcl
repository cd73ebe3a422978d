# A site that is built when its pages have changed, and put on a server by one person at a time. Folders play the server.

tasks {
  default = task.deploy
  jobs    = 2
}

locals {
  pages  = "pages"
  site   = "site"
  server = "server"
}

defaults {
  timeout = "1m"
}

task "build" {
  description  = "Make the site of the pages"
  output_style = "quiet"
  inputs       = ["pages/**/*.md"]
  outputs      = ["site/*.html"]
  script       = <<-EOT
    mkdir -p "$SITE"
    for page in "$PAGES"/*.md; do
      name=$(basename "$page" .md)
      sed 's,^# \(.*\),<h1>\1</h1>,' "$page" >"$SITE/$name.html"
      echo "made $name"
    done
  EOT
  env = {
    PAGES = local.pages
    SITE  = local.site
  }
}

task "deploy" {
  description = "Put the site on the server"
  depends_on  = [task.build]
  lock        = "server"
  finally     = [task.reopen, task.report]

  retry {
    attempts = 3
    delay    = "100ms"
    backoff  = 2
  }

  script = <<-EOT
    mkdir -p "$SERVER"
    touch "$SERVER/closed"
    test -e "$SERVER/awake" || { touch "$SERVER/awake"; echo "the server was asleep" >&2; exit 75; }
    cp "$SITE"/*.html "$SERVER"
  EOT
  env = {
    SERVER = local.server
    SITE   = local.site
  }
}

task "reopen" {
  description = "Let the server answer again"
  hidden      = true
  command     = ["rm", "-f", "${local.server}/closed"]
}

task "report" {
  description = "Say how the last deployment ended"
  hidden      = true
  script      = "echo \"deploy: $REASON, exit code $CODE\" >>\"$SERVER/log\""
  env = {
    CODE   = result.exit_code
    REASON = result.reason
    SERVER = local.server
  }
}
