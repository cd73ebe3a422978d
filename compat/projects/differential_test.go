package projects_test

import (
	"flag"
	"fmt"
	"maps"
	"slices"
	"strings"
	"testing"
	"time"

	"tasks/internal/composeproject"
	"tasks/internal/testing/composetest"
)

// The number of services per run of TestDifferential. A long search uses more, and a different -seed finds different
// services.
var (
	firstSeed = flag.Uint64("seed", 1, "where the generated services of TestDifferential start")
	services  = flag.Int("services", 2*batchSize, "how many services TestDifferential generates")
)

const (
	// batchSize is the number of services in a compose file.
	batchSize = 25
	// oneOffsPerBatch is the number of services that also run as one-offs.
	oneOffsPerBatch = 2
)

// comparer compares the resources that tasks and Compose v5 make of compose files.
type comparer struct {
	*project
	t *testing.T
	// isSeen marks the explained differences that occurred.
	isSeen map[int]bool
	// isReduced marks the fields with an already reduced finding.
	isReduced map[string]bool
	// refusedByBoth counts services that both tools reject.
	refusedByBoth int
	// oneOffs counts one-offs, and one-offs that both tools reject.
	oneOffs, oneOffsRefused int
}

// generated is a compose file, without the referenced services.
type generated struct {
	services     map[string]attributes
	surroundings map[string]any
	// runs are the arguments of one-offs for some services: flags, nil, a command.
	runs map[string]run
}

// only returns the file with just these services.
func (g generated) only(services map[string]attributes) generated {
	g.services, g.runs = services, maps.Clone(g.runs)
	maps.DeleteFunc(g.runs, func(name string, _ run) bool { return services[name] == nil })
	return g
}

// file writes services, with all their needs.
func (a *serviceGenerator) file(services int) generated {
	g := generated{services: map[string]attributes{}, runs: map[string]run{}}
	for range services {
		name, service := fmt.Sprintf("s%d", a.nextNumber()), a.service()
		g.services[name] = service
		if len(g.runs) < oneOffsPerBatch && canRunOneOff(service) {
			g.runs[name] = a.run()
		}
	}
	g.surroundings = a.surroundings()
	return g
}

// finding is a field with different values.
type finding struct {
	// service is the finding's service. Empty: a network or volume.
	service string
	// path is the path of the field, or another description of the difference.
	thing, path, ours, theirs string
}

// TestDifferential generates services. First tasks, then Compose v5 makes containers under the same project name. The
// test compares containers, networks and volumes field by field. Each tool must also reuse the other's containers.
// explainedServices lists the intended differences.
func TestDifferential(t *testing.T) {
	t.Parallel()
	v5.Program(t)
	p := newProject(t, "services: {}")
	p.Env = append(p.Env, "COMPOSE_PROFILES=extra", "SHELL_WORD=of the <shell>", "COMPOSE_PROGRESS=plain")
	p.writeSurroundings()
	p.createExternal()
	d := &comparer{project: p, t: t, isSeen: map[int]bool{}, isReduced: map[string]bool{}}
	began, done := time.Now(), 0
	d.showExplained()
	for seed := *firstSeed; done < *services; seed++ {
		file := newAuthor(seed).file(min(batchSize, *services-done))
		d.batch(seed, file)
		done += len(file.services)
		t.Logf("seed %d: %d services so far, after %s", seed, done, time.Since(began).Round(time.Second))
	}
	t.Logf("%d services and %d one-offs from seed %d in %s; %d and %d of them refused by both",
		done, d.oneOffs, *firstSeed, time.Since(began).Round(time.Second), d.refusedByBoth, d.oneOffsRefused)
	if d.refusedByBoth*10 > done {
		t.Errorf("%d of %d services are refused by both: the generators have to write valid ones", d.refusedByBoth, done)
	}
}

// batch compares the services of a file, and reports unexplained findings: a line for each, with the first reduced to a
// minimal service. An invalid service is compared alone, because the whole file would fail to load.
func (d *comparer) batch(seed uint64, file generated) {
	d.t.Helper()
	loads, broken := d.splitLoadable(file)
	found := d.unexplained(file.services, d.compare(file.only(loads)))
	for _, name := range slices.Sorted(maps.Keys(broken)) {
		found = append(found, d.unexplained(file.services, d.compare(file.only(map[string]attributes{name: broken[name]})))...)
	}
	for _, f := range found {
		d.t.Errorf("%s: %s is\n  %q with tasks,\n  %q with Compose v5", f.thing, f.path, f.ours, f.theirs)
		if where := withoutEntry(f.path); f.service != "" && !d.isReduced[where] && len(d.isReduced) < maxReduced {
			d.isReduced[where] = true
			d.t.Logf("it takes this to see it:\n%s", written(d.t, map[string]any{f.service: d.minimised(f, file)}))
		}
	}
	if len(found) > 0 {
		d.t.Logf("to see it again: go test ./compat/projects -run 'Differential$' -seed %d -services %d\nof this file:\n%s", seed, batchSize,
			written(d.t, file.surroundings))
	}
}

// splitLoadable separates loadable services from invalid services.
func (d *comparer) splitLoadable(file generated) (loads, broken map[string]attributes) {
	d.t.Helper()
	loads, broken = map[string]attributes{}, map[string]attributes{}
	for name, service := range file.services {
		if err := d.load(file.only(map[string]attributes{name: service})); err != nil {
			broken[name] = service
		} else {
			loads[name] = service
		}
	}
	return loads, broken
}

func (d *comparer) load(file generated) error {
	d.t.Helper()
	d.writeFiles(file)
	_, err := composeproject.Load(d.t.Context(), composeproject.Options{WorkingDir: d.Dir, Name: d.Name, Environ: d.Env})
	return err
}

// maxReduced limits the reduced findings of a run. The next run reduces others.
const maxReduced = 4

// withoutEntry returns a path without its last index or key, so a list is reported once.
func withoutEntry(path string) string {
	before, _, _ := strings.Cut(path, "[")
	return before
}

// compare makes the containers of a file with both tools, and returns the differences. If a tool rejects a service,
// compare halves the file until the service is alone.
func (d *comparer) compare(file generated) []finding {
	d.t.Helper()
	if len(file.services) == 0 {
		return nil
	}
	d.writeFiles(file)
	defer d.Remove()
	ours, found := d.create(tasks, file.runs), []finding(nil)
	if ours.refused == "" {
		if r := d.Run(v5, "create", "--no-build", "--pull", "never", "-y"); r.Code == 0 {
			found = recreatedByCompose(ours.ids, d.thingIDs())
		}
	}
	d.Remove()
	theirs := d.create(v5, file.runs)
	if ours.refused != "" || theirs.refused != "" {
		d.Remove()
		return d.compareHalves(file, ours.refused, theirs.refused)
	}
	found = slices.Concat(found, d.plannedRecreates(), d.differences(ours.resources, theirs.resources))
	for i := range found {
		found[i].service = serviceOf(file.services, found[i].thing)
	}
	return found
}

// differences returns the differences of all resources.
func (d *comparer) differences(ours, theirs map[string]fields) []finding {
	var found []finding
	for _, name := range slices.Sorted(maps.Keys(unionKeys(ours, theirs))) {
		if ours[name] == nil || theirs[name] == nil {
			found = append(found, finding{thing: name, path: "there", ours: presence(ours[name]), theirs: presence(theirs[name])})
			continue
		}
		d.count(name, ours[name])
		for _, path := range composetest.Compare(ours[name], theirs[name]) {
			found = append(found, finding{thing: name, path: path, ours: ours[name][path], theirs: theirs[name][path]})
		}
	}
	return found
}

// count counts one-offs.
func (d *comparer) count(thing string, of fields) {
	if strings.HasPrefix(thing, oneOffOf) {
		d.oneOffs++
		if of["run"] == "refused" {
			d.oneOffsRefused++
		}
	}
}

// compareHalves compares both parts of a rejected file. If an error names a service, that service is a part.
func (d *comparer) compareHalves(file generated, ours, theirs string) []finding {
	d.t.Helper()
	names := slices.Sorted(maps.Keys(file.services))
	switch {
	case len(names) == 1 && ours != "" && theirs != "":
		d.refusedByBoth++
		d.t.Logf("refused by both: %s\n%s", ours, theirs)
		return nil
	case len(names) == 1:
		return []finding{{service: names[0], thing: names[0], path: "refused", ours: ours, theirs: theirs}}
	}
	halves := [][]string{names[:len(names)/2], names[len(names)/2:]}
	if i := slices.IndexFunc(names, func(name string) bool { return namesService(name, ours) || namesService(name, theirs) }); i >= 0 {
		halves = [][]string{{names[i]}, slices.Delete(slices.Clone(names), i, i+1)}
	}
	var found []finding
	for _, half := range halves {
		part := map[string]attributes{}
		for _, name := range half {
			part[name] = file.services[name]
		}
		found = append(found, d.compare(file.only(part))...)
	}
	return found
}

// namesService reports whether a tool's output names a service.
func namesService(service, output string) bool {
	return strings.Contains(output, "service "+service+" ") || strings.Contains(output, "service:"+service+":")
}

// writeFiles writes the compose file, and the task that needs all services of the file.
func (d *comparer) writeFiles(file generated) {
	d.t.Helper()
	all := peerServices()
	maps.Copy(all, file.services)
	whole := maps.Clone(file.surroundings)
	whole["services"] = all
	d.Write("compose.yaml", written(d.t, whole))
	var needs []string
	for _, name := range slices.Sorted(maps.Keys(all)) {
		if name != "gate" {
			needs = append(needs, "service."+name+".started")
		}
	}
	d.Write("Tasks.hcl", "task \"all\" {\n  depends_on = ["+strings.Join(needs, ", ")+"]\n}\n")
}

// recreatedByCompose returns tasks' containers that Compose recreated.
func recreatedByCompose(before, after map[string]string) []finding {
	var found []finding
	for _, name := range slices.Sorted(maps.Keys(before)) {
		if after[name] != before[name] {
			found = append(found, finding{thing: name, path: "kept by Compose v5", ours: "as tasks has made it", theirs: "recreated"})
		}
	}
	return found
}

// plannedRecreates returns Compose's containers that tasks would recreate.
func (d *comparer) plannedRecreates() []finding {
	d.t.Helper()
	var found []finding
	for _, line := range d.project.planLines("all") {
		if !slices.Contains([]string{"reuse", "wait", "group", "start"}, line.verb) {
			found = append(found, finding{thing: strings.ReplaceAll(line.name, "#", "-"), path: "kept by tasks", ours: line.text,
				theirs: "as Compose has made it"})
		}
	}
	return found
}

func unionKeys(one, other map[string]fields) map[string]fields {
	all := maps.Clone(one)
	maps.Copy(all, other)
	return all
}

func presence(thing fields) string { return map[bool]string{true: "yes", false: "no"}[thing != nil] }

// serviceOf returns the service of a container, by name.
func serviceOf(batch map[string]attributes, thing string) string {
	name := strings.TrimPrefix(thing, oneOffOf)
	if _, ok := batch[name]; ok {
		return name
	}
	name, _, _ = strings.Cut(name, "-")
	if _, ok := batch[name]; ok {
		return name
	}
	return ""
}
