package composeproject

import (
	"path/filepath"
	"strings"
	"testing"
)

const validCompose = "services: {app: {image: box}}\n"

// TestByName: the name of a project does not depend on mistakes beside the name.
func TestByName(t *testing.T) {
	const brokenYAML = "services:\n  app:\n image: [box\n"
	for name, test := range map[string]struct {
		files   map[string]string
		options Options
		environ []string
		want    string
	}{
		"the folder":            {files: map[string]string{"compose.yaml": validCompose}, want: "myshop"},
		"the name in the file":  {files: map[string]string{"compose.yaml": "name: shop\n" + validCompose}, want: "shop"},
		"no normal name":        {files: map[string]string{"compose.yaml": "name: My Shop\n" + validCompose}, want: "myshop"},
		"a quoted name":         {files: map[string]string{"compose.yaml": "\"name\": 'shop'\n" + brokenYAML}, want: "shop"},
		"broken YAML":           {files: map[string]string{"compose.yaml": brokenYAML}, want: "myshop"},
		"a name in broken YAML": {files: map[string]string{"compose.yaml": "name: shop\n" + brokenYAML}, want: "shop"},
		"a name behind a mistake": {
			files: map[string]string{"compose.yaml": brokenYAML + "name: shop # ours\n"}, want: "shop",
		},
		"a required variable": {
			files: map[string]string{"compose.yaml": "name: shop\nservices: {app: {image: 'box:${TAG:?set TAG}'}}\n"}, want: "shop",
		},
		"a variable in the name": {
			files:   map[string]string{"compose.yaml": "name: shop-${STAGE}\n" + brokenYAML},
			environ: []string{"STAGE=dev"}, want: "shop-dev",
		},
		"a default in the name": {
			files: map[string]string{"compose.yaml": "name: ${NAME:-shop}\n" + brokenYAML}, want: "shop",
		},
		"a variable of .env": {
			files: map[string]string{"compose.yaml": "name: ${NAME}\n" + brokenYAML, ".env": "NAME=shop\n"}, want: "shop",
		},
		"no file": {want: "myshop"},
		"no file and the environment": {
			environ: []string{"COMPOSE_PROJECT_NAME=shop"}, want: "shop",
		},
		"the environment before the file": {
			files:   map[string]string{"compose.yaml": "name: other\n" + brokenYAML},
			environ: []string{"COMPOSE_PROJECT_NAME=shop"}, want: "shop",
		},
		"the option before the environment": {
			options: Options{Name: "given"}, environ: []string{"COMPOSE_PROJECT_NAME=shop"}, want: "given",
		},
		"the name in .env": {
			files: map[string]string{"compose.yaml": brokenYAML, ".env": "COMPOSE_PROJECT_NAME=shop\n"}, want: "shop",
		},
		"the name in a broken .env": {
			files: map[string]string{"compose.yaml": validCompose, ".env": "a b 'c\nexport COMPOSE_PROJECT_NAME=\"shop\"\n"},
			want:  "shop",
		},
		"a missing file of the options": {
			files: map[string]string{"sub/x": ""}, options: Options{Files: []string{"sub/nosuch.yaml"}}, want: "sub",
		},
		"a missing file of COMPOSE_FILE": {
			files:   map[string]string{"compose.yaml": "name: shop\n" + validCompose},
			environ: []string{"COMPOSE_FILE=compose.yaml:nosuch.yaml"}, want: "shop",
		},
		"an override": {
			files: map[string]string{
				"compose.yaml": "name: one\n" + validCompose, "compose.override.yaml": "name: two\n" + brokenYAML,
			},
			want: "two",
		},
		"the project directory": {
			files: map[string]string{"compose.yaml": validCompose}, options: Options{ProjectDirectory: "Other.Dir"},
			want: "otherdir",
		},
		"a folder in the place of a file": {files: map[string]string{"compose.yaml/x": ""}, want: "myshop"},
		"a missing include": {
			files: map[string]string{"compose.yaml": "name: shop\ninclude: [nosuch.yaml]\n"}, want: "shop",
		},
		"a missing env file": {
			files:   map[string]string{"compose.yaml": "name: shop\n" + validCompose},
			options: Options{EnvFiles: []string{"nosuch.env"}}, want: "shop",
		},
		"a wrong type": {files: map[string]string{"compose.yaml": "name: shop\nservices: [app]\n"}, want: "shop"},
	} {
		t.Run(name, func(t *testing.T) {
			dir := projectFolder(t, "My.Shop", test.files)
			if len(test.files) == 0 {
				dir = filepath.Join(t.TempDir(), "My.Shop")
			}
			options := test.options
			options.WorkingDir, options.Environ = dir, test.environ
			p, err := ByName(options)
			if err != nil {
				t.Fatal(err)
			}
			if p.Name() != test.want {
				t.Errorf("name %q, want %q", p.Name(), test.want)
			}
			if loaded, err := Load(t.Context(), options); err == nil && loaded.Name() != p.Name() {
				t.Errorf("name %q, and Load gives %q", p.Name(), loaded.Name())
			}
		})
	}
}

// TestByNameErrors: where the name itself is unknown, no other project takes its place.
func TestByNameErrors(t *testing.T) {
	for name, test := range map[string]struct {
		file    string
		options Options
		environ []string
		want    string
	}{
		"a required variable in the name": {
			file: "name: ${NAME:?set NAME}\n" + validCompose, want: "Give the name with --project-name",
		},
		"a wrong variable": {
			file: validCompose, environ: []string{"COMPOSE_PROJECT_NAME=My Shop"},
			want: `COMPOSE_PROJECT_NAME: "My Shop" is no project name`,
		},
		"a wrong option": {file: validCompose, options: Options{Name: "My Shop", NameSource: "--project-name"}, want: `--project-name: "My Shop" is no project name`},
	} {
		t.Run(name, func(t *testing.T) {
			options := test.options
			options.WorkingDir = projectFolder(t, "shop", map[string]string{"compose.yaml": test.file})
			options.Environ = test.environ
			if _, err := ByName(options); err == nil || !strings.Contains(err.Error(), test.want) {
				t.Errorf("ByName: %v, want %q", err, test.want)
			}
			if _, err := Load(t.Context(), options); err == nil {
				t.Error("Load takes the name")
			}
		})
	}
}
