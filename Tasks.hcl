compose {
  files   = ["examples/hello/compose.yaml"]
  project = "tasks-hello"
}

task "hello" {
  description = "Say hello through a store in a container: the first minute of tasks"
  depends_on  = [task.hello-binary]
  service     = "client"
  command     = ["hello"]
}

task "hello-binary" {
  description = "Compile the store and its client for the image"
  command     = ["go", "build", "-o", "examples/hello/bin/kv", "./examples/hello/kv"]
  env         = { CGO_ENABLED = "0", GOOS = "linux" }
}

task "build" {
  description = "Compile tasks to bin/tasks, static"
  command     = ["go", "build", "-o", "bin/tasks", "./cmd/tasks"]
  env         = { CGO_ENABLED = "0" }
}

task "release" {
  description = "Make all files of a release in dist/; words go to the program: tasks run release -targets linux/amd64"
  command     = ["go", "run", "-C", "release", ".", args]
}

task "test" {
  description = "Test all packages; words go to go test: tasks run test -run Plan"
  command     = ["go", "test", args, "./..."]

  watch {
    paths    = ["**/*.go", "**/testdata/**"]
    ignore   = ["bin/**"]
    debounce = "100ms"
  }
}

task "lint" {
  description = "Check layout, go vet, staticcheck and the length of files"
  command     = [".ci/lint"]
}

task "bench" {
  description = "Measure tasks beside what is installed, and write docs/BENCHMARKS.md"
  command     = ["go", "run", "./bench"]
}

task "docs" {
  description = "Check that the documentation is true"
  command     = ["go", "test", "./hclspec", "./cmd/tasks", "./internal/archtest", "-run", "Doc|HasAnExample|Link"]
}
