package starter

import (
	"fmt"
	"maps"
	"path/filepath"
	"slices"
	"strings"

	"github.com/compose-spec/compose-go/v2/types"

	"tasks/hclspec"
	"tasks/internal/composeproject"
	"tasks/internal/workspace"
)

// project is the compose project of the starter file.
type project struct {
	compose *composeproject.Project
	inputs  hclspec.Inputs
	runCall RunCall
	// unusable are the services that cannot run yet, with the reason.
	unusable map[string]string
}

func openProject(ws *workspace.Workspace, runCall RunCall) (*project, error) {
	compose, err := ws.Project("")
	if err != nil {
		return nil, err
	}
	p := &project{compose: compose, inputs: ws.Inputs, runCall: runCall, unusable: map[string]string{}}
	for _, name := range slices.Concat(compose.ServiceNames(), compose.JobNames()) {
		if _, err := compose.Select([]string{name}); err != nil {
			p.unusable[name] = firstLine(err.Error())
			continue
		}
		s, _ := compose.Service(name)
		if image := compose.ImageName(s); !composeproject.IsImageReference(image) {
			p.unusable[name] = fmt.Sprintf("%q is no valid name of an image", image)
		}
	}
	return p, nil
}

// active returns the services of no profile, in the order of their names.
func (p *project) active() []types.ServiceConfig {
	var list []types.ServiceConfig
	for _, name := range p.compose.ServiceNames() {
		if s, isKnown := p.compose.Service(name); isKnown && len(s.Profiles) == 0 {
			list = append(list, s)
		}
	}
	return list
}

// isUsable reports whether a service can run.
func (p *project) isUsable(name string) bool {
	s, isKnown := p.compose.Service(name)
	return isKnown && p.unusable[name] == "" && s.Provider == nil
}

// addServices adds the task that starts the services, and the probes of databases.
func (d *document) addServices(p *project) {
	start := &task{name: "start", description: "Start the services and wait until they are ready"}
	completed := p.completed()
	users := map[string]string{}
	for _, s := range p.active() {
		if !p.isUsable(s.Name) {
			if reason := p.unusable[s.Name]; reason != "" {
				start.comments = append(start.comments, "Without the service "+s.Name+". "+d.withoutRoot(reason))
			}
			continue
		}
		if isScaledToZero(s) {
			continue
		}
		if reason := p.takeContainerNames(s.Name, users); reason != "" {
			start.comments = append(start.comments, "Without the service "+s.Name+". "+reason)
			continue
		}
		ref := serviceReference(s.Name)
		if slices.Contains(completed, s.Name) {
			ref += ".completed"
		}
		start.dependsOn = append(start.dependsOn, ref)
		if database, isKnown := databaseOf(s); isKnown && needsProbe(s) {
			d.probes = append(d.probes, probe{service: s.Name, port: database.port})
		}
	}
	if len(start.dependsOn) > 0 {
		d.tasks = append(d.tasks, start)
	} else {
		d.header = nil
		for _, comment := range start.comments {
			d.note("%s", comment)
		}
	}
}

// takeContainerNames takes the container names of a service and of its dependencies. users has the services with the
// names so far. If another service has one of the names, takeContainerNames takes none, and returns the reason.
func (p *project) takeContainerNames(service string, users map[string]string) (reason string) {
	selected, err := p.compose.Select([]string{service})
	if err != nil {
		return firstLine(err.Error())
	}
	taken := maps.Clone(users)
	services := selected.Model().Services
	for _, name := range slices.Sorted(maps.Keys(services)) {
		s := services[name]
		if other := taken[s.ContainerName]; other != "" && other != name {
			return fmt.Sprintf("The services %s and %s have the same container_name %s, and cannot run side by side.",
				other, name, s.ContainerName)
		}
		if s.ContainerName != "" {
			taken[s.ContainerName] = name
		}
	}
	maps.Copy(users, taken)
	return ""
}

// withoutRoot shortens the paths of a message.
func (d *document) withoutRoot(message string) string {
	return strings.ReplaceAll(message, d.root+string(filepath.Separator), "")
}

func isScaledToZero(s types.ServiceConfig) bool {
	return s.Scale != nil && *s.Scale == 0 || s.Deploy != nil && s.Deploy.Replicas != nil && *s.Deploy.Replicas == 0
}

// needsProbe reports whether a service has no healthcheck, and a network for a probe.
func needsProbe(s types.ServiceConfig) bool {
	hasCheck := s.HealthCheck != nil && !s.HealthCheck.Disable
	return !hasCheck && s.NetworkMode != "none" && len(s.Entrypoint) == 0
}

// completed returns the services that run to their end: other services wait for this end.
func (p *project) completed() []string {
	var names []string
	for _, name := range p.compose.ServiceNames() {
		s, _ := p.compose.Service(name)
		for dependency, condition := range s.DependsOn {
			if condition.Condition == types.ServiceConditionCompletedSuccessfully {
				names = append(names, dependency)
			}
		}
	}
	return names
}

// addUsualTasks adds tasks for jobs, for services of profiles, and for what images and build contexts suggest.
func (d *document) addUsualTasks(p *project) {
	suggested := &suggestions{document: d, project: p}
	for _, name := range p.compose.JobNames() {
		if p.compose.CheckJob(name) == nil && p.isUsable(name) {
			suggested.add(&task{name: name, job: name, description: "Run the job " + name})
		}
	}
	completed := p.completed()
	for _, name := range p.compose.ServiceNames() {
		s, _ := p.compose.Service(name)
		isTool := len(s.Profiles) > 0 && len(s.Ports) == 0 && s.Restart == ""
		if p.isUsable(name) && (isTool || slices.Contains(completed, name)) {
			suggested.add(&task{name: name, service: name, description: "Run the service " + name + " to its end"})
		}
	}
	suggested.addCodeTasks()
	for _, s := range p.active() {
		if database, isKnown := databaseOf(s); isKnown && p.isUsable(s.Name) {
			suggested.addDatabaseShell(s, database)
		}
	}
	suggested.end()
}

// suggestions collects the usual tasks. A task of another source with the same name wins.
type suggestions struct {
	document *document
	project  *project
	taken    []string
}

// add adds a task, unless another source has a task of the name. Then the second name counts, if given.
func (s *suggestions) add(t *task, secondNames ...string) {
	for _, name := range append([]string{t.name}, secondNames...) {
		if !s.document.has(name) {
			t.name = name
			s.document.tasks = append(s.document.tasks, t)
			return
		}
	}
	s.taken = append(s.taken, t.name)
}

// end notes the tasks without a free name.
func (s *suggestions) end() {
	if len(s.taken) > 0 {
		s.document.note("Usual tasks left out, because tasks of these names exist: %s.", strings.Join(s.taken, ", "))
	}
}
