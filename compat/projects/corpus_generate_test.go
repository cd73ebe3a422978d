package projects_test

import (
	"fmt"
	"maps"
	"slices"
	"strings"
	"testing"

	"go.yaml.in/yaml/v4"
)

// wholeProject is a generated compose project in the style of real repositories: several files, with anchors, overlays,
// includes, profiles and jobs.
type wholeProject struct {
	// files are the compose files and env files, by name.
	files map[string]string
	// named are the compose files of the command line. Empty: the tools search.
	named    []string
	profiles []string
	envFiles []string
}

// projectWriter writes a whole project.
type projectWriter struct {
	*serviceGenerator
	t *testing.T
	p wholeProject
	// services are all services so far, for overlays and dependencies.
	services map[string]attributes
	jobs     map[string]attributes
	// forEngine leaves out what the engine of the tests refuses, and hooks before the start.
	forEngine bool
}

// wholeProject writes a project. The same seed gives the same project.
func (a *serviceGenerator) wholeProject(t *testing.T) wholeProject {
	w := &projectWriter{serviceGenerator: a, t: t}
	return w.write()
}

// write writes the project.
func (w *projectWriter) write() wholeProject {
	w.p, w.services, w.jobs = wholeProject{files: map[string]string{}}, map[string]attributes{}, map[string]attributes{}
	whole := w.surroundings()
	w.addExtensions(whole)
	all := peerServices()
	for range 1 + w.IntN(4) {
		name, s := fmt.Sprintf("s%d", w.nextNumber()), w.corpusService()
		w.services[name], all[name] = s, s
	}
	whole["services"] = all
	if w.happens(30) {
		whole["jobs"] = w.writeJobs()
	}
	root := w.node(whole)
	w.addIncludes(root)
	w.addAnchors(root)
	w.addMistake(root)
	w.writeFile(w.word("compose.yaml", "compose.yaml", "docker-compose.yml"), root)
	w.addOverlays()
	w.p.profiles = [][]string{nil, {"extra"}, {"other"}, {"*"}, {"extra", "other"}}[w.IntN(5)]
	if w.happens(20) {
		w.p.files["given.env"] = "SHELL_WORD=of the file\nIN_DOTENV=given\nGIVEN='a b'\n"
		w.p.envFiles = []string{"given.env"}
	}
	return w.p
}

// corpusService writes a service without the attributes that `config --hash` and the creation treat differently.
func (w *projectWriter) corpusService() attributes {
	s := w.service()
	delete(s, "use_api_socket")
	if w.happens(12) && !w.forEngine {
		s["pre_start"] = w.preStart()
	}
	if w.happens(10) {
		s["x-develop"] = map[string]any{"watch": []any{map[string]any{
			"path": "./sub", "action": "sync", "target": "/here", "x-initialSync": w.choose(true, false),
		}}}
	}
	if w.happens(20) {
		s["x-note"] = w.choose("text", map[string]any{"a": 1}, []any{1, 2})
	}
	if w.happens(8) && !w.forEngine {
		s["gpus"] = w.choose("all", []any{map[string]any{"driver": "nvidia", "count": 1}})
	}
	return s
}

// movableService writes a service for another file than the services that it could extend.
func (w *projectWriter) movableService() attributes {
	s := w.corpusService()
	if extends, _ := s["extends"].(map[string]any); extends["file"] == nil {
		delete(s, "extends")
	}
	return s
}

// preStart writes hooks. A hook is a container with all attributes of a container.
func (w *projectWriter) preStart() any {
	var hooks []any
	for range 1 + w.IntN(2) {
		hook := attributes{"command": w.choose("true", []any{"echo", "x"})}
		other := w.service()
		for _, name := range w.chooseSome("environment", "user", "image", "cap_add", "tmpfs", "labels", "ulimits", "networks",
			"security_opt", "env_file", "volumes", "mem_limit", "dns", "sysctls") {
			if value := other[name.(string)]; value != nil {
				hook[name.(string)] = value
			}
		}
		hooks = append(hooks, hook)
	}
	return hooks
}

// addExtensions adds the top-level attributes of older files and of other tools.
func (w *projectWriter) addExtensions(whole map[string]any) {
	if w.happens(20) {
		whole["version"] = w.word("3", "3.8", "2.4")
	}
	if w.happens(20) {
		whole["x-other"] = map[string]any{"list": []any{1, "two"}, "text": w.text()}
	}
}

// serviceOnly are the attributes of a service that a job has not.
func serviceOnly() []string {
	return []string{"attach", "container_name", "deploy", "develop", "external_links", "links", "post_start", "pre_start",
		"pre_stop", "provider", "restart", "scale", "x-develop"}
}

// writeJobs writes jobs with dependencies on services and other jobs.
func (w *projectWriter) writeJobs() map[string]attributes {
	for range 1 + w.IntN(3) {
		job := w.corpusService()
		maps.DeleteFunc(job, func(name string, _ any) bool { return slices.Contains(serviceOnly(), name) })
		if names := slices.Sorted(maps.Keys(w.jobs)); len(names) > 0 && w.happens(20) {
			job["extends"] = map[string]any{"service": w.word(names...)} // a job extends a job
		} else {
			delete(job, "extends")
		}
		if names := slices.Sorted(maps.Keys(w.jobs)); len(names) > 0 && w.happens(50) {
			job["depends_on"] = map[string]any{w.word(names...): map[string]any{"condition": "service_completed_successfully"}}
		}
		job["triggers"] = w.triggers()
		w.jobs[fmt.Sprintf("j%d", w.nextNumber())] = job
	}
	return w.jobs
}

func (w *projectWriter) triggers() any {
	if w.forEngine { // `docker compose create` refuses schedules
		return map[string]any{"manual": w.choose(true, false)}
	}
	triggers := map[string]any{}
	if w.happens(60) {
		triggers["manual"] = w.choose(true, true, false)
	}
	if w.happens(50) || len(triggers) == 0 {
		triggers["schedule"] = []any{w.choose("0 3 * * *", "@daily", map[string]any{
			"cron": "*/5 * * * *", "timezone": "Europe/Berlin", "concurrency": w.word("forbid", "queue"),
		})}
	}
	return triggers
}

// addIncludes moves services to included files. Two of them may include the same third file.
func (w *projectWriter) addIncludes(root *yaml.Node) {
	if !w.happens(35) {
		return
	}
	shared := w.movableService()
	w.writeFile("shared.yaml", w.node(map[string]any{
		"services": map[string]any{"shared": shared}, "volumes": map[string]any{"data": nil},
	}))
	var includes []any
	for i := range 1 + w.IntN(2) {
		file, name := fmt.Sprintf("part%d.yaml", i), fmt.Sprintf("p%d", w.nextNumber())
		w.services[name] = w.movableService()
		part := map[string]any{"services": map[string]any{name: w.services[name]}}
		if w.happens(70) {
			part["include"] = []any{"shared.yaml"}
		}
		w.writeFile(file, w.node(part))
		includes = append(includes, w.choose(file, "./"+file, map[string]any{"path": file},
			map[string]any{"path": []any{file}, "env_file": "one.env"}, map[string]any{"path": file, "project_directory": "."}))
	}
	setValue(root, "include", w.node(includes))
}

// addAnchors makes services take attributes of extension fields by anchors and merge keys.
func (w *projectWriter) addAnchors(root *yaml.Node) {
	if !w.happens(50) {
		return
	}
	common := w.service()
	for _, name := range []string{"use_api_socket", "network_mode", "networks", "container_name", "extends", "depends_on", "scale", "deploy"} {
		delete(common, name)
	}
	anchored := w.node(common)
	anchored.Anchor = "common"
	root.Content = append([]*yaml.Node{w.node("x-common"), anchored}, root.Content...)
	services := valueOf(root, "services")
	for i := 0; i < len(services.Content); i += 2 {
		if name := services.Content[i].Value; w.services[name] == nil || w.happens(40) {
			continue
		}
		alias := &yaml.Node{Kind: yaml.AliasNode, Value: "common", Alias: anchored}
		merged := alias
		if w.happens(30) {
			merged = &yaml.Node{Kind: yaml.SequenceNode, Style: yaml.FlowStyle, Content: []*yaml.Node{alias}}
		}
		key := &yaml.Node{Kind: yaml.ScalarNode, Tag: "!!merge", Value: "<<"}
		s := services.Content[i+1]
		s.Content = append([]*yaml.Node{key, merged}, s.Content...)
	}
}

// addOverlays writes files over the first file, found by the search or named on the command line.
func (w *projectWriter) addOverlays() {
	if !w.happens(55) {
		return
	}
	first := "compose.yaml"
	if w.p.files[first] == "" {
		first = "docker-compose.yml"
	}
	override := strings.Replace(first, "compose.", "compose.override.", 1)
	if w.happens(50) {
		w.writeFile(override, w.overlay())
		return
	}
	w.p.named = []string{first}
	for _, file := range []string{"compose.dev.yaml", "compose.ci.yaml"}[:1+w.IntN(2)] {
		w.writeFile(file, w.overlay())
		w.p.named = append(w.p.named, file)
	}
}

// overlay changes some services: equal values, parts of values, other values, and the tags !reset and !override.
func (w *projectWriter) overlay() *yaml.Node {
	services := map[string]any{}
	tags := map[string]map[string]string{}
	for _, name := range slices.Sorted(maps.Keys(w.services)) {
		if w.happens(70) {
			services[name], tags[name] = w.overlaid(w.services[name])
		}
	}
	if len(services) == 0 {
		services["alpha"] = attributes{"labels": w.labels()}
	}
	root := w.node(map[string]any{"services": services})
	all := valueOf(root, "services")
	for name, tagged := range tags {
		for attribute, tag := range tagged {
			if value := valueOf(valueOf(all, name), attribute); value != nil {
				value.Tag, value.Style = tag, value.Style|yaml.TaggedStyle
			}
		}
	}
	return root
}

func (w *projectWriter) overlaid(base attributes) (attributes, map[string]string) {
	over, tags, other := attributes{}, map[string]string{}, w.movableService()
	names := slices.Sorted(maps.Keys(base))
	for range 1 + w.IntN(4) {
		name := w.word(names...)
		switch w.IntN(8) {
		case 0, 1:
			over[name] = base[name]
		case 2, 3:
			over[name] = w.part(base[name])
		case 4:
			over[name], tags[name] = w.choose(nil, base[name]), "!reset"
		case 5:
			over[name], tags[name] = w.part(base[name]), "!override"
		default:
			if more := slices.Sorted(maps.Keys(other)); len(more) > 0 {
				name = w.word(more...)
				over[name] = other[name]
				delete(tags, name)
			}
		}
	}
	return over, tags
}

// part returns a part of a list or mapping.
func (w *projectWriter) part(value any) any {
	switch v := value.(type) {
	case []any:
		return v[:min(len(v), 1+w.IntN(len(v)+1))]
	case map[string]any:
		some := map[string]any{}
		for _, key := range slices.Sorted(maps.Keys(v)) {
			if w.happens(60) {
				some[key] = w.part(v[key])
			}
		}
		return some
	}
	return value
}

// addMistake makes one project in eight invalid.
func (w *projectWriter) addMistake(root *yaml.Node) {
	if !w.happens(12) || w.forEngine {
		return
	}
	names := slices.Sorted(maps.Keys(w.services))
	s := valueOf(valueOf(root, "services"), w.word(names...))
	if s == nil {
		return
	}
	mistakes := []struct {
		name  string
		value any
	}{
		{"imge", "x"}, {"networks", []any{"nowhere"}}, {"depends_on", []any{"nobody"}}, {"ports", "80"}, {"environment", "x"},
		{"volumes", []any{"nowhere:/x"}}, {"secrets", []any{"none"}}, {"image", "${MISSING:?say it}"}, {"command", map[string]any{}},
		{"extends", "nobody"}, {"privileged", "perhaps"}, {"env_file", "gone.env"}, {"mem_limit", "much"}, {"ports", []any{"x:y"}},
		{"healthcheck", map[string]any{"interval": "soon"}}, {"environment", map[string]any{"A": "${B"}}, {"labels", 5},
	}
	m := mistakes[w.IntN(len(mistakes))]
	setValue(s, m.name, w.node(m.value))
}

// node returns the YAML of a value.
func (w *projectWriter) node(value any) *yaml.Node {
	w.t.Helper()
	n := &yaml.Node{}
	if err := n.Encode(value); err != nil {
		w.t.Fatal(err)
	}
	return n
}

func (w *projectWriter) writeFile(name string, root *yaml.Node) {
	w.t.Helper()
	w.p.files[name] = written(w.t, root)
}

func valueOf(mapping *yaml.Node, key string) *yaml.Node {
	if mapping == nil {
		return nil
	}
	for i := 0; i+1 < len(mapping.Content); i += 2 {
		if mapping.Content[i].Value == key {
			return mapping.Content[i+1]
		}
	}
	return nil
}

func setValue(mapping *yaml.Node, key string, value *yaml.Node) {
	for i := 0; i+1 < len(mapping.Content); i += 2 {
		if mapping.Content[i].Value == key {
			mapping.Content[i+1] = value
			return
		}
	}
	mapping.Content = append(mapping.Content, &yaml.Node{Kind: yaml.ScalarNode, Value: key}, value)
}
