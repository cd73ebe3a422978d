//go:build unix

package apptest

import (
	"context"
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"strings"
	"syscall"

	"github.com/moby/moby/client"

	"tasks/internal/toolbox"
	"tasks/planner/observed"
)

// Checkout returns another directory with the same project of the same user.
func (a *App) Checkout() *App {
	a.T.Helper()
	b := *a
	b.Dir = a.T.TempDir()
	for _, name := range []string{"compose.yaml", "Tasks.hcl"} {
		content, err := os.ReadFile(filepath.Join(a.Dir, name))
		if err != nil {
			a.T.Fatal(err)
		}
		b.Write(name, string(content))
	}
	return &b
}

// CheckoutOfOtherUser is [App.Checkout] with the state directory of another user.
func (a *App) CheckoutOfOtherUser() *App {
	a.T.Helper()
	b := a.Checkout()
	b.Env = append(slices.Clone(a.Env), toolbox.StateVariables(a.T.TempDir())...)
	return b
}

// KillDuringRun runs a task until its command has begun, and then kills the program with SIGKILL.
func (a *App) KillDuringRun(task string) {
	a.T.Helper()
	p := a.Start("run", task)
	p.WaitOutput("begun")
	p.Signal(syscall.SIGKILL)
	p.Wait()
}

// OneOffTasks returns the task names of the one-offs, sorted.
func (a *App) OneOffTasks() string {
	a.T.Helper()
	var names []string
	for _, c := range a.OneOffs() {
		names = append(names, c.Config.Labels[observed.LabelTask])
	}
	slices.Sort(names)
	return strings.Join(names, " ")
}

// RemoveOneOffs removes the one-offs that a test leaves on purpose.
func (a *App) RemoveOneOffs() {
	a.T.Helper()
	a.Ok("down", "--yes")
}

// BuildStore builds the image of the store.
func (a *App) BuildStore() {
	a.T.Helper()
	build := exec.CommandContext(a.T.Context(), "go", "build", "-o", filepath.Join(a.Dir, "kv"), "tasks/examples/hello/kv")
	build.Env = append(os.Environ(), "CGO_ENABLED=0", "GOFLAGS=")
	if out, err := build.CombinedOutput(); err != nil {
		a.T.Fatalf("%v\n%s", err, out)
	}
}

// PrivateResources returns the names of all resources of private projects.
func (a *App) PrivateResources() []string {
	a.T.Helper()
	ctx, cancel := context.WithTimeout(context.Background(), TestTimeout)
	defer cancel()
	filter := make(client.Filters).Add("label", observed.LabelOriginal+"="+a.Project)
	containers, err1 := a.Engine.ContainerList(ctx, client.ContainerListOptions{All: true, Filters: filter})
	networks, err2 := a.Engine.NetworkList(ctx, client.NetworkListOptions{Filters: filter})
	volumes, err3 := a.Engine.VolumeList(ctx, client.VolumeListOptions{Filters: filter})
	for _, err := range []error{err1, err2, err3} {
		if err != nil {
			a.T.Fatal(err)
		}
	}
	var names []string
	for _, c := range containers.Items {
		names = append(names, c.Names[0])
	}
	for _, n := range networks.Items {
		names = append(names, n.Name)
	}
	for _, v := range volumes.Items {
		names = append(names, v.Name)
	}
	return names
}

// CheckAndRemovePrivate expects no resource of a private project, and removes each one found.
func (a *App) CheckAndRemovePrivate() {
	a.T.Helper()
	a.ExpectNoPrivate()
	ctx, cancel := context.WithTimeout(context.Background(), TestTimeout)
	defer cancel()
	for _, name := range a.PrivateResources() {
		_, own, _ := strings.Cut(name, a.Project+"-")
		if err := toolbox.RemoveProject(ctx, a.Engine, a.Project+"-"+own[:min(8, len(own))]); err != nil {
			a.T.Error(err)
		}
	}
}

// ExpectNoPrivate expects no resource of a private project.
func (a *App) ExpectNoPrivate() {
	a.T.Helper()
	if left := a.PrivateResources(); len(left) > 0 {
		a.T.Errorf("private projects left %q", left)
	}
}

// ServiceProcesses returns the command lines in a service container, without the service's own.
func (a *App) ServiceProcesses(name string) []string {
	a.T.Helper()
	all, err := a.Engine.ContainerTop(a.T.Context(), a.Service(name).ID, client.ContainerTopOptions{Arguments: []string{"-eo", "pid,args"}})
	if err != nil {
		a.T.Fatal(err)
	}
	var others []string
	for _, p := range all.Processes {
		if command := p[len(p)-1]; !strings.Contains(command, "sleep 100000") {
			others = append(others, command)
		}
	}
	slices.Sort(others)
	return others
}

// ExpectNoProcesses expects no process of a task in a service container or beside the container.
func (a *App) ExpectNoProcesses(name string) {
	a.T.Helper()
	if left := a.ServiceProcesses(name); left != nil {
		a.T.Errorf("in the container of %s go on: %q", name, left)
	}
	if all := a.Containers(); len(all) != 1 {
		a.T.Errorf("%d containers of the project are there, want that of %s alone", len(all), name)
	}
}

// WaitJournalEntries waits for journal entries of host commands: a command may print before its entry is written.
func (a *App) WaitJournalEntries(commands int) {
	a.T.Helper()
	Eventually(a.T, "the notes of commands", func() bool {
		notes, err := filepath.Glob(filepath.Join(a.Dir, ".tasks", "data-commands*"))
		return err == nil && len(notes) == commands
	})
}

// Inventory lists everything of the project on the engine, with its state.
func (a *App) Inventory() []string {
	a.T.Helper()
	filter := make(client.Filters).Add("label", "com.docker.compose.project="+a.Project)
	var all []string
	for _, c := range a.Containers() {
		all = append(all, "container "+c.Name+" "+c.ID+" "+string(c.State.Status)+" "+c.State.StartedAt)
	}
	networks, err := a.Engine.NetworkList(a.T.Context(), client.NetworkListOptions{Filters: filter})
	if err != nil {
		a.T.Fatal(err)
	}
	for _, n := range networks.Items {
		all = append(all, "network "+n.Name+" "+n.ID)
	}
	volumes, err := a.Engine.VolumeList(a.T.Context(), client.VolumeListOptions{Filters: filter})
	if err != nil {
		a.T.Fatal(err)
	}
	for _, v := range volumes.Items {
		all = append(all, "volume "+v.Name+" "+v.CreatedAt)
	}
	slices.Sort(all)
	return all
}

// RunResources returns the names of the containers, networks and volumes with an owner, of the project and of its private
// projects.
func (a *App) RunResources() []string {
	a.T.Helper()
	ctx, cancel := context.WithTimeout(context.Background(), TestTimeout)
	defer cancel()
	var names []string
	ours := func(labels map[string]string, name string) {
		if labels[observed.LabelOriginal] == a.Project || labels[observed.LabelOwner] != "" && labels["com.docker.compose.project"] == a.Project {
			names = append(names, name)
		}
	}
	filters := make(client.Filters).Add("label", observed.LabelOwner)
	containers, err := a.Engine.ContainerList(ctx, client.ContainerListOptions{All: true, Filters: filters})
	if err != nil {
		a.T.Fatal(err)
	}
	for _, c := range containers.Items {
		ours(c.Labels, "container "+strings.Join(c.Names, " "))
	}
	networks, err := a.Engine.NetworkList(ctx, client.NetworkListOptions{Filters: filters})
	if err != nil {
		a.T.Fatal(err)
	}
	for _, n := range networks.Items {
		ours(n.Labels, "network "+n.Name)
	}
	volumes, err := a.Engine.VolumeList(ctx, client.VolumeListOptions{Filters: filters})
	if err != nil {
		a.T.Fatal(err)
	}
	for _, v := range volumes.Items {
		ours(v.Labels, "volume "+v.Name)
	}
	slices.Sort(names)
	return names
}

// ExpectNoRunResources expects no resource with an owner.
func (a *App) ExpectNoRunResources(when string) {
	a.T.Helper()
	if left := a.RunResources(); len(left) > 0 {
		a.T.Errorf("%s, left: %s", when, strings.Join(left, ", "))
	}
}

// ResourceNames returns the names of service containers, one-offs and networks of the project.
func (a *App) ResourceNames() string {
	a.T.Helper()
	var names []string
	for _, c := range a.Containers() {
		names = append(names, strings.TrimPrefix(c.Name, "/"+a.Project+"-")+" "+string(c.State.Status))
	}
	for _, n := range a.Networks() {
		names = append(names, "network "+strings.TrimPrefix(n, a.Project+"_"))
	}
	slices.Sort(names)
	return strings.Join(names, ", ")
}

// ExpectResources expects exactly these resources of the project.
func (a *App) ExpectResources(rest string) {
	a.T.Helper()
	ExpectEqual(a.T, "what is there", a.ResourceNames(), rest)
}

// Interrupt ends a run like Ctrl-C.
func (p *Process) Interrupt() {
	p.T.Helper()
	p.Signal(syscall.SIGINT)
	p.Wait()
}
