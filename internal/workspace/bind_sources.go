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

	"tasks/executor/engine"
	"tasks/executor/sources"
	"tasks/hclspec"
	"tasks/internal/composeproject"
	"tasks/planner"
)

// checkBindSources warns about bind mounts without a source, in the containers that a plan creates. The engine makes
// an empty folder of root in the place, as with Compose: a mistake in the name of a file would pass without a word. On
// an engine of another machine the sources are not known here. A chosen engine (remote) gets the files of the project,
// and refuses the other bind mounts.
func (r *Run) checkBindSources(engine Engine, remote *sources.Remote) hcl.Diagnostics {
	if remote == nil && !isLocal(engine) {
		return nil
	}
	b := bindSources{seen: map[string]bool{}, remote: remote, engine: r.Workspace.config.Flags.Engine}
	for _, step := range r.Plan.Steps {
		project := r.Projects[step.Scope]
		if project == nil || step.Verb == planner.Reuse {
			continue
		}
		switch a := step.Action.(type) {
		case *planner.Volume:
			b.checkVolume(project, a)
		case *planner.Container:
			b.checkService(project, planner.ServiceOf(a.Replica))
		case *planner.CreateOneOff:
			if dependsOnTask(a.Task) && remote == nil {
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
func isLocal(e Engine) bool { return engine.IsLocalAddress(e.Address()) }

// bindSources collects warnings, one for each source.
type bindSources struct {
	seen  map[string]bool
	diags hcl.Diagnostics
	// remote is the sender of sources for a chosen engine, engine the choice of the command line. With nil, the engine is
	// on this machine.
	remote *sources.Remote
	engine string
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

// checkVolume refuses a volume in a directory of this machine.
func (b *bindSources) checkVolume(project *composeproject.Project, a *planner.Volume) {
	device := a.Config.DriverOpts["device"]
	isBind := slices.Contains(strings.Split(a.Config.DriverOpts["o"], ","), "bind")
	if b.remote == nil || !isBind || b.remote.Judge(device) == sources.Bound {
		return
	}
	d := refusedBind("volume "+a.Key, device, b.engine)
	if file, line, column := project.Locations().Resource("volumes", a.Key); file != "" {
		pos := hcl.Pos{Line: line, Column: column}
		d.Subject = &hcl.Range{Filename: file, Start: pos, End: pos}
	}
	b.diags = append(b.diags, d)
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
	if v.Type != types.VolumeTypeBind || b.seen[v.Source] {
		return
	}
	var d *hcl.Diagnostic
	switch {
	case b.remote == nil:
		d = b.missing(v, user, "The engine makes an empty folder of root there, as with Compose.")
	case b.remote.Judge(v.Source) == sources.Sent:
		d = b.missing(v, user, "The container gets an empty folder.")
	case b.remote.Judge(v.Source) == sources.Refused:
		d = refusedBind(user, v.Source, b.engine)
	}
	if d == nil {
		return
	}
	b.seen[v.Source] = true
	if at != nil && at.Filename != "" {
		d.Subject = at
	}
	b.diags = append(b.diags, d)
}

// missing returns the warning about a missing source, or nil.
func (b *bindSources) missing(v types.ServiceVolumeConfig, user, effect string) *hcl.Diagnostic {
	if v.Bind != nil && !bool(v.Bind.CreateHostPath) {
		return nil
	}
	if _, err := os.Stat(v.Source); !errors.Is(err, fs.ErrNotExist) {
		return nil
	}
	return &hcl.Diagnostic{
		Severity: hcl.DiagWarning, Summary: fmt.Sprintf("%s mounts %s, which is not there", user, v.Source),
		Detail: effect + " Is the name right? With `create_host_path: false` a missing source is an error.",
	}
}
