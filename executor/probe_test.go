package executor_test

import (
	"context"
	"errors"
	"strings"
	"testing"

	"tasks/executor/engine"
	"tasks/executor/readiness"
)

// scripted is an engine whose probes answer one after the other; the last answer stays.
type scripted struct {
	engine.Engine
	answers *[]engine.ExecResult
}

func (s scripted) Exec(context.Context, string, engine.ExecCommand) (engine.ExecResult, error) {
	answer := (*s.answers)[0]
	if len(*s.answers) > 1 {
		*s.answers = (*s.answers)[1:]
	}
	return answer, nil
}

func TestErrorTellsTheLastProbeThatSaidSomething(t *testing.T) {
	yaml := strings.Replace(webAndDB, "PROBE_OK_AFTER: 1s", "EXIT_CODE: '3', SLEEP: 2s", 1)
	for name, test := range map[string]struct {
		answers []engine.ExecResult
		want    string
	}{
		"killed with the container": {[]engine.ExecResult{{ExitCode: 1, Output: "not yet\n"}, {ExitCode: 137}}, "not yet (exit code 1)"},
		"not run any more":          {[]engine.ExecResult{{ExitCode: 1, Output: "not yet"}, {ExitCode: 126, Output: "OCI runtime exec failed: setns"}}, "not yet (exit code 1)"},
		"ended under it":            {[]engine.ExecResult{{ExitCode: 1, Output: "not yet"}, {ExitCode: 128, Output: "FailedPrecondition: init process is not running"}}, "not yet (exit code 1)"},
		"deleted under it":          {[]engine.ExecResult{{ExitCode: 1, Output: "not yet"}, {ExitCode: 126, Output: "cannot exec in a deleted state: unknown"}}, "not yet (exit code 1)"},
		"never run":                 {[]engine.ExecResult{{ExitCode: 126, Output: `OCI runtime exec failed: exec: "nope": executable file not found in $PATH`}}, `OCI runtime exec failed: exec: "nope": executable file not found in $PATH (exit code 126)`},
		"only noise":                {[]engine.ExecResult{{ExitCode: 126, Output: "OCI runtime exec failed: exec failed: unable to start container process: error writing config to pipe: write init-p: broken pipe: unknown"}}, ""},
		"noise, then words":         {[]engine.ExecResult{{ExitCode: 126, Output: "cannot exec in a stopped state: unknown"}, {ExitCode: 1, Output: "later"}}, "later (exit code 1)"},
		"the later one":             {[]engine.ExecResult{{ExitCode: 1, Output: "a"}, {ExitCode: 2, Output: "b"}}, "b (exit code 2)"},
		"nothing said":              {[]engine.ExecResult{{ExitCode: 1}}, "(exit code 1)"},
	} {
		t.Run(name, func(t *testing.T) {
			inVirtualTime(t, yaml, []string{"web"}, func(r *rig) {
				plan := r.plan(oneOff("migrate", "web"))
				result := r.sessionOn(scripted{r.engine, &test.answers}).Run(r.t.Context(), plan, nil)
				r.assertCode(result, 125)
				failed, ok := errors.AsType[*readiness.ServiceError](result.Err)
				if !ok || failed.HealthcheckOutput != test.want {
					t.Errorf("error %v; want the probe %q", result.Err, test.want)
				}
			})
		})
	}
}
