variable "level" {}
variable "title" {}

task "build" {
  description = "Make the page"
  script      = "echo \"<title>$1</title>\""
  hidden      = true

  arg "title" {}
}

task "test" {
  description = "Test the page"
  command     = ["echo", "web at level ${var.level}: ${var.title}"]
}
