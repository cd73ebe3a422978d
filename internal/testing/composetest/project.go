package composetest

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

// Timeout limits every wait of a test. The limit is high for busy machines.
const Timeout = time.Minute

// Project is a compose project for several tools, in the same directory and with the same name.
type Project struct {
	T      *testing.T
	Dir    string
	Name   string
	Engine *client.Client
	Env    []string
	// Placeholders replaces placeholders in files: @image, @project, @subnet.
	Placeholders *strings.Replacer
}

// NewProject writes the compose file. At the end of the test, all of the project is removed, and nothing may be left
// then.
func NewProject(t *testing.T, compose string) *Project {
	t.Helper()
	statSources()
	p := &Project{
		T: t, Dir: t.TempDir(), Name: toolbox.Project(t), Engine: toolbox.Client(t),
		Env: append(Environment(), toolbox.StateVariables(t.TempDir())...),
	}
	p.Placeholders = strings.NewReplacer("@image", toolbox.Image(t), "@project", p.Name, "@subnet", subnet(p.Name), "@dir", p.Dir, "@arch", runtime.GOARCH)
	t.Cleanup(p.Remove)
	p.Write("compose.yaml", compose)
	return p
}

// statSources shows the Go tool that the tests depend on all sources. The tests import few of our packages, so the Go
// tool would otherwise use cached results.
var statSources = sync.OnceFunc(func() {
	err := filepath.WalkDir("../..", func(path string, d fs.DirEntry, err error) error {
		if err == nil && d.IsDir() && path != "../.." && (strings.HasPrefix(d.Name(), ".") || d.Name() == "bin") {
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

// Remove removes all of the project.
func (p *Project) Remove() {
	ctx, cancel := context.WithTimeout(context.Background(), Timeout)
	defer cancel()
	if err := toolbox.RemoveProject(ctx, p.Engine, p.Name); err != nil {
		p.T.Error(err)
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

// Environment returns the environment of this process, without variables that would mislead the programs.
func Environment() []string {
	return slices.DeleteFunc(os.Environ(), func(e string) bool {
		return strings.HasPrefix(e, "COMPOSE_") || strings.HasPrefix(e, "TASKS_") || strings.HasPrefix(e, "NO_COLOR=")
	})
}

// Write writes a file below the project's directory.
func (p *Project) Write(name, text string) {
	p.T.Helper()
	path := filepath.Join(p.Dir, name)
	if err := os.MkdirAll(filepath.Dir(path), 0o755); err != nil {
		p.T.Fatal(err)
	}
	if err := os.WriteFile(path, []byte(p.Placeholders.Replace(text)), 0o644); err != nil {
		p.T.Fatal(err)
	}
}

// Result holds a program's output and exit code.
type Result struct {
	Stdout, Stderr string
	Code           int
}

// Command prepares a call of a tool on the project.
func (p *Project) Command(k Tool, args ...string) *exec.Cmd {
	p.T.Helper()
	name := map[bool]string{true: "--project-name", false: "-p"}[k == Tasks]
	cmd := exec.CommandContext(p.T.Context(), k.Program(p.T), append([]string{name, p.Name}, args...)...)
	cmd.Dir, cmd.Env = p.Dir, slices.Clone(p.Env)
	cmd.WaitDelay = 5 * time.Second
	return cmd
}

// Run calls a tool and waits for the end.
func (p *Project) Run(k Tool, args ...string) Result {
	p.T.Helper()
	return Finish(p.T, p.Command(k, args...))
}

// Finish runs a command to its end, and returns the output and the exit code.
func Finish(t *testing.T, cmd *exec.Cmd) Result {
	t.Helper()
	var stdout, stderr bytes.Buffer
	cmd.Stdout, cmd.Stderr = &stdout, &stderr
	late := time.AfterFunc(2*Timeout, func() {
		if cmd.Process != nil {
			cmd.Process.Kill()
		}
	})
	err := cmd.Run()
	if !late.Stop() {
		t.Errorf("%q did not end within %s", cmd.Args, 2*Timeout)
	}
	if cmd.ProcessState == nil {
		t.Fatalf("%q: %v", cmd.Args, err)
	}
	return Result{stdout.String(), stderr.String(), cmd.ProcessState.ExitCode()}
}

// OK is [Project.Run] for a call with exit code 0. The result is stdout.
func (p *Project) OK(k Tool, args ...string) string {
	p.T.Helper()
	r := p.Run(k, args...)
	if r.Code != 0 {
		p.T.Fatalf("%s %q ended with %d\n%s%s", k, args, r.Code, r.Stdout, r.Stderr)
	}
	return r.Stdout
}

// Containers returns all containers of the project, in the order of names.
func (p *Project) Containers() []container.Summary {
	p.T.Helper()
	filter := make(client.Filters).Add("label", "com.docker.compose.project="+p.Name)
	list, err := p.Engine.ContainerList(p.T.Context(), client.ContainerListOptions{All: true, Filters: filter})
	if err != nil {
		p.T.Fatal(err)
	}
	slices.SortFunc(list.Items, func(x, y container.Summary) int { return cmp.Compare(NameOf(x), NameOf(y)) })
	return list.Items
}

// RemoveContainer removes a container. The tool of the test may remove the same container at this moment, because of --rm: then
// the engine reports a conflict until that removal has ended.
func (p *Project) RemoveContainer(id string) {
	p.T.Helper()
	for end := time.Now().Add(Timeout); ; time.Sleep(20 * time.Millisecond) {
		_, err := p.Engine.ContainerRemove(p.T.Context(), id, client.ContainerRemoveOptions{Force: true, RemoveVolumes: true})
		if err == nil || errdefs.IsNotFound(err) {
			return
		}
		if !errdefs.IsConflict(err) || time.Now().After(end) {
			p.T.Error(err)
			return
		}
	}
}

// NameOf returns a container's own name. A name with a slash inside belongs to a link of another container.
func NameOf(c container.Summary) string {
	for _, name := range c.Names {
		if own := strings.TrimPrefix(name, "/"); !strings.Contains(own, "/") {
			return own
		}
	}
	return ""
}

// Service returns a service's containers, without one-offs.
func (p *Project) Service(name string) []container.Summary {
	p.T.Helper()
	return slices.DeleteFunc(p.Containers(), func(c container.Summary) bool {
		return c.Labels["com.docker.compose.service"] != name || c.Labels["com.docker.compose.oneoff"] == "True"
	})
}

// Identities returns the IDs of service containers by name without the project's, and of networks.
func (p *Project) Identities() map[string]string {
	p.T.Helper()
	all := map[string]string{}
	for _, c := range p.Containers() {
		if c.Labels["com.docker.compose.oneoff"] == "False" {
			all[strings.TrimPrefix(NameOf(c), p.Name+"-")] = c.ID
		}
	}
	for name, id := range p.Networks() {
		all["network "+name] = id
	}
	return all
}

// Networks returns the IDs of the project's networks by name.
func (p *Project) Networks() map[string]string {
	p.T.Helper()
	filter := make(client.Filters).Add("label", "com.docker.compose.project="+p.Name)
	list, err := p.Engine.NetworkList(p.T.Context(), client.NetworkListOptions{Filters: filter})
	if err != nil {
		p.T.Fatal(err)
	}
	all := map[string]string{}
	for _, n := range list.Items {
		all[strings.TrimPrefix(n.Name, p.Name+"_")] = n.ID
	}
	return all
}

// Volumes returns the names of the project's volumes.
func (p *Project) Volumes() []string {
	p.T.Helper()
	filter := make(client.Filters).Add("label", "com.docker.compose.project="+p.Name)
	list, err := p.Engine.VolumeList(p.T.Context(), client.VolumeListOptions{Filters: filter})
	if err != nil {
		p.T.Fatal(err)
	}
	var all []string
	for _, v := range list.Items {
		all = append(all, strings.TrimPrefix(v.Name, p.Name+"_"))
	}
	slices.Sort(all)
	return all
}

// ExpectOnlyVolumes expects no container and no network of the project, and exactly these volumes.
func (p *Project) ExpectOnlyVolumes(volumes ...string) {
	p.T.Helper()
	for _, c := range p.Containers() {
		p.T.Errorf("container %s is left", NameOf(c))
	}
	for name := range p.Networks() {
		p.T.Errorf("network %s is left", name)
	}
	if left := p.Volumes(); !slices.Equal(left, volumes) {
		p.T.Errorf("volumes %q are left, want %q", left, volumes)
	}
}

// ExpectSame expects that nothing was recreated. what names the tool that ran.
func ExpectSame(t *testing.T, what string, before, after map[string]string) {
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

// Tag gives an image a reference of this project until the test ends.
func (p *Project) Tag(image string) string {
	p.T.Helper()
	ref := "tasks-test/interop:" + p.Name
	if _, err := p.Engine.ImageTag(p.T.Context(), client.ImageTagOptions{Source: image, Target: ref}); err != nil {
		p.T.Fatal(err)
	}
	p.T.Cleanup(func() {
		// An image in use keeps its last reference.
		p.Remove()
		// A second tagging has removed the reference.
		_, _ = p.Engine.ImageRemove(context.Background(), ref, client.ImageRemoveOptions{})
	})
	return ref
}
