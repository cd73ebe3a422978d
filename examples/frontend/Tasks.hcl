tasks {
  default = task.test
}

# nginx has no healthcheck: tasks waits for the answer of a request, from inside of the service's network.
service "web" {
  ready {
    http = ":80/index.html"
  }
}

task "test" {
  description = "Test each page in Chromium; one test: tasks run test@page=cart"
  service     = "browser"
  command     = ["sh", "tests/run.sh", matrix.page]

  matrix = { page = ["books", "cart", "empty-cart"] }

  watch {
    paths = ["site", "tests"]
  }
}

task "screenshot" {
  description = "Make a picture of a page: tasks run screenshot cart.html"
  service     = "browser"
  user        = "${uid()}:${gid()}"
  command     = ["browse", "http://web/${arg.page}", "--screenshot=screenshots/page.png"]
  depends_on  = [task.screenshots]

  arg "page" {
    description = "the page, from the folder site on"
    default     = "index.html"
  }
}

task "screenshots" {
  description = "Make the folder for pictures, with the user as the owner"
  hidden      = true
  command     = ["mkdir", "-p", "screenshots"]
}

task "open" {
  description = "Start the server, and print the address of the page on this machine"
  command     = ["echo", "http://127.0.0.1:${service.web.port["80"]}/"]
}
