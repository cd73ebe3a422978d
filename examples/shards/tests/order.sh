test "$TASKS_SHARD_COUNT" -gt 0
