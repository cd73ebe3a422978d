package view

import (
	"bytes"
	"testing"

	"tasks/planner"
	"tasks/planner/observed"
)

// TestRemovalQuestion: one question lists all that would go; without data and users there is none.
func TestRemovalQuestion(t *testing.T) {
	db := &observed.Container{ID: "1", Name: "shop-db-1", State: "running"}
	oneOff := &observed.Container{ID: "2", Name: "shop-bg", State: "running", Labels: map[string]string{
		"com.docker.compose.oneoff": "True",
	}}
	plan := planner.Teardown{
		Waves: [][]*observed.Container{{oneOff}, {db}}, Networks: []observed.Network{{Name: "shop_default"}},
	}
	if question := RemovalQuestion(plan, nil); question != "" {
		t.Errorf("without a need: %q", question)
	}
	plan.InUse, plan.Volumes = []*observed.Container{oneOff}, []observed.Volume{{Name: "shop_data"}}
	want := `down removes:
  one-off shop-bg (a one-off, kept), running
  container shop-db-1
  network shop_default
  volume shop_data, with its data
  in use by a run under way: service db
Remove all of this?`
	if question := RemovalQuestion(plan, []string{"service db"}); question != want {
		t.Errorf("question\n%s\nwant\n%s", question, want)
	}
}

// TestLogColors: each name has a colour of its own, before aligned lines.
func TestLogColors(t *testing.T) {
	var out bytes.Buffer
	err := LogWriter{Stdout: &out, Stderr: &out, Color: true}.WriteLogs(t.Context(), []Log{
		logOf("db", "1 one\n", "", nil), logOf("web", "2 two\n", "", nil),
	})
	if err != nil {
		t.Fatal(err)
	}
	want := "\x1b[36mdb   |\x1b[0m one\n\x1b[33mweb  |\x1b[0m two\n"
	if out.String() != want {
		t.Errorf("%q, want %q", out.String(), want)
	}
}
