package composeproject

import (
	"testing"

	"github.com/google/go-cmp/cmp"
)

// A service of an inactive profile has all labels, once a command names the service.
func TestLabelFileOfAnInactiveProfile(t *testing.T) {
	dir := projectFolder(t, "loaded", map[string]string{
		"compose.yaml": "services:\n  web: {image: x, profiles: [p], label_file: one.labels, pre_start: [{command: x}]}\n",
		"one.labels":   "from=file\n",
	})
	p, err := Load(t.Context(), Options{WorkingDir: dir})
	if err != nil {
		t.Fatal(err)
	}
	if p, err = p.Select([]string{"web"}); err != nil {
		t.Fatal(err)
	}
	if s := p.Model().Services["web"]; s.Labels["from"] != "file" || s.PreStart[0].Labels["from"] == "file" {
		t.Errorf("labels %v, of the hook as hashed %v", s.Labels, s.PreStart[0].Labels)
	}
	if hook := p.PreStartHooks("web")[0]; hook.Labels["from"] != "file" {
		t.Errorf("labels of the hook %v", hook.Labels)
	}
}

// TestAttributesOfTheLoader checks that attributes for loaders reach the configuration of the service, and that
// explicit attributes win.
func TestAttributesOfTheLoader(t *testing.T) {
	dir := projectFolder(t, "loaded", map[string]string{
		"compose.yaml": `services:
  web:
    extends: {file: base.yaml, service: common}
    label_file: [more.labels]
    labels: {own: here}
    env_file: [first.env, {path: missing.env, required: false}, {path: raw.env, format: raw}]
    environment: {OWN: here}
`,
		"base.yaml":   "services:\n  common:\n    image: from-base\n    user: app\n",
		"more.labels": "own=file\nfile=there\n",
		"first.env":   "OWN=file\nFROM_FILE=there\n",
		"raw.env":     "RAW='$x'\n",
	})
	p, err := Load(t.Context(), Options{WorkingDir: dir})
	if err != nil {
		t.Fatal(err)
	}
	if p, err = p.Select([]string{"web"}); err != nil {
		t.Fatal(err)
	}
	s := p.Model().Services["web"]
	environment := map[string]string{}
	for name, value := range s.Environment {
		environment[name] = *value
	}
	if diff := cmp.Diff(map[string]string{"OWN": "here", "FROM_FILE": "there", "RAW": "'$x'"}, environment); diff != "" {
		t.Errorf("env_file: %s", diff)
	}
	if diff := cmp.Diff(map[string]string{"own": "here", "file": "there"}, map[string]string(s.Labels)); diff != "" {
		t.Errorf("label_file: %s", diff)
	}
	if s.Image != "from-base" || s.User != "app" {
		t.Errorf("extends: image %q, user %q", s.Image, s.User)
	}
}
