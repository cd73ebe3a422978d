package planner

import (
	"path/filepath"
	"slices"

	"github.com/compose-spec/compose-go/v2/types"
	"github.com/hashicorp/hcl/v2"

	"tasks/hclspec"
	"tasks/internal/composeproject"
	"tasks/planner/observed"
)

// scopeSteps holds the steps of one scope, with the project and the snapshot of the scope. Only tasks need steps of
// other scopes, and these steps are also tasks.
type scopeSteps struct {
	*stepSet
	key      string
	origin   Origin
	spec     *hclspec.Spec
	project  *composeproject.Project
	model    *types.Project
	snapshot *observed.Snapshot
	// order are the steps of the scope, in the order of creation.
	order []*Step
	// hasTransient reports whether steps of the scope make transient resources.
	hasTransient bool
}

// addStep registers a step. The planning of the step's needs follows, so that recursion ends.
func (p *scopeSteps) addStep(s *Step) *Step {
	s.Scope = p.key
	p.byID[s.ID] = s
	p.order = append(p.order, s)
	p.all = append(p.all, s)
	return s
}

// stepID names a step within the plan. Outside the root scope the id begins with the key of the scope.
func (p *scopeSteps) stepID(kind, name string) StepID {
	if p.key == "" {
		return StepID(kind + "/" + name)
	}
	return StepID(p.key + "/" + kind + "/" + name)
}

func (p *scopeSteps) containerID(replica string) StepID { return p.stepID("container", replica) }

// startID names the step after which a container runs.
func (p *scopeSteps) startID(replica string) StepID {
	if p.isExternal() {
		return p.containerID(replica)
	}
	return p.stepID("start", replica)
}

func (p *scopeSteps) waitID(replica string, c hclspec.Condition) StepID {
	return p.stepID("wait", replica+"/"+string(c))
}

func (p *scopeSteps) stopID(replica string) StepID { return p.stepID("stop", replica) }

// isPrivate reports whether the project is a private project.
func (p *scopeSteps) isPrivate() bool { return p.project != nil && p.project.IsPrivate() }

// isExternal reports whether the scope only inspects services.
func (p *scopeSteps) isExternal() bool { return p.origin.Policy == hclspec.PolicyExternal }

// existingContainers returns the containers of a service, ordered by number.
func (p *scopeSteps) existingContainers(service string) []*observed.Container {
	return p.snapshot.ServiceContainers(service)
}

// existingOf returns the container of a replica at the snapshot, if the container is reused.
func (p *scopeSteps) existingOf(replica string) *observed.Container {
	step := p.byID[p.containerID(replica)]
	switch a := step.Action.(type) {
	case *InspectService:
		return a.Existing
	case *Container:
		if step.Verb == Reuse {
			return a.Existing
		}
	}
	return nil
}

// needsOnlyCompletion reports whether all dependents of a replica wait for completion.
func (p *scopeSteps) needsOnlyCompletion(replica string) bool {
	completed := p.waitID(replica, hclspec.Completed)
	if !p.hasStep(completed) {
		return false
	}
	return !slices.ContainsFunc(p.order, func(s *Step) bool {
		return s.ID != completed && slices.ContainsFunc(s.Needs, func(n Need) bool { return n.Step == p.startID(replica) })
	})
}

// markWaitAgain repeats a wait for a condition that was met at the snapshot.
func (p *scopeSteps) markWaitAgain(replica string) {
	for _, s := range p.order {
		if action, ok := s.Action.(*WaitService); ok && action.Replica == replica && s.Verb == Reuse {
			s.decide(Wait, conditionReason(action.Condition))
			s.addReason(ReasonAgain)
		}
	}
}

// knownFacts returns the facts of the snapshot that the plan does not change.
func (p *scopeSteps) knownFacts() Facts {
	f := Facts{
		Images: map[string]string{}, LocalImages: map[string]observed.Image{}, ImageVolumes: map[string][]string{},
		Containers: map[string]string{}, Networks: map[string]string{},
	}
	for ref, image := range p.snapshot.Images {
		f.Images[ref], f.LocalImages[ref] = image.ID, image
		f.ImageVolumes[image.ID] = image.Volumes
	}
	for _, s := range p.order {
		switch a := s.Action.(type) {
		case *Image:
			if s.Verb != Reuse || len(a.ChangingBases) > 0 {
				delete(f.Images, a.Ref)
				delete(f.LocalImages, a.Ref)
			}
		case *Container:
			if s.Verb == Reuse {
				f.Containers[a.Replica] = a.Existing.ID
			}
		}
	}
	for _, key := range sortedKeys(p.model.Networks) {
		if n := p.observedNetwork(key); n != nil {
			f.Networks[key] = n.ID
		}
	}
	return f
}

// reportUnsupported reports an unsupported attribute of a compose file. at is the path of the attribute within the
// service.
func (p *scopeSteps) reportUnsupported(s types.ServiceConfig, detail string, at ...string) {
	diag := &hcl.Diagnostic{Severity: hcl.DiagError, Summary: "not supported in a compose file", Detail: detail}
	p.diags = append(p.diags, p.locateInService(s, diag, at...))
}

// locateInService sets the place of a diagnostic within a service of a compose file.
func (p *scopeSteps) locateInService(s types.ServiceConfig, diag *hcl.Diagnostic, at ...string) *hcl.Diagnostic {
	return p.setSubject(diag)(p.project.Locations().Attribute(s.Name, at...))
}

// setSubject returns a function that sets the place of a diagnostic, unless the place is unknown.
func (p *scopeSteps) setSubject(diag *hcl.Diagnostic) func(file string, line, column int) *hcl.Diagnostic {
	return func(file string, line, column int) *hcl.Diagnostic {
		if file != "" {
			pos := hcl.Pos{Line: line, Column: column}
			diag.Subject = &hcl.Range{Filename: p.relativePath(file), Start: pos, End: pos}
		}
		return diag
	}
}

// relativePath returns the path of a compose file for messages: relative to the project directory, for a file inside.
func (p *scopeSteps) relativePath(file string) string {
	if rel, err := filepath.Rel(p.model.WorkingDir, file); err == nil && filepath.IsLocal(rel) {
		return rel
	}
	return file
}
