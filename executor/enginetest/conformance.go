package enginetest

import (
	"bytes"
	"context"
	"strings"
	"testing"
	"time"

	"github.com/compose-spec/compose-go/v2/types"

	"tasks/executor/engine"
	"tasks/internal/composeproject"
	"tasks/planner"
)

// Conformance checks an engine against the contract that [engine.Engine] states. newEngine gives each test an engine,
// an image with the toolbox's shell, and a project of its own; what a test makes carries the project's label and is gone
// when it has ended, which newEngine may check in a cleanup.
func Conformance(t *testing.T, newEngine func(t *testing.T) (engine engine.Engine, image string, project string)) {
	tests := map[string]func(*fixture){
		"one network of a name":            oneNetwork,
		"one network of many at once":      oneNetworkOfMany,
		"network in use":                   networkInUse,
		"network changed under containers": networkChanged,
		"one volume of a name":             oneVolume,
		"volume in use":                    volumeInUse,
		"images":                           images,
		"exit code and output":             exitAndOutput,
		"no byte of a quick command lost":  noByteLost,
		"stdin":                            stdin,
		"terminal":                         terminal,
		"wait ends with its context":       waitEnds,
		"attachment closed under a copy":   closedUnderCopy,
		"start again":                      startAgain,
		"kill":                             kill,
		"stop by signal":                   stopBySignal,
		"stop after the grace period":      stopAfterGrace,
		"stop what does not run":           stopStopped,
		"remove":                           remove,
		"rename":                           rename,
		"name taken":                       nameTaken,
		"unknown things":                   unknown,
		"list of a project":                projectList,
		"exec":                             execute,
		"exec where nothing runs":          executeStopped,
		"command beside":                   execBesideCommand,
		"command beside at a terminal":     execWithTerminal,
		"command beside that is not there": execStartFails,
		"command beside, signalled":        execSignalled,
		"logs":                             logs,
		"log streamed":                     streamLog,
		"logs of a restart":                logsOfARestart,
		"log followed":                     followLog,
		"log followed to its end":          followToTheEnd,
		"endpoints and start":              endpointsAndStart,
		"host ports":                       hostPorts,
		"dial":                             dial,
		"dial where nobody listens":        dialRefused,
		"removed by the engine":            autoRemove,
		"platform":                         platform,
		"events":                           events,
		"event right after subscribing":    eventAtOnce,
		"events end with their context":    eventsEnd,
		"health":                           health,
		"no healthcheck":                   noHealth,
		"a cancelled call tells its cause": cancelled,
	}
	for name, test := range tests {
		t.Run(name, func(t *testing.T) {
			engine, image, project := newEngine(t)
			f := &fixture{T: t, engine: engine, image: image, project: project}
			t.Cleanup(f.clean)
			test(f)
		})
	}
}

// fixture is one test's engine, and the short words for what tests do with it.
type fixture struct {
	*testing.T
	engine         engine.Engine
	image, project string
	networks       []string
	volumes        []string
}

// clean removes what the test has made.
func (f *fixture) clean() {
	ctx, cancel := context.WithTimeout(context.Background(), time.Minute)
	defer cancel()
	left, err := f.engine.ProjectContainers(ctx, f.project)
	f.noError(err)
	for _, c := range left {
		f.noError(f.engine.RemoveContainer(ctx, c.ID, engine.RemoveVolumes))
	}
	for _, id := range f.networks {
		f.noError(f.engine.RemoveNetwork(ctx, id))
	}
	for _, name := range f.volumes {
		f.noError(f.engine.RemoveVolume(ctx, name))
	}
}

func (f *fixture) noError(err error) {
	f.Helper()
	if err != nil {
		f.Error(err)
	}
}

func (f *fixture) fatal(err error) {
	f.Helper()
	if err != nil {
		f.Fatal(err)
	}
}

func (f *fixture) isConflict(err error) {
	f.Helper()
	if !engine.IsConflict(err) {
		f.Errorf("error %v, want a conflict", err)
	}
}

func (f *fixture) isNotFound(err error) {
	f.Helper()
	if !engine.IsNotFound(err) {
		f.Errorf("error %v, want not found", err)
	}
}

func (f *fixture) labels(service string) map[string]string {
	return map[string]string{
		composeproject.LabelProject: f.project, composeproject.LabelService: service,
		composeproject.LabelOneOff: composeproject.OneOffFalse,
	}
}

// spec is a container that does what env says.
func (f *fixture) spec(service string, env ...string) planner.ContainerSpec {
	return planner.ContainerSpec{
		Name:   f.project + "-" + service,
		Image:  f.image,
		OneOff: true,
		Labels: f.labels(service),
		Service: types.ServiceConfig{
			Name: service,
			ContainerSpec: types.ContainerSpec{
				Command:     []string{"sh", "-c", Script},
				Environment: types.NewMappingWithEquals(env),
				NetworkMode: "none",
			},
		},
	}
}

func (f *fixture) create(spec planner.ContainerSpec) string {
	f.Helper()
	id, err := f.engine.CreateContainer(f.Context(), spec)
	f.fatal(err)
	return id
}

func (f *fixture) start(id string) {
	f.Helper()
	f.fatal(f.engine.StartContainer(f.Context(), id))
}

// running is a container that runs until it is ended.
func (f *fixture) running(service string, env ...string) string {
	f.Helper()
	id := f.create(f.spec(service, append(env, "SLEEP=forever")...))
	f.start(id)
	return id
}

func (f *fixture) inspect(id string) engine.ContainerState {
	f.Helper()
	state, err := f.engine.InspectContainer(f.Context(), id)
	f.fatal(err)
	return state
}

func (f *fixture) wait(id string) <-chan engine.Exit {
	f.Helper()
	exits, err := f.engine.Wait(f.Context(), id)
	f.fatal(err)
	return exits
}

// exit waits for a value that must come soon.
func (f *fixture) exit(exits <-chan engine.Exit) engine.Exit {
	f.Helper()
	select {
	case exit := <-exits:
		return exit
	case <-time.After(time.Minute):
		f.Fatal("the exit was not told within a minute")
		return engine.Exit{}
	}
}

// printed is what a run of a container wrote.
type printed struct{ out, err string }

// run runs a container to its end, attached.
func (f *fixture) run(spec planner.ContainerSpec, opts engine.AttachOptions, input string) (engine.Exit, printed) {
	f.Helper()
	id := f.create(spec)
	attached, err := f.engine.Attach(f.Context(), id, opts)
	f.fatal(err)
	defer attached.Close()
	exits := f.wait(id)
	f.start(id)
	if opts.Stdin {
		_, err := attached.Write([]byte(input))
		f.noError(err)
		f.noError(attached.CloseWrite())
	}
	var out, errOut bytes.Buffer
	f.noError(attached.Copy(&out, &errOut))
	return f.exit(exits), printed{out.String(), errOut.String()}
}

func (f *fixture) network(key string) *planner.Network {
	labels := f.labels("")
	labels[composeproject.LabelNetwork] = key
	return &planner.Network{Key: key, Name: f.project + "_" + key, Labels: labels}
}

func (f *fixture) createNetwork(n *planner.Network) (id string, made bool) {
	f.Helper()
	id, made, err := f.engine.CreateNetwork(f.Context(), n)
	if made {
		f.networks = append(f.networks, id)
	}
	f.fatal(err)
	return id, made
}

func (f *fixture) volume(key string) *planner.Volume {
	labels := f.labels("")
	labels[composeproject.LabelVolume] = key
	return &planner.Volume{Key: key, Name: f.project + "_" + key, Labels: labels}
}

func (f *fixture) createVolume(v *planner.Volume) (made bool) {
	f.Helper()
	created, made, err := f.engine.CreateVolume(f.Context(), v)
	if made {
		f.volumes = append(f.volumes, v.Name)
	}
	f.fatal(err)
	if created == "" {
		f.Errorf("volume %s: nobody knows when it was made", v.Name)
	}
	return made
}

// contains says whether text has all parts.
func (f *fixture) contains(text string, parts ...string) {
	f.Helper()
	for _, part := range parts {
		if !strings.Contains(text, part) {
			f.Errorf("%q does not contain %q", text, part)
		}
	}
}
