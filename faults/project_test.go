//go:build linux

package faults

import (
	"context"
	"math/rand/v2"
	"net/netip"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/containerd/errdefs"
	"github.com/moby/moby/api/types/container"
	"github.com/moby/moby/api/types/network"
	"github.com/moby/moby/client"

	"tasks/internal/composeproject"
	"tasks/internal/toolbox"
)

// project is a project of the campaign, with untouchable resources beside.
type project struct {
	t       *testing.T
	ctx     context.Context
	engine  *client.Client
	dir     string
	name    string
	image   string
	env     []string
	volumes *volumeWatch
	// bystanders are containers, networks and volumes with names similar to ours.
	bystanders bystanders
	// isOnlyUser means that no other user needs the engine, so the engine may crash.
	isOnlyUser bool
}

type bystanders struct{ containers, networks, volumes []string }

func newProject(t *testing.T) *project {
	t.Helper()
	p := &project{t: t, engine: toolbox.Client(t), dir: t.TempDir(), name: toolbox.Project(t), image: toolbox.Image(t)}
	ctx, cancel := context.WithCancel(context.Background()) // the test's own context ends before the cleanups
	p.ctx = ctx
	t.Cleanup(cancel)
	p.env = append(environment(), "FAULTS_PROJECT="+p.name, "GOTRACEBACK=all")
	p.env = append(p.env, toolbox.StateVariables(t.TempDir())...)
	p.write("compose.yaml", compose)
	p.write("Tasks.hcl", tasksHCL)
	p.volumes = watchVolumes(p.ctx, p.engine, p.name)
	t.Cleanup(p.removeAll)
	p.createBystanders()
	return p
}

// environment returns the environment of this process, without variables that would mislead the program.
func environment() []string {
	var env []string
	for _, e := range os.Environ() {
		if !strings.HasPrefix(e, "COMPOSE_") && !strings.HasPrefix(e, "TASKS_") {
			env = append(env, e)
		}
	}
	return env
}

func (p *project) write(name, text string) {
	p.t.Helper()
	p.writeTo(p.dir, name, text)
}

func (p *project) writeTo(dir, name, text string) {
	p.t.Helper()
	text = strings.NewReplacer("@image", p.image, "@project", p.name).Replace(text)
	if err := os.WriteFile(filepath.Join(dir, name), []byte(text), 0o644); err != nil {
		p.t.Fatal(err)
	}
}

// createBystanders makes the bystanders. A container, a network and a volume have our prefix. Others belong to another
// project with a name like a private project. The last is a one-off of Compose.
func (p *project) createBystanders() {
	p.t.Helper()
	like := p.name + "-0123abcd"
	p.container(p.name+"-db-10", nil)
	p.container(like+"-db-1", labels(like, "db", composeproject.OneOffFalse))
	p.container(p.name+"x-web-run-1", labels(p.name+"x", "web", composeproject.OneOffTrue))
	for _, name := range []string{p.name + "_default2", like + "_default"} {
		p.network(name, map[string]string{composeproject.LabelProject: like})
		p.bystanders.networks = append(p.bystanders.networks, name)
	}
	for _, name := range []string{p.name + "_data2", like + "_data"} {
		if _, err := p.engine.VolumeCreate(p.ctx, client.VolumeCreateOptions{Name: name, Labels: map[string]string{composeproject.LabelProject: like}}); err != nil {
			p.t.Fatal(err)
		}
		p.bystanders.volumes = append(p.bystanders.volumes, name)
	}
}

func labels(project, service, oneOff string) map[string]string {
	return map[string]string{
		composeproject.LabelProject: project, composeproject.LabelService: service, composeproject.LabelOneOff: oneOff,
		composeproject.LabelConfigHash: "none", composeproject.LabelContainerNumber: "1",
	}
}

// container makes and starts a bystander.
func (p *project) container(name string, labels map[string]string) {
	p.t.Helper()
	made, err := p.engine.ContainerCreate(p.ctx, client.ContainerCreateOptions{
		Name: name, Config: &container.Config{Image: p.image, Cmd: []string{"sleep", "infinity"}, Labels: labels},
	})
	if err == nil {
		_, err = p.engine.ContainerStart(p.ctx, made.ID, client.ContainerStartOptions{})
	}
	if err != nil {
		p.t.Fatal(err)
	}
	p.bystanders.containers = append(p.bystanders.containers, name)
}

// network makes a bystander with a free subnet, found by trial. The runs keep the engine's address pools.
func (p *project) network(name string, labels map[string]string) {
	p.t.Helper()
	for tries := 1; ; tries++ {
		subnet := netip.PrefixFrom(netip.AddrFrom4([4]byte{10, byte(200 + rand.IntN(50)), byte(rand.IntN(256)), 0}), 28)
		_, err := p.engine.NetworkCreate(p.ctx, name, client.NetworkCreateOptions{
			Labels: labels, IPAM: &network.IPAM{Config: []network.IPAMConfig{{Subnet: subnet}}},
		})
		if err == nil {
			return
		}
		if tries == 10 {
			p.t.Fatal(err)
		}
	}
}

// missingBystanders returns the removed or stopped bystanders.
func (p *project) missingBystanders() []string {
	var missing []string
	for _, name := range p.bystanders.containers {
		one, err := p.engine.ContainerInspect(p.ctx, name, client.ContainerInspectOptions{})
		if err != nil || !one.Container.State.Running && !p.isOnlyUser {
			missing = append(missing, "container "+name)
		}
	}
	for _, name := range p.bystanders.networks {
		if _, err := p.engine.NetworkInspect(p.ctx, name, client.NetworkInspectOptions{}); err != nil {
			missing = append(missing, "network "+name)
		}
	}
	for _, name := range p.bystanders.volumes {
		if _, err := p.engine.VolumeInspect(p.ctx, name, client.VolumeInspectOptions{}); err != nil {
			missing = append(missing, "volume "+name)
		}
	}
	return missing
}

// removeAll removes the bystanders and the project, first like a user: only tasks knows the anonymous volumes taken
// over by another container. Then removeAll removes all leftovers.
func (p *project) removeAll() {
	p.tasks("down", "--volumes", "--yes")
	ctx, cancel := context.WithTimeout(context.Background(), time.Minute)
	defer cancel()
	var errs []error
	for _, name := range p.bystanders.containers {
		_, err := p.engine.ContainerRemove(ctx, name, client.ContainerRemoveOptions{Force: true, RemoveVolumes: true})
		errs = append(errs, err)
	}
	for _, name := range p.bystanders.networks {
		_, err := p.engine.NetworkRemove(ctx, name, client.NetworkRemoveOptions{})
		errs = append(errs, err)
	}
	for _, name := range p.bystanders.volumes {
		_, err := p.engine.VolumeRemove(ctx, name, client.VolumeRemoveOptions{})
		errs = append(errs, err)
	}
	errs = append(errs, toolbox.RemoveProject(ctx, p.engine, p.name))
	for _, err := range errs {
		if err != nil && !errdefs.IsNotFound(err) {
			p.t.Error(err)
		}
	}
}

// tasks calls the program without a fault, and expects success.
func (p *project) tasks(args ...string) string {
	p.t.Helper()
	cmd := exec.Command(program, args...)
	cmd.Dir, cmd.Env = p.dir, p.env
	late := time.AfterFunc(callTimeout, func() { cmd.Process.Kill() })
	defer late.Stop()
	out, err := cmd.CombinedOutput()
	if err != nil {
		p.t.Errorf("tasks %s: %v\n%s", strings.Join(args, " "), err, indent(string(out)))
	}
	return string(out)
}
