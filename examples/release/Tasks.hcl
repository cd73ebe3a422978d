# Host tasks with typed words: tasks run release minor --dry, tasks run release --help.

tasks {
  default = task.check
}

locals {
  current = trimspace(file("VERSION"))
  parts   = [for part in split(".", local.current) : parseint(part, 10)]
  next = {
    major = "${local.parts[0] + 1}.0.0"
    minor = "${local.parts[0]}.${local.parts[1] + 1}.0"
    patch = "${local.parts[0]}.${local.parts[1]}.${local.parts[2] + 1}"
  }
}

task "check" {
  description = "Look for notes on the next release"
  group       = "release"
  command     = ["grep", "-q", "^## Unreleased", "NOTES.md"]
}

task "release" {
  description = "Give the next version its number: major, minor or patch"
  group       = "release"
  aliases     = ["ship"]
  depends_on  = [task.check]

  arg "part" {
    description = "which part of the version grows"
    enum        = ["major", "minor", "patch"]
    default     = "patch"
  }

  flag "dry" {
    type        = bool
    short       = "n"
    description = "say what would be done"
  }

  precondition {
    condition     = fileexists("NOTES.md")
    error_message = "Nobody would know what ${local.current} has become: write NOTES.md."
  }

  script = <<-EOT
    if [ "$DRY" = true ]; then
      echo "would release $NEXT after $CURRENT"
    else
      echo "$NEXT" >VERSION
      echo "released $NEXT"
    fi
  EOT

  env = {
    CURRENT = local.current
    NEXT    = local.next[arg.part]
    DRY     = tostring(flag.dry)
  }
}
