package faults

import (
	"fmt"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"time"

	"github.com/gofrs/flock"
	"github.com/moby/moby/api/types/container"
	"github.com/moby/moby/client"

	"tasks/internal/composeproject"
	"tasks/planner"
)

// found is a thing that is left.
type found struct{ kind, name, state string }

func (f found) String() string { return strings.TrimSpace(f.kind + " " + f.name + " " + f.state) }

// left is all that runs have left and may not leave: containers that are neither a service of the project nor a
// detached run, networks and volumes that compose.yaml does not name, anonymous volumes of nobody.
func (p *project) left() []found {
	p.t.Helper()
	var all []found
	containers, err := p.engine.ContainerList(p.ctx, client.ContainerListOptions{All: true})
	p.must(err)
	used := slices.ContainsFunc(containers.Items, func(c container.Summary) bool { return p.detached(c) && c.State == container.StateRunning })
	for _, c := range containers.Items {
		name := strings.TrimPrefix(c.Names[0], "/")
		if p.ours(c.Labels) && !slices.Contains(p.bystanders.containers, name) && !p.mayStay(c, used) {
			all = append(all, found{"container", name, string(c.State) + " " + c.Labels[planner.LabelTask]})
		}
	}
	all = append(all, p.second(containers.Items)...)
	networks, err := p.engine.NetworkList(p.ctx, client.NetworkListOptions{})
	p.must(err)
	for _, n := range networks.Items {
		if p.strange(n.Name, p.bystanders.networks, "_default", "_back") {
			all = append(all, found{"network", n.Name, ""})
		}
	}
	volumes, err := p.engine.VolumeList(p.ctx, client.VolumeListOptions{})
	p.must(err)
	for _, v := range volumes.Items {
		if p.strange(v.Name, p.bystanders.volumes, "_data") {
			all = append(all, found{"volume", v.Name, ""})
		}
	}
	anonymous, err := p.volumes.left(p.ctx, p.alone)
	p.must(err)
	for _, name := range anonymous {
		all = append(all, found{"anonymous volume", name, ""})
	}
	return all
}

// second are containers of services that have one already: of every service one is wanted.
func (p *project) second(containers []container.Summary) (all []found) {
	has := map[string]bool{}
	for _, c := range containers {
		service := c.Labels[composeproject.LabelService]
		if c.Labels[composeproject.LabelProject] != p.name || c.Labels[composeproject.LabelOneOff] != composeproject.OneOffFalse {
			continue
		}
		if has[service] {
			all = append(all, found{"second container of", service, strings.TrimPrefix(c.Names[0], "/") + " " + string(c.State)})
		}
		has[service] = true
	}
	return all
}

func (p *project) must(err error) {
	p.t.Helper()
	if err != nil {
		p.t.Fatal(err)
	}
}

// ours: of the project, or of a private one of a run.
func (p *project) ours(labels map[string]string) bool {
	return strings.HasPrefix(labels[composeproject.LabelProject], p.name)
}

// mayStay: services are reused, but for transient ones that nobody uses, and a detached run is its user's.
func (p *project) mayStay(c container.Summary, used bool) bool {
	service := c.Labels[composeproject.LabelOneOff] == composeproject.OneOffFalse
	return p.detached(c) || c.Labels[composeproject.LabelProject] == p.name && service && (used || !planner.Transient(c.Labels))
}

// detached says that a container is a run of task away that was begun. An engine that is restarted ends it, and it stays all the same.
func (p *project) detached(c container.Summary) bool {
	return c.Labels[composeproject.LabelProject] == p.name && c.Labels[planner.LabelTask] == "away" && c.State != container.StateCreated
}

// strange says that a name begins as ours do, and is neither a bystander's nor one of those that the project has.
func (p *project) strange(name string, bystanders []string, own ...string) bool {
	rest, ours := strings.CutPrefix(name, p.name)
	return ours && !slices.Contains(bystanders, name) && !slices.Contains(own, rest)
}

// removeDetached ends what the runs of task away have left on purpose.
func (p *project) removeDetached() {
	list, err := p.engine.ContainerList(p.ctx, client.ContainerListOptions{
		All:     true,
		Filters: make(client.Filters).Add("label", composeproject.LabelProject+"="+p.name, planner.LabelTask+"=away"),
	})
	p.must(err)
	for _, c := range list.Items {
		if _, err := p.engine.ContainerRemove(p.ctx, c.ID, client.ContainerRemoveOptions{Force: true, RemoveVolumes: true}); err != nil {
			p.t.Error(err)
		}
	}
	if len(list.Items) > 0 {
		p.tasks("ps") // what was transient, and used by them
	}
}

// held are the locks in .tasks that somebody still has.
func (p *project) held() []string {
	var held []string
	err := filepath.WalkDir(filepath.Join(p.dir, ".tasks"), func(path string, entry os.DirEntry, err error) error {
		if err != nil || entry.IsDir() {
			return nil // not there: no run has got as far
		}
		lock := flock.New(path)
		defer lock.Close()
		if free, err := lock.TryLock(); err != nil || !free {
			held = append(held, fmt.Sprintf("lock %s (%v)", path, err))
		}
		return nil
	})
	p.must(err)
	return held
}

// processes are by their ids those that a run has left, after a moment in which they may end.
func (p *project) processes() map[int]string {
	mark := "FAULTS_PROJECT=" + p.name + "\x00"
	for end := time.Now().Add(2 * time.Second); ; time.Sleep(50 * time.Millisecond) {
		left := marked(mark)
		if len(left) == 0 || time.Now().After(end) {
			return left
		}
	}
}
