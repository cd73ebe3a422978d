package doctor

import (
	"context"
	"fmt"
	"strings"
)

// checkProject checks the files of the project against the engine, and looks for resources of killed runs.
func (s Sources) checkProject(ctx context.Context, r *Report, isReachable bool) {
	state := s.Project(ctx, isReachable)
	for _, message := range state.Errors {
		r.add("project", Problem, message, "tasks validate shows the place; docs/engines.md lists what engines can do")
	}
	if len(state.Errors) == 0 {
		fact := fmt.Sprintf("the files were read; services: %d", state.Services)
		if state.HasEngine {
			fact += ", and the engine can run them"
		}
		r.add("project", OK, fact, "")
	}
	if isReachable && len(state.BindMounts) > 0 && !s.isLocal() {
		fact := "the engine runs on another machine, without the files that these services mount: " +
			strings.Join(state.BindMounts, ", ")
		r.add("files", Warning, fact, "copy the files into the images, or keep a copy of the project at the same path there")
	}
	if len(state.Leftovers) > 0 {
		r.add("leftovers", Warning, "killed runs have left "+strings.Join(state.Leftovers, ", "), "tasks ps removes them")
	} else if isReachable {
		r.add("leftovers", OK, "no killed run has left anything", "")
	}
}
