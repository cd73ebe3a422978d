package projects_test

import (
	"os/exec"
	"testing"
)

// TestPeers reports the programs for comparison.
func TestPeers(t *testing.T) {
	for _, k := range []tool{v1, v2, v5} {
		t.Run(string(k), func(t *testing.T) {
			program := k.Program(t)
			version, err := exec.Command(program, "version", "--short").CombinedOutput()
			if err != nil || len(version) == 0 {
				t.Errorf("%s version: %v\n%s", program, err, version)
			}
			t.Logf("%s is %s, version %s", k, program, version)
		})
	}
}
