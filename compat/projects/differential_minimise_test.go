package projects_test

import (
	"fmt"
	"maps"
	"slices"
	"strings"
	"testing"
)

// minimised drops attributes and entries from a service while a finding stays.
func (d *comparer) minimised(f finding, file generated) attributes {
	d.t.Helper()
	service, words := file.services[f.service], file.runs[f.service]
	compareAgain := func(services map[string]attributes) generated {
		runs := map[string]run{}
		for name := range services {
			if strings.HasPrefix(f.thing, oneOffOf) {
				runs[name] = words
			}
		}
		return generated{services: services, surroundings: file.surroundings, runs: runs}
	}
	for deep := 1; deep <= 3; deep++ {
		for {
			smaller := d.dropAtDepth(f, service, compareAgain, deep)
			if smaller == nil {
				break
			}
			service = smaller
		}
	}
	return service
}

// dropAtDepth drops entries at a depth, or returns nil. All single drops are tried at once, in the same file. Then all
// drops without an effect are tried together, or else the first.
func (d *comparer) dropAtDepth(f finding, service attributes, compareAgain func(map[string]attributes) generated, deep int) attributes {
	d.t.Helper()
	paths := droppable(service, deep)
	batch := map[string]attributes{}
	for i, path := range paths {
		batch[fmt.Sprintf("c%d", i)] = dropped(service, path)
	}
	shows := d.servicesShowing(f, compareAgain(batch))
	if len(shows) == 0 {
		return nil
	}
	var together attributes = service
	for i := len(paths) - 1; i >= 0; i-- { // from the end, so list indexes stay right
		if shows[fmt.Sprintf("c%d", i)] {
			together = dropped(together, paths[i])
		}
	}
	if d.servicesShowing(f, compareAgain(map[string]attributes{"c0": together}))["c0"] {
		return together
	}
	for i := range paths {
		if name := fmt.Sprintf("c%d", i); shows[name] {
			return batch[name]
		}
	}
	return nil
}

// servicesShowing returns the services of a file with the finding.
func (d *comparer) servicesShowing(f finding, file generated) map[string]bool {
	d.t.Helper()
	shows := map[string]bool{}
	if f.path != "refused" { // a file that cannot be loaded has no finding
		loads, _ := d.splitLoadable(file)
		file = file.only(loads)
	}
	for _, other := range d.unexplained(file.services, d.compare(file)) {
		if other.service != "" && withoutEntry(other.path) == withoutEntry(f.path) {
			shows[other.service] = true
		}
	}
	return shows
}

// droppable returns the paths of removable parts at a depth: attributes, entries, and nested entries.
func droppable(service attributes, deep int) [][]any {
	var all [][]any
	for _, name := range slices.Sorted(maps.Keys(service)) {
		if name != "image" && (name != "depends_on" || deep == 1 && fmt.Sprint(service[name]) != fmt.Sprint(gateDependency())) {
			all = append(all, below([]any{name}, service[name], deep-1)...)
		}
	}
	return all
}

func below(path []any, value any, deep int) [][]any {
	if deep == 0 {
		return [][]any{path}
	}
	var all [][]any
	switch v := value.(type) {
	case map[string]any:
		for _, key := range slices.Sorted(maps.Keys(v)) {
			all = append(all, below(append(slices.Clone(path), key), v[key], deep-1)...)
		}
	case []any:
		for i := range v {
			all = append(all, below(append(slices.Clone(path), i), v[i], deep-1)...)
		}
	}
	return all
}

// dropped returns a service without the part at a path. The service always waits for the gate.
func dropped(service attributes, path []any) attributes {
	smaller := attributes(without(map[string]any(service), path).(map[string]any))
	if smaller["depends_on"] == nil {
		smaller["depends_on"] = gateDependency()
	}
	return smaller
}

func without(value any, path []any) any {
	switch v := value.(type) {
	case map[string]any:
		copied := maps.Clone(v)
		if len(path) == 1 {
			delete(copied, path[0].(string))
		} else {
			copied[path[0].(string)] = without(v[path[0].(string)], path[1:])
		}
		return copied
	case []any:
		i := path[0].(int)
		if len(path) == 1 {
			return slices.Delete(slices.Clone(v), i, i+1)
		}
		copied := slices.Clone(v)
		copied[i] = without(v[i], path[1:])
		return copied
	}
	return value
}

// TestDropPaths checks that exactly the given part is removed, and that the original service is unchanged.
func TestDropPaths(t *testing.T) {
	t.Parallel()
	service := attributes{"image": "i", "ports": []any{"1", "2"}, "deploy": map[string]any{"labels": map[string]any{"a": "1",
		"b": "2"}}, "depends_on": gateDependency()}
	before := fmt.Sprint(service)
	for deep, want := range map[int]string{1: "[[deploy] [ports]]", 2: "[[deploy labels] [ports 0] [ports 1]]",
		3: "[[deploy labels a] [deploy labels b]]"} {
		if got := fmt.Sprint(droppable(service, deep)); got != want {
			t.Errorf("at depth %d: %s, want %s", deep, got, want)
		}
	}
	const gate = "depends_on:map[gate:map[condition:service_completed_successfully]]"
	for path, want := range map[string]string{
		"ports 0":         "map[" + gate + " deploy:map[labels:map[a:1 b:2]] image:i ports:[2]]",
		"deploy labels b": "map[" + gate + " deploy:map[labels:map[a:1]] image:i ports:[1 2]]",
	} {
		for _, at := range slices.Concat(droppable(service, 2), droppable(service, 3)) {
			if fmt.Sprint(at) == "["+path+"]" && fmt.Sprint(dropped(service, at)) != want {
				t.Errorf("without %s: %v, want %s", path, dropped(service, at), want)
			}
		}
	}
	if fmt.Sprint(service) != before {
		t.Errorf("the service has become %v", service)
	}
}
