package executor_test

import (
	"strings"
	"testing"
	"time"

	"tasks/executor"
	"tasks/hclspec"
	"tasks/planner/observed"
)

// up plans and runs services without a task.
func (r *rig) up(services ...string) executor.Result {
	r.t.Helper()
	t := &hclspec.Task{Name: "tasks up", Kind: hclspec.GroupTask, IsUp: true}
	for _, name := range services {
		t.DependsOn = append(t.DependsOn, hclspec.Dependency{Service: name, Condition: hclspec.Ready})
	}
	return r.run(t)
}

// upState renders the states of the service containers, sorted by service.
func (r *rig) upState() string {
	all, err := r.engine.ProjectContainers(r.t.Context(), "app")
	if err != nil {
		r.t.Fatal(err)
	}
	states := map[string]string{}
	for _, c := range all {
		states[c.Service()] = string(c.State)
	}
	var text []string
	for _, name := range []string{"db", "seed", "web"} {
		if states[name] != "" {
			text = append(text, name+" "+states[name])
		}
	}
	return strings.Join(text, ", ")
}

func TestUp(t *testing.T) {
	const forever = "environment: {SLEEP: forever}"
	tests := []struct {
		name, yaml string
		services   []string
		code       int
		state      string
		// again are the starts of a second run; less than 0: no second run.
		again int
		took  time.Duration
	}{
		{"a service without healthcheck", "web: {image: w, " + forever + "}", []string{"web"}, 0, "web running", 0, 500 * time.Millisecond},
		{"a dependency", "web: {image: w, " + forever + ", depends_on: [db]}, db: {image: d, " + forever + "}", []string{"web"}, 0, "db running, web running", 0, 500 * time.Millisecond},
		{"two services at once", "web: {image: w, " + forever + "}, db: {image: d, " + forever + "}", []string{"web", "db"}, 0, "db running, web running", 0, 500 * time.Millisecond},
		{"a healthcheck", `web: {image: w, environment: {SLEEP: forever, HEALTHY_AFTER: 2s}, healthcheck: {test: "true"}}`, []string{"web"}, 0, "web running", 0, 2 * time.Second},
		{"an end with success", "web: {image: w, environment: {SLEEP: 1ms}}", []string{"web"}, 0, "web exited", 1, 0},
		{"a short service", "web: {image: w, environment: {SLEEP: 300ms}}", []string{"web"}, 0, "web exited", 1, 300 * time.Millisecond},
		{"an early failure", "web: {image: w, environment: {SLEEP: 300ms, EXIT_CODE: \"3\"}}", []string{"web"}, 125, "web exited", 1, 300 * time.Millisecond},
		{"a service that ends again and again", "web: {image: w, restart: always, environment: {SLEEP: 100ms, EXIT_CODE: \"3\"}}", []string{"web"}, 125, "web restarting", -1, 30 * time.Second},
		{"a completed service", "web: {image: w, " + forever + ", depends_on: {seed: {condition: service_completed_successfully}}}, seed: {image: s, environment: {SLEEP: 1s}}",
			[]string{"web", "seed"}, 0, "seed exited, web running", 0, 1500 * time.Millisecond},
		{"a service that does not complete", "web: {image: w, " + forever + ", depends_on: {seed: {condition: service_completed_successfully}}}, seed: {image: s, environment: {SLEEP: 1s, EXIT_CODE: \"4\"}}",
			[]string{"web", "seed"}, 125, "seed exited, web created", 1, time.Second},
	}
	for _, test := range tests {
		t.Run(test.name, func(t *testing.T) {
			inVirtualTime(t, "services: {"+test.yaml+"}", test.services, func(r *rig) {
				for _, ref := range []string{"w", "d", "s"} {
					r.engine.AddImage(ref, observed.Image{})
				}
				begun := time.Now()
				r.assertCode(r.up(test.services...), test.code)
				if took := time.Since(begun); took < test.took || took > test.took*5/4+400*time.Millisecond {
					t.Errorf("took %s; want %s", took, test.took)
				}
				if got := r.upState(); got != test.state {
					t.Errorf("containers: %s; want %s", got, test.state)
				}
				if test.again < 0 {
					return
				}
				starts := len(r.engine.CallsOf("StartContainer"))
				r.assertCode(r.up(test.services...), test.code)
				if again := len(r.engine.CallsOf("StartContainer")) - starts; again != test.again {
					t.Errorf("a second run starts %d containers; want %d", again, test.again)
				}
			})
		})
	}
}
