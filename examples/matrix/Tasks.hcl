# One task for each combination: tasks run test, tasks run 'test@locale=C,sorter=sort'.

task "base" {
  hidden = true
  env    = { TZ = "UTC" }
}

task "test" {
  description = "Sort the cases in each locale, with each program"
  extends     = [task.base]

  matrix = {
    sorter = ["sort", "awk"]
    locale = ["C", "C.UTF-8"]
  }

  env = { LC_ALL = matrix.locale }

  script = matrix.sorter == "sort" ? "sort cases/words | cmp - cases/sorted && echo ok" : "awk -f sort.awk cases/words | cmp - cases/sorted && echo ok"
}

task "lines" {
  description = "Count the cases"
  script      = "wc -l <cases/words | tr -d ' '"
}

task "report" {
  description   = "Test, and say how much was tested"
  depends_on    = [task.test]
  command       = ["echo", "${task.lines.stdout} words sorted"]
  allow_failure = false
}
