package interop

import (
	"bytes"
	"cmp"
	"context"
	"io/fs"
	"maps"
	"os"
	"os/exec"
	"path/filepath"
	"runtime"
	"slices"
	"strconv"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/containerd/errdefs"
	"github.com/moby/moby/api/types/container"
	"github.com/moby/moby/client"

	"tasks/internal/toolbox"
)

// testTimeout limits every wait of a test. The limit is high for busy machines.
const testTimeout = time.Minute

// project is a compose project for several tools, in the same directory and with the same name.
type project struct {
	t      *testing.T
	dir    string
	name   string
	engine *client.Client
	env    []string
	// placeholders replaces placeholders in files: @image, @project, @subnet.
	placeholders *strings.Replacer
}

// newProject writes the compose file. At the end of the test, all of the project is removed, and nothing may be left
// then.
func newProject(t *testing.T, compose string) *project {
	t.Helper()
	statSources()
	p := &project{t: t, dir: t.TempDir(), name: toolbox.Project(t), engine: toolbox.Client(t), env: append(environment(), toolbox.StateVariables(t.TempDir())...)}
	p.placeholders = strings.NewReplacer("@image", toolbox.Image(t), "@project", p.name, "@subnet", subnet(p.name), "@dir", p.dir, "@arch", runtime.GOARCH)
	t.Cleanup(p.remove)
	p.write("compose.yaml", compose)
	return p
}

// statSources shows the Go tool that the tests depend on all sources. The tests import few of our packages, so the Go
// tool would otherwise use cached results.
var statSources = sync.OnceFunc(func() {
	err := filepath.WalkDir("..", func(path string, d fs.DirEntry, err error) error {
		if err == nil && d.IsDir() && path != ".." && (strings.HasPrefix(d.Name(), ".") || d.Name() == "bin") {
			return fs.SkipDir
		}
		if err != nil || !d.IsDir() {
			return err
		}
		opened, err := os.Open(path) // the Go tool records the call, with all entries
		if err != nil {
			return err
		}
		return opened.Close()
	})
	if err != nil {
		panic(err)
	}
})

func (p *project) remove() {
	ctx, cancel := context.WithTimeout(context.Background(), testTimeout)
	defer cancel()
	if err := toolbox.RemoveProject(ctx, p.engine, p.name); err != nil {
		p.t.Error(err)
	}
}

// subnet returns the prefix of a network of 256 addresses, probably unique to this test, such as "10.213.7". The
// project's name ends with random digits.
func subnet(project string) string {
	sum := 0
	for _, b := range []byte(project) {
		sum = (sum*31 + int(b)) % (16 * 256)
	}
	return "10." + strconv.Itoa(208+sum/256) + "." + strconv.Itoa(sum%256)
}

// environment returns the environment of this process, without variables that would mislead the programs.
func environment() []string {
	return slices.DeleteFunc(os.Environ(), func(e string) bool {
		return strings.HasPrefix(e, "COMPOSE_") || strings.HasPrefix(e, "TASKS_") || strings.HasPrefix(e, "NO_COLOR=")
	})
}

// write writes a file below the project's directory.
func (p *project) write(name, text string) {
	p.t.Helper()
	path := filepath.Join(p.dir, name)
	if err := os.MkdirAll(filepath.Dir(path), 0o755); err != nil {
		p.t.Fatal(err)
	}
	if err := os.WriteFile(path, []byte(p.placeholders.Replace(text)), 0o644); err != nil {
		p.t.Fatal(err)
	}
}

// result holds a program's output and exit code.
type result struct {
	stdout, stderr string
	code           int
}

// command prepares a call of a tool on the project.
func (p *project) command(k tool, args ...string) *exec.Cmd {
	p.t.Helper()
	name := map[bool]string{true: "--project-name", false: "-p"}[k == tasks]
	cmd := exec.CommandContext(p.t.Context(), k.program(p.t), append([]string{name, p.name}, args...)...)
	cmd.Dir, cmd.Env = p.dir, slices.Clone(p.env)
	cmd.WaitDelay = 5 * time.Second
	return cmd
}

// run calls a tool and waits for the end.
func (p *project) run(k tool, args ...string) result {
	p.t.Helper()
	return finish(p.t, p.command(k, args...))
}

func finish(t *testing.T, cmd *exec.Cmd) result {
	t.Helper()
	var stdout, stderr bytes.Buffer
	cmd.Stdout, cmd.Stderr = &stdout, &stderr
	late := time.AfterFunc(2*testTimeout, func() {
		if cmd.Process != nil {
			cmd.Process.Kill()
		}
	})
	err := cmd.Run()
	if !late.Stop() {
		t.Errorf("%q did not end within %s", cmd.Args, 2*testTimeout)
	}
	if cmd.ProcessState == nil {
		t.Fatalf("%q: %v", cmd.Args, err)
	}
	return result{stdout.String(), stderr.String(), cmd.ProcessState.ExitCode()}
}

// ok is [project.run] for a call with exit code 0. The result is stdout.
func (p *project) ok(k tool, args ...string) string {
	p.t.Helper()
	r := p.run(k, args...)
	if r.code != 0 {
		p.t.Fatalf("%s %q ended with %d\n%s%s", k, args, r.code, r.stdout, r.stderr)
	}
	return r.stdout
}

// containers returns all containers of the project, in the order of names.
func (p *project) containers() []container.Summary {
	p.t.Helper()
	filter := make(client.Filters).Add("label", "com.docker.compose.project="+p.name)
	list, err := p.engine.ContainerList(p.t.Context(), client.ContainerListOptions{All: true, Filters: filter})
	if err != nil {
		p.t.Fatal(err)
	}
	slices.SortFunc(list.Items, func(x, y container.Summary) int { return cmp.Compare(nameOf(x), nameOf(y)) })
	return list.Items
}

// removeContainer removes a container. The tool of the test may remove the same container at this moment, because of --rm: then
// the engine reports a conflict until that removal has ended.
func (p *project) removeContainer(id string) {
	p.t.Helper()
	for end := time.Now().Add(testTimeout); ; time.Sleep(20 * time.Millisecond) {
		_, err := p.engine.ContainerRemove(p.t.Context(), id, client.ContainerRemoveOptions{Force: true, RemoveVolumes: true})
		if err == nil || errdefs.IsNotFound(err) {
			return
		}
		if !errdefs.IsConflict(err) || time.Now().After(end) {
			p.t.Error(err)
			return
		}
	}
}

// nameOf returns a container's own name. A name with a slash inside belongs to a link of another container.
func nameOf(c container.Summary) string {
	for _, name := range c.Names {
		if own := strings.TrimPrefix(name, "/"); !strings.Contains(own, "/") {
			return own
		}
	}
	return ""
}

// service returns a service's containers, without one-offs.
func (p *project) service(name string) []container.Summary {
	p.t.Helper()
	return slices.DeleteFunc(p.containers(), func(c container.Summary) bool {
		return c.Labels["com.docker.compose.service"] != name || c.Labels["com.docker.compose.oneoff"] == "True"
	})
}

// identities returns the IDs of service containers by name without the project's, and of networks.
func (p *project) identities() map[string]string {
	p.t.Helper()
	all := map[string]string{}
	for _, c := range p.containers() {
		if c.Labels["com.docker.compose.oneoff"] == "False" {
			all[strings.TrimPrefix(nameOf(c), p.name+"-")] = c.ID
		}
	}
	for name, id := range p.networks() {
		all["network "+name] = id
	}
	return all
}

// networks returns the IDs of the project's networks by name.
func (p *project) networks() map[string]string {
	p.t.Helper()
	filter := make(client.Filters).Add("label", "com.docker.compose.project="+p.name)
	list, err := p.engine.NetworkList(p.t.Context(), client.NetworkListOptions{Filters: filter})
	if err != nil {
		p.t.Fatal(err)
	}
	all := map[string]string{}
	for _, n := range list.Items {
		all[strings.TrimPrefix(n.Name, p.name+"_")] = n.ID
	}
	return all
}

// volumes returns the names of the project's volumes.
func (p *project) volumes() []string {
	p.t.Helper()
	filter := make(client.Filters).Add("label", "com.docker.compose.project="+p.name)
	list, err := p.engine.VolumeList(p.t.Context(), client.VolumeListOptions{Filters: filter})
	if err != nil {
		p.t.Fatal(err)
	}
	var all []string
	for _, v := range list.Items {
		all = append(all, strings.TrimPrefix(v.Name, p.name+"_"))
	}
	slices.Sort(all)
	return all
}

// expectOnlyVolumes expects no container and no network of the project, and exactly these volumes.
func (p *project) expectOnlyVolumes(volumes ...string) {
	p.t.Helper()
	for _, c := range p.containers() {
		p.t.Errorf("container %s is left", nameOf(c))
	}
	for name := range p.networks() {
		p.t.Errorf("network %s is left", name)
	}
	if left := p.volumes(); !slices.Equal(left, volumes) {
		p.t.Errorf("volumes %q are left, want %q", left, volumes)
	}
}

// expectSame expects that nothing was recreated. what names the tool that ran.
func expectSame(t *testing.T, what string, before, after map[string]string) {
	t.Helper()
	for _, name := range slices.Sorted(maps.Keys(before)) {
		if after[name] != before[name] {
			t.Errorf("%s: %s was %.12s, is %.12s", what, name, before[name], after[name])
		}
	}
	for _, name := range slices.Sorted(maps.Keys(after)) {
		if _, ok := before[name]; !ok {
			t.Errorf("%s: %s is new", what, name)
		}
	}
}
