package workspace

import (
	"strings"
	"testing"

	"tasks/internal/coord"
)

func TestValidate(t *testing.T) {
	for _, test := range []struct {
		name, tasks, compose, want string
	}{
		{"valid", serviceTask, appCompose, ""},
		{"unknown service", strings.Replace(serviceTask, `"app"`, `"ap"`, 1), appCompose, `unknown service "ap"`},
		{"broken compose file", serviceTask, "services: [wrong", "not valid YAML"},
		{"wrong compose block", serviceTask + "compose {\n  project = 1 + \"x\"\n}\n", appCompose, "Invalid operand"},
		{"error of a plan", strings.Replace(serviceTask, "command", "ports = [\"x:y\"]\n  command", 1), appCompose, "port"},
	} {
		t.Run(test.name, func(t *testing.T) {
			dir := writeFiles(t, map[string]string{"Tasks.hcl": test.tasks, "compose.yaml": test.compose})
			ws, _, err := Open(testConfig(t, dir).Offline())
			if err != nil {
				t.Fatal(err)
			}
			diags := ws.Validate()
			if test.want == "" && len(diags) > 0 {
				t.Errorf("diagnostics %v", diags)
			}
			if test.want != "" {
				wantDiagnostic(t, diags, test.want)
			}
		})
	}
}

func TestValidateReportsAWrongComposeBlockOnce(t *testing.T) {
	ws, _, err := Open(testConfig(t, writeFiles(t, map[string]string{
		"Tasks.hcl": serviceTask + "compose {\n  project = 1 + \"x\"\n}\n", "compose.yaml": appCompose,
	})).Offline())
	if err != nil {
		t.Fatal(err)
	}
	if diags := ws.Validate(); len(diags) != 1 {
		t.Errorf("%d diagnostics: %v", len(diags), diags)
	}
}

func TestValidationCache(t *testing.T) {
	cache := validationCache{coord.OpenProjectDir(t.TempDir())}
	if cache.Known("a") {
		t.Error("an empty cache knows a key")
	}
	for i := range maxCachedKeys + 1 {
		cache.Remember(strings.Repeat("k", i+1))
	}
	if cache.Known("k") {
		t.Error("the cache never forgets")
	}
	if !cache.Known("kk") {
		t.Error("the cache forgets too early")
	}
}

// TestValidateOpenNames: a service or an image that comes from an argument is known in a run only.
func TestValidateOpenNames(t *testing.T) {
	ws := openFiles(t, map[string]string{
		"compose.yaml": "services: {app: {image: tool}}\n",
		"Tasks.hcl": "task \"s\" {\n  arg \"s\" {}\n  service = arg.s\n}\n" +
			"task \"i\" {\n  arg \"tag\" {}\n  image = \"tool:${arg.tag}\"\n  depends_on = [service.app]\n}\n",
	})
	if diags := ws.Validate(); len(diags) > 0 {
		t.Error(diags)
	}
}
