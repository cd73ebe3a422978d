package view

import (
	"strings"

	"github.com/hashicorp/hcl/v2"

	"tasks/hclspec"
	"tasks/planner"
)

// PrintPlan writes a plan to stdout for a person.
func PrintPlan(p *Printer, plan *planner.Plan) error { return p.PrintText(plan.String()) }

// PrintPlanDocument writes the document of `tasks plan --json` to stdout. Files are the sources by name.
func PrintPlanDocument(p *Printer, plan *planner.Plan, files map[string]*hcl.File) error {
	warnings := hclspec.DiagnosticDocuments(files, plan.Diagnostics)
	return PrintJSON(p, NewPlanDocument(plan, plan.DisplayNames(p.Mask), warnings))
}

// PlanDocument is the document of `tasks plan --json`.
type PlanDocument struct {
	FormatVersion int    `json:"format_version"`
	Project       string `json:"project,omitempty"`
	// Projects are the names of the other compose projects that steps touch, by their scope.
	Projects map[string]string `json:"projects,omitempty"`
	// Private are the private projects among them.
	Private map[string]PrivateProject `json:"private,omitempty"`
	// Creates says that something has to be made that is still there after the run.
	Creates bool `json:"creates"`
	// Wanted are the steps of the tasks that were asked for.
	Wanted []planner.StepID `json:"wanted"`
	// Steps stand after those that they need.
	Steps       []PlanStep                   `json:"steps"`
	Diagnostics []hclspec.DiagnosticDocument `json:"diagnostics"`
}

// PrivateProject is a copy of a compose project that a run makes for one of its tasks, and removes after.
type PrivateProject struct {
	Project string `json:"project"`
	// Of is the project that it is a copy of.
	Of   string `json:"of"`
	Task string `json:"task"`
	// Range is where the policy is said; nil: on the command line.
	Range *hclspec.SourceRange `json:"range,omitempty"`
}

// PlanStep is one step of a plan.
type PlanStep struct {
	ID planner.StepID `json:"id"`
	// Scope says which compose project it is about; empty: that of the files.
	Scope string `json:"scope,omitempty"`
	// Verb is what is done, Kind and Name to what.
	Verb   planner.Verb `json:"verb"`
	Kind   string       `json:"kind"`
	Name   string       `json:"name"`
	Reason string       `json:"reason,omitempty"`
	Needs  []PlanNeed   `json:"needs"`
	// Unknown are the attributes of its command whose values only the run will know.
	Unknown []PlanUnknown        `json:"unknown,omitempty"`
	Range   *hclspec.SourceRange `json:"range,omitempty"`
}

// PlanUnknown is an attribute that waits for results.
type PlanUnknown struct {
	Attribute string `json:"attribute"`
	// Values are references to what it waits for, as they are written. It is never nil.
	Values []string `json:"values"`
}

// PlanNeed is a step that comes first.
type PlanNeed struct {
	Step     planner.StepID `json:"step"`
	Reason   string         `json:"reason,omitempty"`
	Optional bool           `json:"optional,omitempty"`
	// Ended asks for the step's end alone, however it came.
	Ended bool `json:"ended,omitempty"`
}

// NewPlanDocument makes the document of a plan with its warnings, in which steps and scopes are named as they are shown.
func NewPlanDocument(p *planner.Plan, names *planner.DisplayNames, warnings []hclspec.DiagnosticDocument) PlanDocument {
	doc := PlanDocument{
		FormatVersion: FormatVersion, Project: p.Project, Projects: otherProjects(p, names), Private: privateProjects(p, names), Creates: p.CreatesResources(),
		Steps: make([]PlanStep, len(p.Steps)), Diagnostics: warnings,
	}
	for i, s := range p.Steps {
		kind, name := names.Subject(s)
		step := PlanStep{ID: names.ID(s), Scope: names.Scope(s.Scope), Verb: s.Verb, Kind: kind, Name: name, Reason: s.Reason, Needs: []PlanNeed{}}
		for _, n := range s.Needs {
			step.Needs = append(step.Needs, PlanNeed{Step: names.NeedID(n.Step), Reason: n.Reason, Optional: n.Optional, Ended: n.EndOnly})
		}
		for _, u := range s.Unknown() {
			step.Unknown = append(step.Unknown, PlanUnknown{Attribute: u.Name, Values: append([]string{}, u.WaitsFor...)})
		}
		if s.Range.Filename != "" {
			step.Range = hclspec.SourceRangeOf(s.Range)
		}
		doc.Steps[i] = step
	}
	for _, id := range p.Targets {
		doc.Wanted = append(doc.Wanted, names.NeedID(id))
	}
	return doc
}

// otherProjects are the names of the compose projects beside that of the files.
func otherProjects(p *planner.Plan, displayed *planner.DisplayNames) map[string]string {
	names := map[string]string{}
	for scope, other := range p.Scopes {
		if scope != "" {
			names[displayed.Scope(scope)] = other.Project
		}
	}
	return names
}

// privateProjects are nil where a plan has none.
func privateProjects(p *planner.Plan, names *planner.DisplayNames) map[string]PrivateProject {
	var projects map[string]PrivateProject
	for scope, s := range p.Scopes {
		if s.PrivateTask == "" {
			continue
		}
		private := PrivateProject{Project: s.Project, Of: s.Original, Task: s.PrivateTask}
		if s.PolicyRange.Filename != "" {
			private.Range = hclspec.SourceRangeOf(s.PolicyRange)
		}
		if projects == nil {
			projects = map[string]PrivateProject{}
		}
		projects[names.Scope(scope)] = private
	}
	return projects
}

// PlanGraph is a plan's steps and what each needs, to be drawn. They are named as they are shown: what is masked only in the
// drawing has been quoted by then, and would not be found.
func PlanGraph(p *planner.Plan, names *planner.DisplayNames) Graph {
	g := Graph{FormatVersion: FormatVersion, Nodes: []Node{}, Edges: []Edge{}}
	for _, s := range p.Steps {
		kind, name := names.Subject(s)
		node := Node{ID: string(names.ID(s)), Kind: "task", Name: name, label: strings.Join([]string{string(s.Verb), kind, name}, " ")}
		if kind == "service" {
			node.Kind = kind
		}
		g.Nodes = append(g.Nodes, node)
		for _, n := range s.Needs {
			g.Edges = append(g.Edges, Edge{From: string(names.ID(s)), To: string(names.NeedID(n.Step))})
		}
	}
	return g
}
