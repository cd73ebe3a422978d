//go:build linux

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
	"tasks/planner/observed"
)

// leftResource is a leftover resource.
type leftResource struct{ kind, name, state, id string }

func (f leftResource) String() string {
	return strings.TrimSpace(f.kind + " " + f.name + " " + f.state)
}

// leftResources returns the resources that runs must not leave: containers that are neither service containers nor
// detached, undeclared networks and volumes, and unused anonymous volumes.
func (p *project) leftResources() []leftResource {
	p.t.Helper()
	var all []leftResource
	containers, err := p.engine.ContainerList(p.ctx, client.ContainerListOptions{All: true})
	p.failOn(err)
	used := slices.ContainsFunc(containers.Items, func(c container.Summary) bool { return p.isDetached(c) && c.State == container.StateRunning })
	for _, c := range containers.Items {
		name := strings.TrimPrefix(c.Names[0], "/")
		if p.isOurs(c.Labels) && !slices.Contains(p.bystanders.containers, name) && !p.isAllowed(c, used) {
			all = append(all, leftResource{"container", name, string(c.State) + " " + c.Labels[observed.LabelTask], c.ID})
		}
	}
	all = append(all, p.duplicateContainers(containers.Items)...)
	networks, err := p.engine.NetworkList(p.ctx, client.NetworkListOptions{})
	p.failOn(err)
	for _, n := range networks.Items {
		if p.isLeftover(n.Name, p.bystanders.networks, "_default", "_back") {
			all = append(all, leftResource{"network", n.Name, "", n.ID})
		}
	}
	volumes, err := p.engine.VolumeList(p.ctx, client.VolumeListOptions{})
	p.failOn(err)
	for _, v := range volumes.Items {
		if p.isLeftover(v.Name, p.bystanders.volumes, "_data") {
			all = append(all, leftResource{"volume", v.Name, "", v.Name})
		}
	}
	anonymous, err := p.volumes.unusedVolumes(p.ctx, p.isOnlyUser)
	p.failOn(err)
	for _, name := range anonymous {
		all = append(all, leftResource{"anonymous volume", name, "", name})
	}
	return all
}

// duplicateContainers returns containers of services with more than one container.
func (p *project) duplicateContainers(containers []container.Summary) (all []leftResource) {
	has := map[string]bool{}
	for _, c := range containers {
		service := c.Labels[composeproject.LabelService]
		if c.Labels[composeproject.LabelProject] != p.name || c.Labels[composeproject.LabelOneOff] != composeproject.OneOffFalse {
			continue
		}
		if has[service] {
			all = append(all, leftResource{"second container of", service, strings.TrimPrefix(c.Names[0], "/") + " " + string(c.State), c.ID})
		}
		has[service] = true
	}
	return all
}

func (p *project) failOn(err error) {
	p.t.Helper()
	if err != nil {
		p.t.Fatal(err)
	}
}

// isOurs reports whether a resource belongs to the project or to a private project of a run.
func (p *project) isOurs(labels map[string]string) bool {
	return strings.HasPrefix(labels[composeproject.LabelProject], p.name)
}

// isAllowed allows reused services and detached runs. Transient services without users are not allowed.
func (p *project) isAllowed(c container.Summary, used bool) bool {
	service := c.Labels[composeproject.LabelOneOff] == composeproject.OneOffFalse
	return p.isDetached(c) || c.Labels[composeproject.LabelProject] == p.name && service && (used || !observed.IsTransient(c.Labels))
}

// isDetached reports whether a container is a begun run of task away. The restart of an engine ends the container
// without removing it.
func (p *project) isDetached(c container.Summary) bool {
	return c.Labels[composeproject.LabelProject] == p.name && c.Labels[observed.LabelTask] == "away" && c.State != container.StateCreated
}

// isLeftover reports whether a name has our prefix, and belongs to neither a bystander nor a resource of the project.
func (p *project) isLeftover(name string, bystanders []string, own ...string) bool {
	rest, ours := strings.CutPrefix(name, p.name)
	return ours && !slices.Contains(bystanders, name) && !slices.Contains(own, rest)
}

// removeDetached removes the detached containers of task away.
func (p *project) removeDetached() {
	list, err := p.engine.ContainerList(p.ctx, client.ContainerListOptions{
		All:     true,
		Filters: make(client.Filters).Add("label", composeproject.LabelProject+"="+p.name, observed.LabelTask+"=away"),
	})
	p.failOn(err)
	for _, c := range list.Items {
		if _, err := p.engine.ContainerRemove(p.ctx, c.ID, client.ContainerRemoveOptions{Force: true, RemoveVolumes: true}); err != nil {
			p.t.Error(err)
		}
	}
	if len(list.Items) > 0 {
		p.tasks("ps") // transient resources used by them
	}
}

// heldLocks returns the locks in .tasks that a process still holds.
func (p *project) heldLocks() []string {
	var held []string
	err := filepath.WalkDir(filepath.Join(p.dir, ".tasks"), func(path string, entry os.DirEntry, err error) error {
		if err != nil || entry.IsDir() {
			return nil // missing: no run has come so far
		}
		lock := flock.New(path)
		defer lock.Close()
		if free, err := lock.TryLock(); err != nil || !free {
			held = append(held, fmt.Sprintf("lock %s (%v)", path, err))
		}
		return nil
	})
	p.failOn(err)
	return held
}

// processes returns the processes that a run has left, by ID, after a moment for their end.
func (p *project) processes() map[int]string {
	mark := "FAULTS_PROJECT=" + p.name + "\x00"
	for end := time.Now().Add(2 * time.Second); ; time.Sleep(50 * time.Millisecond) {
		left := markedProcesses(mark)
		if len(left) == 0 || time.Now().After(end) {
			return left
		}
	}
}
