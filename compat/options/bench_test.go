package options_test

import (
	"context"
	"io"
	"maps"
	"net"
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

	"github.com/creack/pty"
	"github.com/moby/moby/api/types/container"
	"github.com/moby/moby/client"

	"tasks/internal/testing/composetest"
	"tasks/internal/toolbox"
)

// bench is shared by the command lines of a test: a directory, and a project for each tool.
type bench struct {
	// dir holds the files; own is a word unique to this test.
	dir, unique string
	projects    map[tool]*project
	ports       *strings.Replacer
}

func newBench(t *testing.T) *bench {
	t.Helper()
	text, err := os.ReadFile("testdata/options.yaml")
	if err != nil {
		t.Fatal(err)
	}
	first := newProject(t, "services: {}")
	b := &bench{dir: first.Dir, unique: first.Name, ports: freePorts(t), projects: map[tool]*project{}}
	first.Tag(first.Placeholders.Replace("@image"))
	for name, text := range map[string]string{
		"compose.yaml": strings.ReplaceAll(string(text), "@own", b.unique),
		"options.env":  "CHANGED=of the file\nIN_FILE=of the file\n", "src/options.env": "CHANGED=of src\n",
		"words.env": "WORD=of words.env\n", ".env": "IN_DOTENV=of .env\n",
		"more.env":         "MORE=of more.env\nQUOTED=\"two words\"\nFROM_SHELL=of more.env\n",
		"other.env":        "MORE=of other.env\n",
		"built.Dockerfile": "FROM @image\nLABEL built=" + b.unique + "\n",
		"src/file":         "text\n", "src/here/file": "text\n", b.unique + "-cwd/file": "text\n",
	} {
		first.Write(name, text)
	}
	t.Cleanup(func() { b.removeVolumes(first); b.removeImages(first) })
	for _, k := range []tool{v1, v5, tasks} {
		p := b.project(t)
		b.projects[k] = p
		// Shared resources are made once. docker-compose 1.29 fails if two calls make them at a time, and Compose v5
		// makes two networks with the same name.
		for _, service := range []string{"web", "connected"} {
			p.OK(k, option{mode: attached, flags: []string{"-T"}, words: []string{service, "true"}}.spelled(k)...)
		}
	}
	return b
}

// project returns a new project with the bench's files.
func (b *bench) project(t *testing.T) *project {
	t.Helper()
	p := newProject(t, "services: {}")
	p.Placeholders = strings.NewReplacer("@project", p.Name, "@dir", b.dir, "@own", b.unique, "@test", t.Name(), "@arch", runtime.GOARCH)
	p.Dir, p.Env = b.dir, append(p.Env, "FROM_SHELL=of the shell", "COMPOSE_PROJECT_NAME="+p.Name)
	return p
}

// removeVolumes removes volumes that docker-compose 1.29 makes without a label: for a relative path, for a volume of
// the file, and for an undeclared name.
func (b *bench) removeVolumes(p *project) {
	for _, name := range []string{"-cwd", "-data", "-literal"} {
		// Not all rows have run.
		_, _ = p.Engine.VolumeRemove(context.Background(), b.unique+name, client.VolumeRemoveOptions{Force: true})
	}
}

// freePorts names free ports of the host: @1 to @20, with @17 to @20 in sequence.
func freePorts(t *testing.T) *strings.Replacer {
	t.Helper()
	var words []string
	for i := range 16 {
		words = append([]string{"@" + strconv.Itoa(i+1), strconv.Itoa(freePort(t, 0))}, words...)
	}
	for {
		first := freePort(t, 0)
		if follow(t, first, 3) {
			for i := range 4 {
				words = append([]string{"@" + strconv.Itoa(17+i), strconv.Itoa(first + i)}, words...)
			}
			return strings.NewReplacer(words...)
		}
	}
}

// freePort opens a port, 0 for any, and closes the port. The result is 0 for a used port.
func freePort(t *testing.T, port int) int {
	t.Helper()
	l, err := net.Listen("tcp", "0.0.0.0:"+strconv.Itoa(port))
	if err != nil {
		return 0
	}
	defer l.Close()
	return l.Addr().(*net.TCPAddr).Port
}

func follow(t *testing.T, first, more int) bool {
	for i := range more {
		if freePort(t, first+i+1) == 0 {
			return false
		}
	}
	return true
}

// create runs a command line with a tool, and returns the created container.
func (b *bench) create(t *testing.T, k tool, line []string, o option) fields {
	t.Helper()
	p := b.projectOf(t, k, o)
	id := p.created(t, k, b.command(p, k, line, o), o.mode)
	all := p.Inspect(id)
	if o.own {
		maps.Copy(all, p.otherResources())
	}
	p.RemoveContainer(id)
	return all
}

// command prepares a call of a tool, with the directory and environment of the option.
func (b *bench) command(p *project, k tool, line []string, o option) *exec.Cmd {
	cmd := p.Command(k, b.fillPlaceholders(p, line)...)
	if o.unnamed {
		cmd.Args = append(cmd.Args[:1], cmd.Args[3:]...)
	}
	cmd.Dir = filepath.Join(b.dir, o.sub)
	cmd.Env = append(cmd.Env, b.fillPlaceholders(p, o.env)...)
	return cmd
}

// removeImages removes the built images. Compose v5 without BuildKit sets no project label.
func (b *bench) removeImages(p *project) {
	filter := make(client.Filters).Add("label", "built="+b.unique)
	built, err := p.Engine.ImageList(context.Background(), client.ImageListOptions{Filters: filter})
	if err != nil {
		p.T.Error(err)
	}
	for _, image := range built.Items {
		if _, err := p.Engine.ImageRemove(context.Background(), image.ID, client.ImageRemoveOptions{Force: true, PruneChildren: true}); err != nil {
			p.T.Error(err)
		}
	}
}

// fillPlaceholders replaces the placeholders by values.
func (b *bench) fillPlaceholders(p *project, words []string) []string {
	var all []string
	for _, word := range words {
		all = append(all, p.Placeholders.Replace(b.ports.Replace(word)))
	}
	return all
}

// projectOf returns the tool's project for this test.
func (b *bench) projectOf(t *testing.T, k tool, o option) *project {
	if o.own {
		p := b.project(t)
		if o.prepare != nil {
			o.prepare(p)
		}
		return p
	}
	p := *b.projects[k].Project // subtests run at the same time
	p.T, p.Placeholders = t, strings.NewReplacer("@project", p.Name, "@dir", b.dir, "@own", b.unique, "@test", t.Name(), "@arch", runtime.GOARCH)
	return &project{&p}
}

// created runs a command until a container exists, and returns the container. A detached call prints the container's
// name, or the ID in Compose v5. An attached call ends when the container is removed.
func (p *project) created(t *testing.T, k tool, cmd *exec.Cmd, how mode) string {
	t.Helper()
	if how == detached {
		r := composetest.Finish(t, cmd)
		made := p.oneOffs(t.Name())
		if r.Code != 0 || len(made) != 1 {
			t.Fatalf("%q ended with %d and made %d containers\n%s%s", cmd.Args, r.Code, len(made), r.Stdout, r.Stderr)
		}
		lines := strings.Fields(r.Stdout) // a build may have printed lines before
		if want := map[bool]string{true: made[0].ID, false: composetest.NameOf(made[0])}[k == v5]; lines[len(lines)-1] != want {
			t.Errorf("%q printed %q, want %s", cmd.Args, r.Stdout, want)
		}
		return made[0].ID
	}
	done := start(t, cmd, how)
	t.Cleanup(func() { done() })
	for end := time.Now().Add(composetest.Timeout); ; time.Sleep(20 * time.Millisecond) {
		for _, c := range p.oneOffs(t.Name()) {
			if c.State == container.StateRunning {
				return c.ID
			}
		}
		if time.Now().After(end) {
			cmd.Process.Kill()
			t.Fatalf("%q has made no container\n%s", cmd.Args, done())
		}
	}
}

// otherResources returns the other resources of a project as fields: services with states, networks and volumes.
func (p *project) otherResources() fields {
	p.T.Helper()
	all := fields{}
	for _, c := range p.Containers() {
		if c.Labels["com.docker.compose.oneoff"] != "True" {
			all["project.services["+c.Labels["com.docker.compose.service"]+"]"] = string(c.State)
		}
	}
	for name := range p.Networks() {
		all["project.networks["+name+"]"] = "there"
	}
	for _, name := range p.Volumes() {
		all["project.volumes["+strings.TrimSuffix(name, "-"+p.Placeholders.Replace("@own"))+"]"] = "there"
	}
	return all
}

// leaveOrphan gives the project a container of a service that the file lacks.
func (p *project) leaveOrphan() {
	p.T.Helper()
	labels := map[string]string{
		"com.docker.compose.project": p.Name, "com.docker.compose.service": "gone", "com.docker.compose.oneoff": "False",
		"com.docker.compose.container-number": "1", "com.docker.compose.config-hash": strings.Repeat("0", 64),
	}
	if _, err := p.Engine.ContainerCreate(p.T.Context(), client.ContainerCreateOptions{
		Name: p.Name + "-gone-1", Config: &container.Config{Image: toolbox.Image(p.T), Labels: labels},
	}); err != nil {
		p.T.Fatal(err)
	}
}

// retagImage gives the image reference of the service built to another image than the build's result.
func (p *project) retagImage() {
	p.T.Helper()
	ref := "tasks-test/interop:" + p.Placeholders.Replace("@own")
	if _, err := p.Engine.ImageTag(p.T.Context(), client.ImageTagOptions{Source: toolbox.Image(p.T), Target: ref}); err != nil {
		p.T.Fatal(err)
	}
}

// oneOffs returns the project's one-offs made by a test.
func (p *project) oneOffs(test string) []container.Summary {
	p.T.Helper()
	return slices.DeleteFunc(p.Containers(), func(c container.Summary) bool {
		return c.Labels["com.docker.compose.oneoff"] != "True" || c.Labels["test"] != test
	})
}

// start starts an attached command. The returned function waits for the end and returns the output.
func start(t *testing.T, cmd *exec.Cmd, how mode) (done func() string) {
	t.Helper()
	out := &toolbox.Buffer{}
	var streams sync.WaitGroup
	if how == attached {
		in, err := cmd.StdinPipe() // open until the end
		if err != nil {
			t.Fatal(err)
		}
		t.Cleanup(func() { in.Close() })
		cmd.Stdout, cmd.Stderr = out, out
		if err := cmd.Start(); err != nil {
			t.Fatal(err)
		}
	} else {
		master, err := pty.StartWithSize(cmd, &pty.Winsize{Rows: 33, Cols: 101})
		if err != nil {
			t.Fatal(err)
		}
		t.Cleanup(func() { master.Close() })
		streams.Go(func() { io.Copy(out, master) })
	}
	return sync.OnceValue(func() string {
		late := time.AfterFunc(composetest.Timeout, func() { cmd.Process.Kill() })
		cmd.Wait() // the container was removed, so any code is right
		if !late.Stop() {
			t.Errorf("%q did not end within %s after its container was removed", cmd.Args, composetest.Timeout)
		}
		streams.Wait()
		return out.String()
	})
}
