package composeproject

import (
	"errors"
	"path/filepath"
	"slices"
	"strings"
	"testing"
)

// show returns a line about a loaded project: the name, and the image of the service web.
func show(p *Project) string {
	s, _ := p.Service("web")
	return p.Name() + " " + s.Image
}

func TestLoad(t *testing.T) {
	const web = "services: {web: {image: '${IMAGE:-base}'}}\n"
	tests := map[string]struct {
		files   map[string]string
		environ []string
		options func(dir string, o *Options)
		want    string
	}{
		"found in the folder": {
			files: map[string]string{"compose.yaml": web},
			want:  "app base",
		},
		"compose.yaml before docker-compose.yml": {
			files: map[string]string{"docker-compose.yml": "services: {web: {image: old}}", "compose.yaml": web},
			want:  "app base",
		},
		"found above, with the folder's own name": {
			files:   map[string]string{"compose.yaml": web, "sub/dir/x": ""},
			options: func(dir string, o *Options) { o.WorkingDir = filepath.Join(dir, "sub/dir") },
			want:    "app base",
		},
		"override beside it": {
			files: map[string]string{"compose.yaml": web, "compose.override.yaml": "services: {web: {image: over}}"},
			want:  "app over",
		},
		"named files take no override": {
			files:   map[string]string{"compose.yaml": web, "compose.override.yaml": "services: {web: {image: over}}"},
			options: func(dir string, o *Options) { o.Files = []string{filepath.Join(dir, "compose.yaml")} },
			want:    "app base",
		},
		"named files, relative, one over the other": {
			files:   map[string]string{"a.yaml": web, "b.yaml": "services: {web: {image: b}}"},
			options: func(_ string, o *Options) { o.Files = []string{"a.yaml", "b.yaml"} },
			want:    "app b",
		},
		"COMPOSE_FILE": {
			files:   map[string]string{"a.yaml": web, "b.yaml": "services: {web: {image: b}}", "compose.yaml": web},
			environ: []string{"COMPOSE_FILE=a.yaml:b.yaml"},
			want:    "app b",
		},
		"COMPOSE_FILE in .env, with a separator": {
			files: map[string]string{
				".env": "COMPOSE_FILE=a.yaml;b.yaml\nCOMPOSE_PATH_SEPARATOR=;", "a.yaml": web, "b.yaml": "services: {web: {image: b}}",
			},
			want: "app b",
		},
		"name given": {
			files:   map[string]string{"compose.yaml": "name: infile\n" + web},
			environ: []string{"COMPOSE_PROJECT_NAME=env"},
			options: func(_ string, o *Options) { o.Name = "given" },
			want:    "given base",
		},
		"name of the environment before that of the file": {
			files:   map[string]string{"compose.yaml": "name: infile\n" + web},
			environ: []string{"COMPOSE_PROJECT_NAME=env"},
			want:    "env base",
		},
		"name of the file": {
			files: map[string]string{"compose.yaml": "name: infile\n" + web},
			want:  "infile base",
		},
		"name in .env": {
			files: map[string]string{"compose.yaml": web, ".env": "COMPOSE_PROJECT_NAME=dot"},
			want:  "dot base",
		},
		"interpolation from the environment": {
			files:   map[string]string{"compose.yaml": web},
			environ: []string{"IMAGE=env"},
			want:    "app env",
		},
		"the environment before .env": {
			files:   map[string]string{"compose.yaml": web, ".env": "IMAGE=dot"},
			environ: []string{"IMAGE=env"},
			want:    "app env",
		},
		".env": {
			files: map[string]string{"compose.yaml": web, ".env": "IMAGE=dot"},
			want:  "app dot",
		},
		".env switched off": {
			files:   map[string]string{"compose.yaml": web, ".env": "IMAGE=dot"},
			environ: []string{"COMPOSE_DISABLE_ENV_FILE=1"},
			want:    "app base",
		},
		".env switches itself off, but for COMPOSE_": {
			files: map[string]string{
				"compose.yaml": web, ".env": "IMAGE=dot\nCOMPOSE_DISABLE_ENV_FILE=1\nCOMPOSE_PROJECT_NAME=dot",
			},
			want: "dot base",
		},
		"env files in place of .env, the later wins": {
			files:   map[string]string{"compose.yaml": web, ".env": "IMAGE=dot", "a.env": "IMAGE=a", "b.env": "IMAGE=b"},
			options: func(_ string, o *Options) { o.EnvFiles = []string{"a.env", "b.env"} },
			want:    "app b",
		},
		"COMPOSE_ENV_FILES": {
			files:   map[string]string{"compose.yaml": web, ".env": "IMAGE=dot", "a.env": "IMAGE=a"},
			environ: []string{"COMPOSE_ENV_FILES=a.env"},
			want:    "app a",
		},
		"project directory: its file and its .env": {
			files:   map[string]string{"proj/compose.yaml": web, "proj/.env": "IMAGE=proj"},
			options: func(_ string, o *Options) { o.ProjectDirectory = "proj" },
			want:    "proj proj",
		},
		"the .env of the working folder before that of the file's": {
			files:   map[string]string{"proj/compose.yaml": web, "proj/.env": "IMAGE=proj", ".env": "COMPOSE_FILE=proj/compose.yaml\nIMAGE=cwd"},
			environ: []string{},
			want:    "proj cwd",
		},
		"include": {
			files: map[string]string{"compose.yaml": "include: [inc/a.yaml]", "inc/a.yaml": web},
			want:  "app base",
		},
	}
	for name, test := range tests {
		t.Run(name, func(t *testing.T) {
			dir := projectFolder(t, "app", test.files)
			options := Options{WorkingDir: dir, Environ: test.environ}
			if test.options != nil {
				test.options(dir, &options)
			}
			p, err := Load(t.Context(), options)
			if err != nil {
				t.Fatal(err)
			}
			if got := show(p); got != test.want {
				t.Errorf("got %q, want %q", got, test.want)
			}
		})
	}
}

// The process environment is not the project's environment.
func TestLoadReadsNoProcessEnvironment(t *testing.T) {
	for _, variable := range []string{"COMPOSE_FILE", "COMPOSE_PROJECT_NAME", "COMPOSE_ENV_FILES", "COMPOSE_PROFILES", "IMAGE"} {
		t.Setenv(variable, "process")
	}
	t.Setenv("COMPOSE_DISABLE_ENV_FILE", "true")
	dir := projectFolder(t, "app", map[string]string{
		"compose.yaml": "services: {web: {image: '${IMAGE}-${PWD}'}}", ".env": "IMAGE=dot",
	})
	p, err := Load(t.Context(), Options{WorkingDir: dir})
	if err != nil {
		t.Fatal(err)
	}
	if got, want := show(p), "app dot-"+dir; got != want {
		t.Errorf("got %q, want %q", got, want)
	}
}

func TestLoadProfiles(t *testing.T) {
	const file = "services: {web: {image: a}, x: {image: a, profiles: [px]}, y: {image: a, profiles: [py, pz]}}"
	tests := map[string]struct {
		environ  []string
		profiles []string
		active   []string
	}{
		"none":             {nil, nil, []string{"web"}},
		"given":            {[]string{"COMPOSE_PROFILES=px"}, []string{"pz"}, []string{"web", "y"}},
		"COMPOSE_PROFILES": {[]string{"COMPOSE_PROFILES=px, pz"}, nil, []string{"web", "x", "y"}},
		"all":              {nil, []string{"*"}, []string{"web", "x", "y"}},
	}
	for name, test := range tests {
		t.Run(name, func(t *testing.T) {
			dir := projectFolder(t, "app", map[string]string{"compose.yaml": file})
			p, err := Load(t.Context(), Options{WorkingDir: dir, Environ: test.environ, Profiles: test.profiles})
			if err != nil {
				t.Fatal(err)
			}
			if got := p.Model().ServiceNames(); !slices.Equal(got, test.active) {
				t.Errorf("active: %v, want %v", got, test.active)
			}
			if got, want := p.ServiceNames(), []string{"web", "x", "y"}; !slices.Equal(got, want) {
				t.Errorf("all: %v, want %v", got, want)
			}
		})
	}
}

func TestNoComposeFile(t *testing.T) {
	dir := projectFolder(t, "app", map[string]string{"x": ""})
	_, err := Load(t.Context(), Options{WorkingDir: dir})
	if !errors.Is(err, ErrNoComposeFile) {
		t.Fatalf("got %v", err)
	}
	for _, part := range []string{"compose.yaml, compose.yml, docker-compose.yml", dir} {
		if !strings.Contains(err.Error(), part) {
			t.Errorf("%q is missing in: %v", part, err)
		}
	}
}

func TestLoadErrors(t *testing.T) {
	tests := map[string]struct {
		options Options
		want    string
	}{
		"a file that is not there": {Options{Files: []string{"no.yaml"}}, "no.yaml: no such file"},
		"COMPOSE_FILE":             {Options{Environ: []string{"COMPOSE_FILE=no.yaml"}}, "COMPOSE_FILE: compose file "},
		"stdin":                    {Options{Files: []string{"-"}}, "cannot be read from stdin"},
		"a bad name":               {Options{Name: "No Name"}, `"No Name" is no project name`},
		"a bad switch":             {Options{Environ: []string{"COMPOSE_DISABLE_ENV_FILE=maybe"}}, `="maybe" is neither true nor false`},
		"a missing env file":       {Options{EnvFiles: []string{"no.env"}}, "no.env"},
	}
	for name, test := range tests {
		t.Run(name, func(t *testing.T) {
			test.options.WorkingDir = projectFolder(t, "app", map[string]string{"compose.yaml": "services: {web: {image: a}}"})
			_, err := Load(t.Context(), test.options)
			if err == nil || !strings.Contains(err.Error(), test.want) {
				t.Errorf("got %v, want %q", err, test.want)
			}
			if errors.Is(err, ErrNoComposeFile) {
				t.Error("counts as no compose file")
			}
		})
	}
}
