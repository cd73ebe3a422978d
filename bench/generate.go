package main

import (
	"fmt"
	"strings"
)

// thousand is how many tasks the generated files have.
const thousand = 1000

// taskName is that of the i-th task. The last one's is in every list and every plan.
func taskName(i int) string { return fmt.Sprintf("t%04d", i) }

func lastTask() string { return taskName(thousand - 1) }

// taskFiles are the same thousand tasks for each tool: described, each echoing its name, and in a chain, where the n-th
// needs the one before, if chained.
func taskFiles(chained bool) map[string]string {
	var hcl, taskfile, just, make strings.Builder
	taskfile.WriteString("version: '3'\ntasks:\n")
	for i := range thousand {
		name, before := taskName(i), ""
		if chained && i > 0 {
			before = taskName(i - 1)
		}
		writeHCL(&hcl, name, before)
		writeTaskfile(&taskfile, name, before)
		fmt.Fprintf(&just, "# Task %s of a thousand\n%s:%s\n    echo %[2]s\n\n", name, name, spaced(before))
		fmt.Fprintf(&make, ".PHONY: %s\n%[1]s:%s\n\techo %[1]s\n\n", name, spaced(before))
	}
	return map[string]string{"Tasks.hcl": hcl.String(), "Taskfile.yml": taskfile.String(), "justfile": just.String(), "Makefile": make.String()}
}

func writeHCL(w *strings.Builder, name, before string) {
	fmt.Fprintf(w, "task %q {\n  description = \"Task %s of a thousand\"\n  command     = [\"echo\", %[1]q]\n", name, name)
	if before != "" {
		fmt.Fprintf(w, "  depends_on  = [task.%s]\n", before)
	}
	w.WriteString("}\n\n")
}

func writeTaskfile(w *strings.Builder, name, before string) {
	fmt.Fprintf(w, "  %s:\n    desc: Task %[1]s of a thousand\n    cmds: [echo %[1]s]\n", name)
	if before != "" {
		fmt.Fprintf(w, "    deps: [%s]\n", before)
	}
}

func spaced(dependency string) string {
	if dependency == "" {
		return ""
	}
	return " " + dependency
}
