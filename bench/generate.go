package main

import (
	"fmt"
	"strings"
)

// shape returns the numbers of the tasks that the i-th of n tasks needs.
type shape func(i, n int) []int

// shapes are the shapes for plans.
func shapes() []namedShape {
	return []namedShape{{"a chain", chainShape}, {"a fan", fanShape}, {"layers", layerShape}}
}

type namedShape struct {
	name string
	of   shape
}

// independentShape has no needs.
func independentShape(int, int) []int { return nil }

// chainShape needs the preceding task.
func chainShape(i, _ int) []int { return numbersBetween(max(0, i-1), i) }

// fanShape makes the last task need all others.
func fanShape(i, n int) []int {
	if i < n-1 {
		return nil
	}
	return numbersBetween(0, i)
}

// width is the number of tasks in a layer.
const width = 10

// layerShape needs three tasks of the preceding layer. The last task needs the whole layer.
func layerShape(i, n int) []int {
	switch layer := i / width; {
	case layer == 0:
		return nil
	case i == n-1:
		return numbersBetween((layer-1)*width, i)
	default:
		below := (layer - 1) * width
		return []int{below + i%width, below + (i+1)%width, below + (i+2)%width}
	}
}

// numbersBetween returns the numbers from up to, but not including, to.
func numbersBetween(from, to int) []int {
	var all []int
	for i := from; i < to; i++ {
		all = append(all, i)
	}
	return all
}

// taskName returns the name of the i-th task. Every list and every plan has the last task.
func taskName(i int) string { return fmt.Sprintf("t%04d", i) }

func taskNames(numbers []int) []string {
	var names []string
	for _, i := range numbers {
		names = append(names, taskName(i))
	}
	return names
}

// taskFiles returns files with the same n tasks for each tool. Every task has a description and performs the command;
// NAME stands for the task's name.
func taskFiles(n int, needs shape, command ...string) map[string]string {
	var hcl, taskfile, just, make strings.Builder
	taskfile.WriteString("version: '3'\nrun: once\ntasks:\n")
	for i := range n {
		name := taskName(i)
		words := strings.Fields(strings.ReplaceAll(strings.Join(command, " "), "NAME", name))
		line, before := strings.Join(words, " "), taskNames(needs(i, n))
		writeHCL(&hcl, name, words, before)
		writeTaskfile(&taskfile, name, line, before)
		fmt.Fprintf(&just, "# Task %s\n%[1]s:%[2]s\n    %[3]s\n\n", name, spaceSeparated(before), line)
		fmt.Fprintf(&make, ".PHONY: %s\n%[1]s:%[2]s\n\t%[3]s\n\n", name, spaceSeparated(before), line)
	}
	return map[string]string{
		"Tasks.hcl": hcl.String(), "Taskfile.yml": taskfile.String(),
		"justfile": just.String(), "Makefile": make.String(),
	}
}

func writeHCL(w *strings.Builder, name string, words, before []string) {
	fmt.Fprintf(w, "task %q {\n  description = \"Task %s\"\n  command     = [\"%s\"]\n",
		name, name, strings.Join(words, `", "`))
	if len(before) > 0 {
		fmt.Fprintf(w, "  depends_on  = [task.%s]\n", strings.Join(before, ", task."))
	}
	w.WriteString("}\n\n")
}

func writeTaskfile(w *strings.Builder, name, line string, before []string) {
	fmt.Fprintf(w, "  %s:\n    desc: Task %[1]s\n    cmds: [%s]\n", name, line)
	if len(before) > 0 {
		fmt.Fprintf(w, "    deps: [%s]\n", strings.Join(before, ", "))
	}
}

func spaceSeparated(dependencies []string) string {
	if len(dependencies) == 0 {
		return ""
	}
	return " " + strings.Join(dependencies, " ")
}
