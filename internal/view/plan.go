package view

import (
	"io"
	"strings"

	"tasks/internal/view/diagnostics"
	"tasks/planner"
)

// PrintPlan writes a plan to stdout for a person.
func PrintPlan(p *Printer, plan *planner.Plan) error {
	columns := p.StdoutWidth()
	text := planText{
		plan: plan, mask: p.Mask, isTerminal: columns > 0, hasColor: columns > 0 && p.hasColor.Load(), columns: columns,
	}
	_, err := io.WriteString(styledStdout(p), text.String())
	return err
}

// PrintPlanDocument writes the document of `tasks plan --json` to stdout.
func PrintPlanDocument(p *Printer, plan *planner.Plan) error {
	warnings := diagnostics.NewDocuments(plan.Diagnostics)
	return PrintJSON(p, NewPlanDocument(plan, plan.DisplayNames(p.Mask), warnings))
}

// PlanDocument is the document of `tasks plan --json`.
type PlanDocument struct {
	FormatVersion int    `json:"format_version"`
	Project       string `json:"project,omitempty"`
	// Projects are the names of the other compose projects in the plan, by scope.
	Projects map[string]string `json:"projects,omitempty"`
	// Private are the private projects in Projects.
	Private map[string]PrivateProject `json:"private,omitempty"`
	// Creates reports whether the run creates a resource for longer than the run.
	Creates bool `json:"creates"`
	// Wanted are the steps of the requested tasks.
	Wanted []planner.StepID `json:"wanted"`
	// Steps follow all needed steps.
	Steps       []PlanStep             `json:"steps"`
	Diagnostics []diagnostics.Document `json:"diagnostics"`
	// Placement says where the projects are, on an engine with several nodes.
	Placement *PlanPlacement `json:"placement,omitempty"`
}

// PlanPlacement says on which nodes of an engine the compose projects are.
type PlanPlacement struct {
	Engine string `json:"engine"`
	// Swarm reports whether the nodes are those of a Docker Swarm.
	Swarm bool       `json:"swarm"`
	Slots int        `json:"slots"`
	Nodes []PlanNode `json:"nodes"`
	// Sends are the images that the run sends to nodes.
	Sends []string `json:"sends,omitempty"`
}

// PlanNode is a node of an engine.
type PlanNode struct {
	Name string `json:"name"`
	// State is "ready", "closed" to new projects, or "lost".
	State string `json:"state"`
	// Scopes are the projects on the node, as in Projects.
	Scopes []string `json:"scopes"`
}

// PrivateProject is a copy of a compose project for one task. The run removes the copy.
type PrivateProject struct {
	Project string `json:"project"`
	// Of is the copied project.
	Of   string `json:"of"`
	Task string `json:"task"`
	// Range is the place of the policy; nil: the command line.
	Range *diagnostics.Range `json:"range,omitempty"`
}

// PlanStep is a step of a plan.
type PlanStep struct {
	ID planner.StepID `json:"id"`
	// Scope is the compose project of the step; empty: the project of the files.
	Scope string `json:"scope,omitempty"`
	// Verb is the action, Kind and Name the object.
	Verb   planner.Verb `json:"verb"`
	Kind   string       `json:"kind"`
	Name   string       `json:"name"`
	Reason string       `json:"reason,omitempty"`
	Needs  []PlanNeed   `json:"needs"`
	// Unknown are the attributes of the command with a value known only during the run.
	Unknown []PlanUnknown      `json:"unknown,omitempty"`
	Range   *diagnostics.Range `json:"range,omitempty"`
}

// PlanUnknown is an attribute with a deferred value.
type PlanUnknown struct {
	Attribute string `json:"attribute"`
	// Values are the references to the awaited results, in source form. The list is never nil.
	Values []string `json:"values"`
}

// PlanNeed is a needed step.
type PlanNeed struct {
	Step     planner.StepID `json:"step"`
	Reason   string         `json:"reason,omitempty"`
	Optional bool           `json:"optional,omitempty"`
	// Ended reports whether the end of the step is enough, with success or failure.
	Ended bool `json:"ended,omitempty"`
}

// NewPlanDocument makes the document of a plan with warnings. Steps and scopes have display names.
func NewPlanDocument(p *planner.Plan, names *planner.DisplayNames, warnings []diagnostics.Document) PlanDocument {
	doc := PlanDocument{
		FormatVersion: FormatVersion, Project: p.Project, Creates: p.CreatesResources(),
		Projects: otherProjects(p, names), Private: privateProjects(p, names),
		Steps: make([]PlanStep, len(p.Steps)), Diagnostics: warnings,
	}
	doc.Placement = planPlacement(p.Placement, names)
	for i, s := range p.Steps {
		doc.Steps[i] = newPlanStep(s, names)
	}
	for _, id := range p.Targets {
		doc.Wanted = append(doc.Wanted, names.NeedID(id))
	}
	return doc
}

func newPlanStep(s *planner.Step, names *planner.DisplayNames) PlanStep {
	kind, name := names.Subject(s)
	step := PlanStep{
		ID: names.ID(s), Scope: names.Scope(s.Scope), Verb: s.Verb, Kind: kind, Name: name,
		Reason: s.Reason.String(), Needs: []PlanNeed{},
	}
	for _, n := range s.Needs {
		need := PlanNeed{Step: names.NeedID(n.Step), Reason: n.Reason, Optional: n.Optional, Ended: n.EndOnly}
		step.Needs = append(step.Needs, need)
	}
	for _, u := range s.Unknown() {
		unknown := PlanUnknown{Attribute: u.Name, Values: append([]string{}, u.WaitsFor...)}
		step.Unknown = append(step.Unknown, unknown)
	}
	if s.Range.Filename != "" {
		step.Range = diagnostics.NewRange(s.Range)
	}
	return step
}

// planPlacement is nil for an engine without nodes.
func planPlacement(p *planner.Placement, names *planner.DisplayNames) *PlanPlacement {
	if p == nil {
		return nil
	}
	placement := &PlanPlacement{Engine: p.Engine, Swarm: p.IsSwarm, Slots: p.Slots, Sends: p.Sends}
	for _, n := range p.Nodes {
		node := PlanNode{Name: n.Name, State: n.State, Scopes: []string{}}
		for _, scope := range n.Scopes {
			node.Scopes = append(node.Scopes, names.Scope(scope))
		}
		placement.Nodes = append(placement.Nodes, node)
	}
	return placement
}

// otherProjects are the names of the compose projects, without the project of the files.
func otherProjects(p *planner.Plan, displayed *planner.DisplayNames) map[string]string {
	names := map[string]string{}
	for scope, other := range p.Scopes {
		if scope != "" {
			names[displayed.Scope(scope)] = other.Project
		}
	}
	return names
}

// privateProjects are nil for a plan without private projects.
func privateProjects(p *planner.Plan, names *planner.DisplayNames) map[string]PrivateProject {
	var projects map[string]PrivateProject
	for scope, s := range p.Scopes {
		if s.PrivateTask == "" {
			continue
		}
		private := PrivateProject{Project: s.Project, Of: s.Original, Task: s.PrivateTask}
		if s.PolicyRange.Filename != "" {
			private.Range = diagnostics.NewRange(s.PolicyRange)
		}
		if projects == nil {
			projects = map[string]PrivateProject{}
		}
		projects[names.Scope(scope)] = private
	}
	return projects
}

// PlanGraph is the drawing of a plan. Nodes have display names: quoting would hide a secret from later masking.
func PlanGraph(p *planner.Plan, names *planner.DisplayNames) Graph {
	g := Graph{FormatVersion: FormatVersion, Nodes: []Node{}, Edges: []Edge{}}
	for _, s := range p.Steps {
		kind, name := names.Subject(s)
		label := strings.Join([]string{string(s.Verb), kind, name}, " ")
		node := Node{ID: string(names.ID(s)), Kind: "task", Name: name, label: label}
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
