package interop

import (
	"bufio"
	"cmp"
	"encoding/json"
	"fmt"
	"io"
	"maps"
	"regexp"
	"slices"
	"strings"
	"time"

	"github.com/moby/moby/api/types/container"
	"github.com/moby/moby/client"
)

// createdResources is what a tool has made of a compose file.
type createdResources struct {
	// resources are the fields of each container, network and volume, by what it is called: "s3-1", "network back".
	resources map[string]fields
	// ids are those of the containers and networks.
	ids map[string]string
	// refused is what the tool said where it has not made all; empty: it has.
	refused string
}

// create lets a tool make all containers of the project, and start none but the gate and the one-offs.
func (p *project) create(k tool, runs map[string]run) createdResources {
	p.t.Helper()
	var refused string
	if k == tasks {
		refused = p.createByTasks()
	} else if r := p.run(k, "create", "--no-build", "--pull", "never", "-y"); r.code != 0 {
		refused = failures(r.stderr)
	}
	if refused != "" {
		return createdResources{refused: refused}
	}
	refusals := p.runAll(k, runs)
	m := p.inspectAll()
	for name := range refusals {
		m.resources[oneOffOf+name] = fields{"run": "refused"} // whether the container stays is another matter
	}
	return m
}

// containerMade finds what tasks says of a container that is whole, with its networks and files.
var containerMade = regexp.MustCompile(`^service (\S+)\s+created\b`)

// createByTasks runs a task that needs all services. tasks makes containers while their dependencies are still starting,
// so that all are there before the gate, which never completes, is killed. It returns what tasks said if that went wrong.
func (p *project) createByTasks() (refused string) {
	p.t.Helper()
	plan := p.run(tasks, "plan", "all")
	if plan.code != 0 {
		return plan.stderr
	}
	want := len(regexp.MustCompile(`(?m)^create +service `).FindAllString(plan.stdout, -1))
	if want == 0 {
		p.t.Fatalf("nothing is to be created:\n%s", plan.stdout)
	}
	cmd := p.command(tasks, "run", "all")
	stderr, err := cmd.StderrPipe()
	if err == nil {
		err = cmd.Start()
	}
	if err != nil {
		p.t.Fatal(err)
	}
	late := time.AfterFunc(2*testTimeout, func() { cmd.Process.Kill() })
	defer late.Stop()
	said := p.openGate(stderr, want)
	cmd.Wait() // it fails, as the gate does
	if !strings.Contains(said, "dependency service gate did not complete successfully: exit code 137") {
		return failures(said)
	}
	return ""
}

// openGate reads what tasks says, and kills the gate once the containers are made.
func (p *project) openGate(output io.Reader, want int) string {
	p.t.Helper()
	var all strings.Builder
	for lines := bufio.NewScanner(output); lines.Scan(); {
		fmt.Fprintln(&all, lines.Text())
		if !containerMade.MatchString(lines.Text()) {
			continue
		}
		if want--; want == 0 {
			p.killGate()
		}
	}
	return all.String()
}

// killGate waits until the gate is up: its container is made before it is started.
func (p *project) killGate() {
	p.t.Helper()
	for end := time.Now().Add(testTimeout); ; time.Sleep(20 * time.Millisecond) {
		_, err := p.engine.ContainerKill(p.t.Context(), p.name+"-gate-1", client.ContainerKillOptions{Signal: "KILL"})
		if err == nil {
			return
		}
		if time.Now().After(end) {
			p.t.Errorf("the gate cannot be killed: %v", err)
			return
		}
	}
}

// failures are the lines that say what went wrong, without those of progress.
func failures(output string) string {
	lines := slices.DeleteFunc(strings.Split(output, "\n"), func(line string) bool {
		words := strings.Fields(line)
		return len(words) == 0 || strings.Contains(line, "level=warning") || words[0] == "warning:" ||
			containerMade.MatchString(line) || slices.Contains([]string{"Created", "Creating", "created"}, words[len(words)-1]) ||
			len(words) > 2 && words[2] == "created"
	})
	return cmp.Or(strings.Join(lines, "\n"), output)
}

// inspectAll sees all things of the project.
func (p *project) inspectAll() createdResources {
	p.t.Helper()
	m := createdResources{resources: map[string]fields{}, ids: p.thingIDs()}
	all := p.containers()
	var names []string
	for _, c := range all {
		names = append(names, c.ID, "<id of "+nameOf(c)+">", c.ID[:12], "<short id of "+nameOf(c)+">")
	}
	for _, c := range all {
		name := thingOf(c)
		if name != "gate-1" {
			m.resources[name] = p.inspectAmong(c.ID, names)
		}
		if strings.HasPrefix(name, oneOffOf) {
			maps.Copy(m.resources[name], p.filesIn(c.ID))
		}
	}
	for name, id := range p.networks() {
		answer, err := p.engine.NetworkInspect(p.t.Context(), id, client.NetworkInspectOptions{})
		if err != nil {
			p.t.Fatal(err)
		}
		m.add(p, "network "+name, answer.Raw, "Id", "Created", "Containers")
	}
	for _, name := range p.volumes() {
		answer, err := p.engine.VolumeInspect(p.t.Context(), p.volumeName(name), client.VolumeInspectOptions{})
		if err != nil {
			p.t.Fatal(err)
		}
		m.add(p, "volume "+name, answer.Raw, "CreatedAt")
	}
	return m
}

// thingOf is what a container is called: by its service and number, whatever its name.
func thingOf(c container.Summary) string {
	if c.Labels["com.docker.compose.oneoff"] == "True" {
		return oneOffOf + c.Labels["com.docker.compose.service"]
	}
	return c.Labels["com.docker.compose.service"] + "-" + c.Labels["com.docker.compose.container-number"]
}

func (p *project) thingIDs() map[string]string {
	p.t.Helper()
	all := map[string]string{}
	for _, c := range p.containers() {
		all[thingOf(c)] = c.ID
	}
	for name, id := range p.networks() {
		all["network "+name] = id
	}
	return all
}

// volumeName undoes what volumes does to a name.
func (p *project) volumeName(name string) string {
	if strings.HasPrefix(name, p.name) {
		return name
	}
	return p.name + "_" + name
}

// add sees a thing that is no container.
func (m *createdResources) add(p *project, name string, raw []byte, passing ...string) {
	var tree map[string]any
	if err := json.Unmarshal([]byte(strings.ReplaceAll(string(raw), p.dir, "<dir>")), &tree); err != nil {
		p.t.Fatal(err)
	}
	for _, key := range passing {
		delete(tree, key)
	}
	m.resources[name] = fields{}
	m.resources[name].add("", tree)
	if name != "network back" { // the engine chooses the addresses of the others
		maps.DeleteFunc(m.resources[name], func(path, _ string) bool { return strings.HasPrefix(path, "IPAM.Config[") })
	}
}

// inspectAmong is [project.inspect] of a container that may refer to others of the project, which are named. Its hash is seen
// as it is, unless it is of references, which differ.
func (p *project) inspectAmong(id string, others []string) fields {
	p.t.Helper()
	answer, err := p.engine.ContainerInspect(p.t.Context(), id, client.ContainerInspectOptions{})
	if err != nil {
		p.t.Fatal(err)
	}
	labels := answer.Container.Config.Labels
	named := strings.NewReplacer(slices.Concat([]string{id, id, id[:12], id[:12]}, others)...).Replace(string(answer.Raw))
	var tree map[string]any
	if err := json.Unmarshal([]byte(p.normalize(named, id, labels["com.docker.compose.slug"])), &tree); err != nil {
		p.t.Fatal(err)
	}
	all := fields{}
	all.add("", tree)
	oneOff := labels["com.docker.compose.oneoff"] == "True"
	maps.DeleteFunc(all, func(path, _ string) bool {
		return variableFields.MatchString(path) || oneOff && whileItRuns.MatchString(path)
	})
	delete(all, "Config.Labels."+starter) // TestOptions has it among the differences that are meant
	if !oneOff && !strings.Contains(named, "<id of ") {
		all["Config.Labels.com.docker.compose.config-hash"] = labels["com.docker.compose.config-hash"]
	}
	const dependsOn = "Config.Labels.com.docker.compose.depends_on"
	if words := strings.Split(all[dependsOn], ","); len(words) > 1 {
		all[dependsOn] = strings.Join(slices.Sorted(slices.Values(words)), ",") // Compose writes them in any order
	}
	return all
}
