# The tests in three parts at once: tasks run test. On the machines of a CI matrix: tasks run --shard 1/3 test.

task "test" {
  description   = "Run the tests in three shards"
  shards        = 3
  shard_items   = fileset("tests", "*.sh")
  shard_timings = ["times.xml"]
  command       = ["sh", "run.sh", shard.items]
}

task "slow" {
  description   = "Run the tests that the file slow names"
  shards        = 2
  shard_items   = task.names.stdout
  shard_timings = ["times.xml"]
  command       = ["sh", "run.sh", shard.items]
}

task "names" {
  description = "Name the slow tests"
  command     = ["cat", "slow"]
}
