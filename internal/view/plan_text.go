package view

import (
	"cmp"
	"fmt"
	"slices"
	"strings"

	"tasks/internal/plaintext"
	"tasks/planner"
)

// planText renders a plan for a person.
type planText struct {
	plan *planner.Plan
	// mask comes before a cut, which would leave the beginning of a secret.
	mask func(string) string
	// isTerminal adds symbols, puts the reused resources on one line at the end, and cuts lines to the columns.
	isTerminal, hasColor bool
	columns              int
}

// String has a line for each step, the command of each task, and a summary.
func (t planText) String() string {
	var text strings.Builder
	text.WriteString(plaintext.EscapeLines(t.mask(placementText(t.plan))))
	text.WriteString(plaintext.EscapeLines(t.plan.PrivateText()))
	lines, reused := t.plan.StepTexts(int(maxNameColumns*float64(t.columns))), []string{}
	for i, s := range t.plan.Steps {
		line := t.mask(lines[i])
		if !t.isTerminal {
			text.WriteString(line + "\n")
		} else if s.Verb == planner.Reuse {
			reused = append(reused, plaintext.Escape(subjectText(s)))
		} else {
			symbol, color := planSymbol(s.Verb)
			text.WriteString(paintText(t.hasColor, color, cutToWidth(symbol+" "+line, t.columns)) + "\n")
		}
		t.writeCommand(&text, s)
	}
	if len(reused) > 0 {
		slices.Sort(reused)
		line := cutToWidth(t.mask("= reuse   "+strings.Join(slices.Compact(reused), ", ")), t.columns)
		text.WriteString(paintText(t.hasColor, dim, line) + "\n")
	}
	text.WriteString(planSummary(t.plan))
	return text.String()
}

// placementText has a line for an engine with several nodes, and below a line for each node with projects.
func placementText(plan *planner.Plan) string {
	p := plan.Placement
	if p == nil {
		return ""
	}
	var names []string
	width := len("lost")
	for _, n := range p.Nodes {
		name := n.Name
		if n.State != "ready" {
			name += " " + n.State
		}
		names = append(names, name)
		width = max(width, len(n.Name))
	}
	of := ""
	if p.IsSwarm {
		of = " of a swarm"
	}
	const format = "Engine %s: %d nodes%s (%s), %d slots\n"
	text := fmt.Sprintf(format, p.Engine, len(p.Nodes), of, strings.Join(names, ", "), p.Slots)
	line := func(key, value string) { text += fmt.Sprintf("  %-*s  %s\n", width, key, value) }
	for _, send := range p.Sends {
		line("send", "image "+send)
	}
	hasShards := false
	for _, n := range p.Nodes {
		var stacks []string
		for _, scope := range n.Scopes {
			s := plan.Scopes[scope]
			stacks = append(stacks, cmp.Or(s.PrivateTask, "project "+s.Project))
			hasShards = hasShards || s.IsShard
		}
		if len(stacks) > 0 {
			line(n.Name, strings.Join(stacks, ", "))
		}
	}
	if hasShards {
		line("lost", `a shard of a lost node begins again on another node; after its start only with on_lost = "retry"`)
	}
	return text
}

// writeCommand writes the command below the line of a task.
func (t planText) writeCommand(text *strings.Builder, s *planner.Step) {
	if !planner.RunsCommand(s) || s.Verb == planner.Skip {
		return
	}
	for _, line := range commandLines(planner.TaskOf(s), t.mask) {
		text.WriteString(paintText(t.hasColor, dim, cutToWidth("    "+line, t.columns)) + "\n")
	}
}

// planSymbol returns the symbol and the colour of a verb.
func planSymbol(v planner.Verb) (symbol, color string) {
	switch v {
	case planner.Create, planner.PullImage, planner.BuildImage:
		return "+", green
	case planner.Recreate:
		return "~", yellow
	case planner.Remove, planner.Stop:
		return "-", red
	case planner.Run, planner.Exec, planner.Start, planner.Unpause:
		return "►", cyan
	}
	return " ", dim
}

// planSummary counts the things of a plan by the work: "Plan: 3 to create, 1 to start, 3 to run; 4 reused".
func planSummary(plan *planner.Plan) string {
	verbs := []planner.Verb{
		planner.Remove, planner.PullImage, planner.BuildImage, planner.Recreate, planner.Create, planner.Start, planner.Run,
		planner.Skip, planner.Reuse,
	}
	works, counts := map[thing]int{}, make([]int, len(verbs))
	for _, s := range plan.Steps {
		work := slices.Index(verbs, summaryVerb(s))
		if known, isKnown := works[thingOf(s)]; work >= 0 && (!isKnown || work < known) {
			works[thingOf(s)] = work
		}
	}
	for _, work := range works {
		counts[work]++
	}
	var texts []string
	for i, verb := range verbs[:len(verbs)-2] {
		if counts[i] > 0 {
			texts = append(texts, fmt.Sprintf("%d to %s", counts[i], verb))
		}
	}
	text := "Plan: nothing to do"
	if len(texts) > 0 {
		text = "Plan: " + strings.Join(texts, ", ")
	}
	if skipped := counts[len(verbs)-2]; skipped > 0 {
		text += fmt.Sprintf("; %d skipped", skipped)
	}
	if reused := counts[len(verbs)-1]; reused > 0 {
		text += fmt.Sprintf("; %d reused", reused)
	}
	return text + "\n"
}

// summaryVerb is the verb of a step in the summary; empty: none. The container of a task is a part of the task.
func summaryVerb(s *planner.Step) planner.Verb {
	switch {
	case s.Verb == planner.Exec || s.Verb == planner.Run:
		return planner.Run
	case planner.TaskOf(s) != nil && s.Verb != planner.Skip:
		return ""
	case s.Verb == planner.Unpause:
		return planner.Start
	}
	return s.Verb
}
