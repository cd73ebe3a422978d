// Package workflow makes a page about the tasks of a project for the team, as Markdown and as HTML. The page depends on
// the files only, never on values of variables, on the machine or on an engine.
package workflow

import (
	"slices"
	"strings"

	"tasks/hclspec"
	"tasks/internal/plaintext"
	"tasks/internal/view"
)

// Page is the content of the page.
type Page struct {
	Title     string
	Groups    []Group
	Variables []hclspec.VariableInfo
	Graph     view.Graph
}

// Group has the tasks of a group; the first group may have no name.
type Group struct {
	Name  string
	Tasks []Task
}

// Task is a task on the page.
type Task struct {
	hclspec.TaskSummary
	// Call is the command line of the task, Runs the place of its command.
	Call, Runs string
	// Params are the arguments and flags.
	Params []Param
	// Before and After are the dependencies and the finally tasks, as texts.
	Before, After []string
}

// Param is an argument or a flag of a task.
type Param struct{ Name, Description, Details string }

// New returns the page of a file. Hidden tasks appear in the graph only. needs returns the dependencies of services.
func New(title string, file *hclspec.File, needs view.ServiceNeeds) Page {
	p := Page{Title: title, Variables: file.Variables(), Groups: []Group{{}}} // tasks without a group first
	summaries := file.TaskSummaries()
	p.Graph = view.TaskGraph(summaries, needs)
	for _, s := range summaries {
		if s.Hidden {
			continue
		}
		i := slices.IndexFunc(p.Groups, func(g Group) bool { return g.Name == s.Group })
		if i < 0 {
			i = len(p.Groups)
			p.Groups = append(p.Groups, Group{Name: s.Group})
		}
		p.Groups[i].Tasks = append(p.Groups[i].Tasks, newTask(s, file.TaskUsage(s.Name)))
	}
	if len(p.Groups[0].Tasks) == 0 {
		p.Groups = p.Groups[1:]
	}
	return p
}

func newTask(s hclspec.TaskSummary, usage *hclspec.TaskUsage) Task {
	t := Task{TaskSummary: s, Call: strings.TrimSpace("tasks run " + s.Name + " " + s.ArgsText), Runs: placeOf(s)}
	if usage != nil {
		for _, p := range usage.Args {
			t.Params = append(t.Params, newParam(p, p.Name))
		}
		for _, p := range usage.Flags {
			name := "--" + p.Name
			if p.Short != "" {
				name = "-" + p.Short + ", " + name
			}
			t.Params = append(t.Params, newParam(p, name))
		}
	}
	for _, d := range s.DependsOn {
		t.Before = append(t.Before, dependencyText(d))
	}
	for _, d := range s.Finally {
		t.After = append(t.After, dependencyText(d))
	}
	return t
}

func newParam(p hclspec.ParamUsage, name string) Param {
	var details []string
	add := func(text string) { details = append(details, text) }
	if p.Type != "" && p.Type != "string" {
		add(p.Type)
	}
	if len(p.Enum) > 0 {
		add("one of " + strings.Join(p.Enum, ", "))
	}
	switch {
	case p.IsRequired:
		add("required")
	case p.Default != "":
		add("default " + p.Default)
	}
	if p.Env != "" {
		add("or the variable " + p.Env)
	}
	if p.IsVariadic {
		add("may be repeated")
	}
	return Param{Name: name, Description: p.Description, Details: strings.Join(details, "; ")}
}

// placeOf tells where the command of a task runs.
func placeOf(s hclspec.TaskSummary) string {
	switch {
	case s.Kind == hclspec.GroupTask:
		return "no command of its own"
	case s.Kind == hclspec.HostTask:
		return "on this machine"
	case s.IsJob && s.Service != "":
		return "as the job " + s.Service
	case s.Kind == hclspec.ServiceTask && s.Service != "":
		return "in a container of the service " + s.Service
	}
	return "in a container"
}

func dependencyText(d hclspec.Dependency) string {
	if d.Task != "" {
		return "task " + d.Task
	}
	kind := "service "
	if d.IsJob {
		kind = "job "
	}
	return kind + d.Service
}

// marks are the properties of a task in words.
func (t Task) marks() []string {
	var all []string
	if t.IsDefault {
		all = append(all, "default")
	}
	if t.HasMatrix {
		all = append(all, "matrix")
	}
	if t.HasWatch {
		all = append(all, "`tasks watch "+t.Name+"`")
	}
	return all
}

// clean spells out control characters on one line.
func clean(text string) string { return plaintext.Escape(strings.Join(strings.Fields(text), " ")) }
