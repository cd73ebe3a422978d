package workspace

import (
	"os"
	"path/filepath"
	"strings"
	"testing"

	"tasks/internal/record"
)

func TestSessionRunsAPlanAndRecordsEvents(t *testing.T) {
	dir := writeFiles(t, map[string]string{"Tasks.hcl": "task \"t\" {\n  command = [\"sh\", \"-c\", \"exit 3\"]\n}\n"})
	config := testConfig(t, dir, os.Environ()...).Writing()
	run := mustPlan(t, mustOpen(t, config), "t")
	options := SessionOptions{
		Display: silentDisplay{}, Cleanup: silentObserver{}, Records: record.Files{Events: "events.jsonl"},
		Mask: func(text string) string { return text },
	}
	session, err := NewSession(t.Context(), t.Context(), config, dir, options)
	if err != nil {
		t.Fatal(err)
	}
	result := session.Run(t.Context(), run.Plan, nil)
	session.Close()
	if result.Code != 3 {
		t.Errorf("exit code %d, %v", result.Code, result.Err)
	}
	events, err := os.ReadFile(filepath.Join(dir, "events.jsonl"))
	if err != nil || !strings.Contains(string(events), `"t"`) {
		t.Errorf("events %s, %v", events, err)
	}
	if lines := config.Reporter.(*messages).lines; len(lines) > 0 {
		t.Errorf("messages %v", lines)
	}
}

func TestSessionOfAContainerTask(t *testing.T) {
	dir := writeFiles(t, map[string]string{
		"Tasks.hcl":    "task \"t\" {\n  service = \"app\"\n  detach = true\n}\n",
		"compose.yaml": "name: demo\nservices:\n  app:\n    image: tool\n",
	})
	engine := newMemoryEngine(t)
	config := testConfig(t, dir, os.Environ()...).withEngine(engine).Writing()
	run := mustPlan(t, mustOpen(t, config), "t")
	session, err := NewSession(t.Context(), t.Context(), config, dir, SessionOptions{
		Display: silentDisplay{}, Cleanup: silentObserver{}, Mask: strings.ToUpper,
	})
	if err != nil {
		t.Fatal(err)
	}
	result := session.Run(t.Context(), run.Plan, nil)
	session.Close()
	if result.Code != 0 {
		t.Fatalf("exit code %d, %v", result.Code, result.Err)
	}
	containers, err := mustOpen(t, config).ListContainers(t.Context(), nil, silentObserver{})
	if err != nil || len(containers.Containers) != 1 {
		t.Errorf("containers %v, %v", containers, err)
	}
	teardown, err := mustOpen(t, config).PlanTeardown(t.Context(), TeardownOptions{})
	if err != nil || teardown.Project.Name() != "demo" || len(teardown.Plan.Waves) == 0 {
		t.Errorf("teardown %+v, %v", teardown.Plan, err)
	}
}

func TestSessionWithoutAPlaceForRecords(t *testing.T) {
	config := testConfig(t, t.TempDir())
	options := SessionOptions{Records: record.Files{Events: "no/dir/events"}}
	_, err := NewSession(t.Context(), t.Context(), config, config.WorkingDir, options)
	wantError(t, err, "no/dir/events")
}
