package projects_test

import (
	"flag"
	"maps"
	"slices"
	"strings"
	"testing"
	"time"
)

// createdProjects is the number of projects per run of TestCorpusContainers.
var createdProjects = flag.Int("created", 2, "how many compose projects TestCorpusContainers creates")

// TestCorpusContainers creates the containers of whole projects with both tools, under the same project name. The
// containers, networks and volumes must be equal, and each tool must plan to reuse the resources of the other.
func TestCorpusContainers(t *testing.T) {
	t.Parallel()
	v5.Program(t)
	p := newProject(t, "services: {}")
	p.Env = append(p.Env, "SHELL_WORD=of the <shell>", "COMPOSE_PROGRESS=plain")
	p.createExternal()
	d := &comparer{project: p, t: t, isSeen: map[int]bool{}, isReduced: map[string]bool{}}
	began, created, refused := time.Now(), 0, 0
	for seed := *firstSeed; created+refused < *createdProjects; seed++ {
		whole := newAuthor(seed).engineProject(t)
		services, ok := d.writeProject(whole)
		if !ok {
			continue // TestCorpus compares the refusals of files
		}
		found, ok := d.compareProject(whole, services)
		if !ok {
			refused++ // by both, or earlier by tasks
			continue
		}
		created++
		for _, f := range found {
			t.Errorf("seed %d: %s: %s is\n  %q with tasks,\n  %q with Compose v5", seed, f.thing, f.path, f.ours, f.theirs)
		}
	}
	t.Logf("%d projects created by both, %d refused, in %s", created, refused, time.Since(began).Round(time.Second))
}

// refusedEarlier is part of the error for a container that Compose creates and cannot start (docs/attributes.md).
const refusedEarlier = "cannot be copied into a read_only container"

// engineProject writes a project for the engine of the tests. Hook containers are compared in hooks_test.go: Compose
// creates them with the service.
func (a *serviceGenerator) engineProject(t *testing.T) wholeProject {
	w := &projectWriter{serviceGenerator: a, t: t, forEngine: true}
	return w.write()
}

// writeProject writes the files of a project and a task that needs all active services. The result is not ok for a
// project that tasks refuses to load.
func (d *comparer) writeProject(whole wholeProject) (services map[string]attributes, ok bool) {
	d.t.Helper()
	d.writeWhole(whole)
	hashes, err := d.hashes(whole)
	if err != nil {
		return nil, false
	}
	services = map[string]attributes{}
	var needs []string
	for _, name := range slices.Sorted(maps.Keys(hashes)) {
		services[name] = attributes{"extends": name} // each explained difference may come from any of the files
		if name != "gate" {
			needs = append(needs, "service."+name+".started")
		}
	}
	d.Write("Tasks.hcl", "task \"all\" {\n  depends_on = ["+strings.Join(needs, ", ")+"]\n}\n")
	return services, len(needs) > 0
}

// compareProject creates the containers of a project with both tools. The result is not ok if both refuse the project.
func (d *comparer) compareProject(whole wholeProject, services map[string]attributes) (found []finding, ok bool) {
	d.t.Helper()
	environ := d.Env
	d.Env = append(slices.Clone(environ), whole.environ()...)
	defer func() { d.Env = environ }()
	defer d.Remove()
	ours := d.create(tasks, nil)
	if ours.refused == "" {
		if r := d.Run(v5, "create", "--no-build", "--pull", "never", "-y"); r.Code == 0 {
			found = recreatedByCompose(ours.ids, d.thingIDs())
		}
	}
	d.Remove()
	theirs := d.create(v5, nil)
	switch {
	case ours.refused != "" && theirs.refused != "", strings.Contains(ours.refused, refusedEarlier):
		return nil, false
	case ours.refused != "" || theirs.refused != "":
		return []finding{{thing: "the project", path: "refused", ours: ours.refused, theirs: theirs.refused}}, true
	}
	found = slices.Concat(found, d.plannedRecreates(), d.differences(ours.resources, theirs.resources))
	for i := range found {
		found[i].service = serviceOf(services, found[i].thing)
	}
	return d.unexplained(services, found), true
}

// environ returns the flags of the project as variables, which both tools read.
func (w wholeProject) environ() []string {
	return []string{
		"COMPOSE_FILE=" + strings.Join(w.named, ":"), "COMPOSE_PROFILES=" + strings.Join(w.profiles, ","),
		"COMPOSE_ENV_FILES=" + strings.Join(w.envFiles, ","),
	}[map[bool]int{true: 1}[len(w.named) == 0]:]
}
