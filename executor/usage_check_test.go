package executor_test

import (
	"slices"
	"strings"
	"syscall"
	"testing"
	"time"

	"tasks/executor"
)

// othersLeases are held by other runs, but for those of this one.
type othersLeases struct {
	names []string
	// ended are those that this run was the last to have, and has given back.
	ended []string
}

func (l *othersLeases) ReleaseLast(name string) (done func(), last bool) {
	return func() { l.ended = append(l.ended, name) }, !slices.Contains(l.names, name)
}

// A run that is interrupted early leaves what another one, which has made nothing yet, is about to use.
func TestInterruptLeavesWhatOthersHaveALeaseOn(t *testing.T) {
	yaml := strings.Replace(webAndDB, "PROBE_OK_AFTER: 1s", "PROBE_OK_AFTER: 1h", 1)
	for name, test := range map[string]struct{ leases, left, ended []string }{
		"nobody":       {nil, nil, []string{"app/service/db", "network/app_default"}},
		"the service":  {[]string{"app/service/db"}, up, []string{"network/app_default"}},
		"the network":  {[]string{"network/app_default"}, up[1:], []string{"app/service/db"}},
		"another file": {[]string{"other/service/db"}, nil, []string{"app/service/db", "network/app_default"}},
	} {
		t.Run(name, func(t *testing.T) {
			inVirtualTime(t, yaml, []string{"web"}, func(r *rig) {
				leases := &othersLeases{names: test.leases}
				config := r.sessionConfig(r.engine)
				config.Leases = leases
				r.after(2*time.Second, func() { r.signals <- syscall.SIGTERM })
				r.assertCode(executor.NewSession(config).Run(r.t.Context(), r.plan(oneOff("migrate", "web")), r.signals), 143)
				r.assertRemaining(test.left...)
				if slices.Sort(leases.ended); !slices.Equal(leases.ended, test.ended) {
					t.Errorf("leases given back: %q; want %q", leases.ended, test.ended)
				}
			})
		})
	}
}

// There is no lease on a volume: it stays where there is one on anything that may mount it, also where it is all that was made.
func TestInterruptLeavesTheVolumeOfOthers(t *testing.T) {
	yaml := strings.Replace(webAndDB, "  db:\n", "  db:\n    volumes: [\"data:/data\"]\n", 1) + "volumes: {data: {}}\n"
	for name, test := range map[string]struct{ leases, left []string }{
		"nobody":      {nil, []string{"network app_default"}},
		"the service": {[]string{"app/service/db"}, []string{"network app_default", "volume app_data"}},
	} {
		t.Run(name, func(t *testing.T) {
			inVirtualTime(t, yaml, []string{"web"}, func(r *rig) {
				labels, err := r.project.Labels().Network("default")
				if err != nil {
					t.Fatal(err)
				}
				r.engine.AddNetwork("app_default", labels)
				r.engine.Delay("PullImage", time.Hour)
				config := r.sessionConfig(r.engine)
				config.Leases = &othersLeases{names: test.leases}
				r.after(2*time.Second, func() { r.signals <- syscall.SIGTERM })
				r.assertCode(executor.NewSession(config).Run(r.t.Context(), r.plan(oneOff("migrate", "web")), r.signals), 143)
				r.assertRemaining(test.left...)
			})
		})
	}
}
