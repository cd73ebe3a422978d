// Package arguments parses the words behind a task's name by the arg and flag blocks of the task.
package arguments
