// Package shards divides a list of items among the shards of a task, by the times in JUnit files.
package shards
