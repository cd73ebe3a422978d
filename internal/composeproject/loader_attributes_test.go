package composeproject

import (
	"testing"

	"github.com/google/go-cmp/cmp"
)

// A service of an inactive profile has all labels, once a command names the service. Hooks have the values of the same
// files.
func TestFilesOfHooksAndInactiveProfiles(t *testing.T) {
	dir := projectFolder(t, "loaded", map[string]string{
		"compose.yaml": "services:\n  web: {image: x, profiles: [p], label_file: one.labels, env_file: one.env, pre_start: [{command: x}]}\n",
		"one.env":      "FROM=file\n",
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
	hook := p.PreStartHooks("web")[0]
	if from := hook.Environment["FROM"]; hook.Labels["from"] != "file" || from == nil || *from != "file" || len(hook.EnvFiles) > 0 {
		t.Errorf("the hook is %+v", hook.ContainerSpec)
	}
	if s := p.Model().Services["web"]; len(s.PreStart[0].EnvFiles) != 1 || s.PreStart[0].Environment["FROM"] != nil {
		t.Errorf("Compose hashes the hook without the values of files: %+v", s.PreStart[0].ContainerSpec)
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
