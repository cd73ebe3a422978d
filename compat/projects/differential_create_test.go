package projects_test

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

	"tasks/internal/testing/composetest"
)

// createdResources holds the resources that a tool has made of a compose file.
type createdResources struct {
	// resources are the fields of each container, network and volume, by name: "s3-1", "network back".
	resources map[string]fields
	// ids are the IDs of containers and networks.
	ids map[string]string
	// refused is the tool's output after a failure, or empty.
	refused string
}

// create makes all containers of the project with a tool. Only the gate and the one-offs start.
func (p *project) create(k tool, runs map[string]run) createdResources {
	p.T.Helper()
	var refused string
	if k == tasks {
		refused = p.createByTasks()
	} else if r := p.Run(k, "create", "--no-build", "--pull", "never", "-y"); r.Code != 0 {
		refused = failures(r.Stderr)
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

// containerMade matches the line of tasks about a finished container, with networks and files.
var containerMade = regexp.MustCompile(`^service (\S+)\s+created\b`)

// createByTasks runs a task that needs all services. tasks creates containers while dependencies are still starting. So
// all containers exist before createByTasks kills the gate, because the gate never completes. The result is the output
// of tasks after a failure.
func (p *project) createByTasks() (refused string) {
	p.T.Helper()
	plan := p.Run(tasks, "plan", "all")
	if plan.Code != 0 {
		return plan.Stderr
	}
	want := len(regexp.MustCompile(`(?m)^create +service `).FindAllString(plan.Stdout, -1))
	if want == 0 {
		p.T.Fatalf("nothing is to be created:\n%s", plan.Stdout)
	}
	cmd := p.Command(tasks, "run", "all")
	stderr, err := cmd.StderrPipe()
	if err == nil {
		err = cmd.Start()
	}
	if err != nil {
		p.T.Fatal(err)
	}
	late := time.AfterFunc(2*composetest.Timeout, func() { cmd.Process.Kill() })
	defer late.Stop()
	said := p.openGate(stderr, want)
	cmd.Wait() // fails with the gate
	if !strings.Contains(said, "dependency service gate did not complete successfully: exit code 137") {
		return failures(said)
	}
	return ""
}

// openGate reads the output of tasks, and kills the gate after the creation of the containers.
func (p *project) openGate(output io.Reader, want int) string {
	p.T.Helper()
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

// killGate waits until the gate runs, because the creation comes before the start.
func (p *project) killGate() {
	p.T.Helper()
	for end := time.Now().Add(composetest.Timeout); ; time.Sleep(20 * time.Millisecond) {
		_, err := p.Engine.ContainerKill(p.T.Context(), p.Name+"-gate-1", client.ContainerKillOptions{Signal: "KILL"})
		if err == nil {
			return
		}
		if time.Now().After(end) {
			p.T.Errorf("the gate cannot be killed: %v", err)
			return
		}
	}
}

// failures returns the lines about failures, without progress.
func failures(output string) string {
	lines := slices.DeleteFunc(strings.Split(output, "\n"), func(line string) bool {
		words := strings.Fields(line)
		return len(words) == 0 || strings.Contains(line, "level=warning") || words[0] == "warning:" ||
			containerMade.MatchString(line) || slices.Contains([]string{"Created", "Creating", "created"}, words[len(words)-1]) ||
			len(words) > 2 && words[2] == "created"
	})
	return cmp.Or(strings.Join(lines, "\n"), output)
}

// inspectAll inspects all resources of the project.
func (p *project) inspectAll() createdResources {
	p.T.Helper()
	m := createdResources{resources: map[string]fields{}, ids: p.thingIDs()}
	all := p.Containers()
	var names []string
	for _, c := range all {
		names = append(names, c.ID, "<id of "+composetest.NameOf(c)+">", c.ID[:12], "<short id of "+composetest.NameOf(c)+">")
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
	for name, id := range p.Networks() {
		answer, err := p.Engine.NetworkInspect(p.T.Context(), id, client.NetworkInspectOptions{})
		if err != nil {
			p.T.Fatal(err)
		}
		m.add(p, "network "+name, answer.Raw, "Id", "Created", "Containers")
	}
	for _, name := range p.Volumes() {
		answer, err := p.Engine.VolumeInspect(p.T.Context(), p.volumeName(name), client.VolumeInspectOptions{})
		if err != nil {
			p.T.Fatal(err)
		}
		m.add(p, "volume "+name, answer.Raw, "CreatedAt")
	}
	return m
}

// thingOf returns a container's key: the service and number, independent of the name.
func thingOf(c container.Summary) string {
	if c.Labels["com.docker.compose.oneoff"] == "True" {
		return oneOffOf + c.Labels["com.docker.compose.service"]
	}
	return c.Labels["com.docker.compose.service"] + "-" + c.Labels["com.docker.compose.container-number"]
}

func (p *project) thingIDs() map[string]string {
	p.T.Helper()
	all := map[string]string{}
	for _, c := range p.Containers() {
		all[thingOf(c)] = c.ID
	}
	for name, id := range p.Networks() {
		all["network "+name] = id
	}
	return all
}

// volumeName undoes the naming of volumes.
func (p *project) volumeName(name string) string {
	if strings.HasPrefix(name, p.Name) {
		return name
	}
	return p.Name + "_" + name
}

// add inspects a resource other than a container.
func (m *createdResources) add(p *project, name string, raw []byte, passing ...string) {
	var tree map[string]any
	if err := json.Unmarshal([]byte(strings.ReplaceAll(string(raw), p.Dir, "<dir>")), &tree); err != nil {
		p.T.Fatal(err)
	}
	for _, key := range passing {
		delete(tree, key)
	}
	m.resources[name] = fields{}
	m.resources[name].Add("", tree)
	if name != "network back" { // the engine chooses all other addresses
		maps.DeleteFunc(m.resources[name], func(path, _ string) bool { return strings.HasPrefix(path, "IPAM.Config[") })
	}
}

// inspectAmong is [project.inspect] for a container with references to other containers of the project, replaced by
// names. The hash stays, unless the hash depends on references, because these differ.
func (p *project) inspectAmong(id string, others []string) fields {
	p.T.Helper()
	answer, err := p.Engine.ContainerInspect(p.T.Context(), id, client.ContainerInspectOptions{})
	if err != nil {
		p.T.Fatal(err)
	}
	labels := answer.Container.Config.Labels
	named := strings.NewReplacer(slices.Concat([]string{id, id, id[:12], id[:12]}, others)...).Replace(string(answer.Raw))
	var tree map[string]any
	if err := json.Unmarshal([]byte(p.Normalize(named, id, labels["com.docker.compose.slug"])), &tree); err != nil {
		p.T.Fatal(err)
	}
	all := fields{}
	all.Add("", tree)
	oneOff := labels["com.docker.compose.oneoff"] == "True"
	maps.DeleteFunc(all, func(path, _ string) bool {
		return composetest.VariableFields.MatchString(path) || oneOff && whileItRuns.MatchString(path)
	})
	delete(all, "Config.Labels."+composetest.LabelStarter) // an intended difference in TestOptions
	if !oneOff && !strings.Contains(named, "<id of ") {
		all["Config.Labels.com.docker.compose.config-hash"] = labels["com.docker.compose.config-hash"]
	}
	const dependsOn = "Config.Labels.com.docker.compose.depends_on"
	if words := strings.Split(all[dependsOn], ","); len(words) > 1 {
		all[dependsOn] = strings.Join(slices.Sorted(slices.Values(words)), ",") // Compose writes any order
	}
	return all
}
