package workspace

import (
	"errors"
	"fmt"
	"io/fs"
	"os"
	"slices"
	"strings"

	"github.com/compose-spec/compose-go/v2/types"
	"github.com/hashicorp/hcl/v2"

	"tasks/hclspec"
	"tasks/internal/composeproject"
	"tasks/planner"
)

// missingBindSources warns about bind mounts without a source, in the containers that a plan creates. The engine makes
// an empty folder of root in the place, as with Compose: a mistake in the name of a file would pass without a word. On
// an engine of another machine the sources are not known here.
func (r *Run) missingBindSources(engine Engine) hcl.Diagnostics {
	if !isLocal(engine) {
		return nil
	}
	b := bindSources{seen: map[string]bool{}}
	for _, step := range r.Plan.Steps {
		project := r.Projects[step.Scope]
		if project == nil || step.Verb == planner.Reuse {
			continue
		}
		switch a := step.Action.(type) {
		case *planner.Container:
			b.checkService(project, planner.ServiceOf(a.Replica))
		case *planner.CreateOneOff:
			if dependsOnTask(a.Task) {
				continue // the other task may make the source
			}
			if a.Task.Kind == hclspec.ServiceTask {
				b.checkService(project, a.Task.Service)
			}
			b.checkTask(a.Task)
		}
	}
	return b.diags
}

// isLocal reports whether the paths of an engine are paths of this machine.
func isLocal(engine Engine) bool { return strings.HasPrefix(engine.Address(), "unix://") }

// bindSources collects warnings, one for each source.
type bindSources struct {
	seen  map[string]bool
	diags hcl.Diagnostics
}

func (b *bindSources) checkService(project *composeproject.Project, name string) {
	service, _ := project.Service(name)
	for _, v := range service.Volumes {
		file, line, column := project.Locations().Value(name, "volumes", v.Target)
		var at *hcl.Range
		if file != "" {
			pos := hcl.Pos{Line: line, Column: column}
			at = &hcl.Range{Filename: file, Start: pos, End: pos}
		}
		b.check(v, "service "+name, at)
	}
}

func (b *bindSources) checkTask(task *hclspec.Task) {
	for _, v := range task.Volumes {
		parsed, err := composeproject.ParseVolumes([]string{v.Text}, v.Dir, nil)
		if err != nil || len(parsed) == 0 {
			continue // the plan has reported the error
		}
		at := task.Ranges[hclspec.ElementRangeKey("volumes", v.Text)] // no place: the command line
		b.check(parsed[0], "task "+task.Name, &at)
	}
}

func dependsOnTask(task *hclspec.Task) bool {
	return slices.ContainsFunc(task.DependsOn, func(d hclspec.Dependency) bool { return d.Task != "" })
}

// check looks for the source of a bind mount. With create_host_path: false the engine reports a missing source itself.
func (b *bindSources) check(v types.ServiceVolumeConfig, user string, at *hcl.Range) {
	isBind := v.Type == types.VolumeTypeBind && (v.Bind == nil || bool(v.Bind.CreateHostPath))
	if !isBind || b.seen[v.Source] {
		return
	}
	if _, err := os.Stat(v.Source); !errors.Is(err, fs.ErrNotExist) {
		return
	}
	b.seen[v.Source] = true
	d := &hcl.Diagnostic{
		Severity: hcl.DiagWarning, Summary: fmt.Sprintf("%s mounts %s, which is not there", user, v.Source),
		Detail: "The engine makes an empty folder of root there, as with Compose. Is the name right? " +
			"With `create_host_path: false` a missing source is an error.",
	}
	if at != nil && at.Filename != "" {
		d.Subject = at
	}
	b.diags = append(b.diags, d)
}
