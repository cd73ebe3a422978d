package view

import (
	"fmt"
	"strings"

	"tasks/hclspec"
	"tasks/internal/plaintext"
)

// PrintTask writes a task to stdout for a person.
func PrintTask(p *Printer, d TaskDocument) error {
	title := plaintext.Escape(d.Name)
	if d.Description != "" {
		title += ": " + plaintext.Message(d.Description)
	}
	return p.PrintText(title + "\n\n" + labelled("usage", d.Usage) + d.text(d.paramsText))
}

// PrintTaskHelp writes the usage of a task to stdout, and then the rest of [PrintTask].
func PrintTaskHelp(p *Printer, d TaskDocument, usage string) error {
	return p.PrintText(usage + "\n" + d.text(""))
}

func labelled(label, text string) string {
	return fmt.Sprintf("%-13s %s\n", label, plaintext.Message(text))
}

// text renders the document without name and usage. params are the declared arguments and flags.
func (d TaskDocument) text(params string) string {
	var b strings.Builder
	line := func(label, text string) {
		if text != "" {
			b.WriteString(labelled(label, text))
		}
	}
	line("aliases", strings.Join(d.Aliases, ", "))
	line("group", d.Group)
	line("runs", d.locationText())
	if d.Shards > 0 {
		line("shards", fmt.Sprintf("%d, of which the first is shown", d.Shards))
	}
	line("schedule", strings.Join(d.Schedule, ", "))
	line("skipped", d.Skipped)
	line("asks", d.Confirm)
	line("timeout", d.Timeout)
	line("output", d.OutputStyle)
	line("policy", d.DependencyPolicy)
	line("lock", d.Lock)
	line("retry", d.Retry.text())
	if d.Entrypoint != nil {
		line("entrypoint", quoteWords(d.Entrypoint))
	}
	if d.Command != nil {
		line("command", quoteWords(d.Command))
	}
	line("user", d.User)
	line("workdir", d.Workdir)
	line("ports", strings.Join(d.Ports, ", "))
	line("volumes", strings.Join(d.Volumes, ", "))
	b.WriteString(params)
	d.writeInstances(&b)
	d.writeEnvironment(&b)
	d.writeDependencies(&b)
	if len(d.Finally) > 0 {
		b.WriteString("\nfinally:\n")
	}
	for _, name := range d.Finally {
		b.WriteString("  task " + plaintext.Escape(name) + "\n")
	}
	if d.ComposeRun != "" {
		b.WriteString("\nclosest docker command:\n  " + plaintext.Escape(d.ComposeRun) + "\n")
	}
	for _, lack := range d.ComposeRunLacks {
		b.WriteString("  # " + plaintext.Escape(lack) + "\n")
	}
	return b.String()
}

// locationText is the place of the command.
func (d TaskDocument) locationText() string {
	switch d.Runs {
	case "service":
		if d.Mode == "exec" {
			return "in the running container of service " + d.Service
		}
		return "a one-off of service " + d.Service
	case runsJob:
		return "a one-off of job " + d.Job
	case "image":
		return "a one-off of image " + d.Image
	case "group":
		return "nothing itself (group)"
	}
	return "on the host"
}

// writeInstances lists the task runs of a matrix. The document shows one.
func (d TaskDocument) writeInstances(b *strings.Builder) {
	if len(d.Instances) == 0 {
		return
	}
	fmt.Fprintf(b, "\nmatrix (%d runs):\n", len(d.Instances))
	for _, name := range d.Instances {
		if name == d.Name+"@"+d.Combination {
			name += "  (shown here)"
		}
		b.WriteString("  " + plaintext.Escape(name) + "\n")
	}
}

// quoteWords shows the bounds of each word, on one line. An empty list is visible too.
func quoteWords(words []string) string {
	if len(words) == 0 {
		return "(no words)"
	}
	return plaintext.Escape(hclspec.QuoteWords(words))
}

func (d TaskDocument) writeEnvironment(b *strings.Builder) {
	if len(d.Environment) == 0 {
		return
	}
	b.WriteString("\nenvironment:\n")
	rows := make([][2]string, len(d.Environment))
	widths := [2]int{}
	for i, v := range d.Environment {
		rows[i] = [2]string{plaintext.Escape(v.Name), v.text()}
		widths[0] = max(widths[0], columns(rows[i][0]))
		widths[1] = max(widths[1], min(columns(rows[i][1]), maxValueWidth))
	}
	for i, v := range d.Environment {
		from := v.Source
		if v.Place != "" {
			from += " (" + v.Place + ")"
		}
		line := padTo(rows[i][0], widths[0]) + "  " + padTo(rows[i][1], widths[1])
		b.WriteString("  " + line + "  " + plaintext.Escape(from) + "\n")
	}
}

// maxValueWidth limits the width of the column of values.
const maxValueWidth = 40

// text is a value on one line.
func (v Variable) text() string {
	if v.Value == nil {
		return "(unset)"
	}
	return hclspec.QuoteWords([]string{plaintext.Escape(*v.Value)})
}

func (d TaskDocument) writeDependencies(b *strings.Builder) {
	heading := ""
	for _, dep := range d.DependsOn {
		if wanted := dep.heading(); wanted != heading {
			heading = wanted
			b.WriteString("\n" + heading + ":\n")
		}
		text := "task " + dep.Task
		if dep.Service != "" {
			text = "service " + dep.Service
		}
		if condition := (Edge{Condition: dep.Condition}).text(); condition != "" {
			text += ", " + condition
		}
		if dep.Reason == "output" {
			text += ", whose output is used"
		}
		b.WriteString("  " + plaintext.Escape(text) + "\n")
	}
}

func (d TaskDependency) heading() string {
	if d.Position > 0 {
		return "one after the other"
	}
	return "first"
}

// text is the block in a few words.
func (r *TaskRetry) text() string {
	if r == nil {
		return ""
	}
	text := fmt.Sprintf("%d attempts", r.Attempts)
	if r.Delay != "" {
		text += ", " + r.Delay + " apart"
	}
	if r.Delay != "" && r.Backoff > 1 {
		text += fmt.Sprintf(", each pause %v times as long as the one before", r.Backoff)
	}
	return text
}
