package planner

import (
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"tasks/hclspec"
	"tasks/internal/composeproject"
	"tasks/planner/observed"
)

// loadFolder loads a project from files: a compose.yaml and Dockerfiles.
func loadFolder(t *testing.T, files map[string]string, services ...string) *composeproject.Project {
	t.Helper()
	dir := t.TempDir()
	for name, text := range files {
		path := filepath.Join(dir, name)
		if err := os.MkdirAll(filepath.Dir(path), 0o755); err != nil {
			t.Fatal(err)
		}
		if err := os.WriteFile(path, []byte(text), 0o644); err != nil {
			t.Fatal(err)
		}
	}
	p, err := composeproject.Load(t.Context(), composeproject.Options{Name: "app", WorkingDir: dir, Environ: []string{}})
	if err != nil {
		t.Fatal(err)
	}
	if p, err = p.Select(services); err != nil {
		t.Fatal(err)
	}
	return p
}

// localImages returns a snapshot with images.
func localImages(refs ...string) *observed.Snapshot {
	o := &observed.Snapshot{Images: map[string]observed.Image{}}
	for _, ref := range refs {
		o.Images[ref] = observed.Image{ID: "sha256:" + ref}
	}
	return o
}

// imageLines returns a line for each image of a plan, without the tasks.
func imageLines(plan *Plan) string {
	var lines []string
	for _, s := range plan.Steps {
		if isImage(s) {
			line := fmt.Sprintf("%s %s: %s", s.Verb, s.Action.(*Image).Ref, s.Reason)
			for _, n := range s.Needs {
				line += " <" + string(n.Step)
			}
			lines = append(lines, line)
		}
	}
	return strings.Join(lines, "\n")
}

func TestBaseImages(t *testing.T) {
	two := func(ofWeb, ofBase string) string {
		return fmt.Sprintf("services:\n  web: {image: shop-web, build: ./web%s}\n  base: {image: shop-base, build: ./base%s}\n", ofWeb, ofBase)
	}
	tests := []struct {
		name, compose, web string
		extra              map[string]string
		here               []string
		policy             ImagePolicy
		want               string
	}{
		{name: "nothing is here", compose: two("", ""), web: "FROM shop-base",
			want: "build shop-base: not present locally\nbuild shop-web: not present locally <image/shop-base"},
		{name: "the base is here", compose: two("", ""), web: "FROM shop-base", here: []string{"shop-base"},
			want: "reuse shop-base: present\nbuild shop-web: not present locally <image/shop-base"},
		{name: "the result is here", compose: two("", ""), web: "FROM shop-base", here: []string{"shop-web"},
			want: "reuse shop-web: present"},
		{name: "all is here", compose: two("", ""), web: "FROM shop-base", here: []string{"shop-web", "shop-base"},
			want: "reuse shop-web: present"},
		{name: "--build", compose: two("", ""), web: "FROM shop-base", here: []string{"shop-web", "shop-base"}, policy: ImagePolicy{Build: true},
			want: "build shop-base: --build asks for it\nbuild shop-web: --build asks for it <image/shop-base"},
		{name: "a base that is always built", compose: two(", depends_on: [base]", ", pull_policy: build"), web: "FROM shop-base",
			here: []string{"shop-web", "shop-base"},
			want: "build shop-base: pull_policy says build\nbuild shop-web: image shop-base, which it is built from, is built <image/shop-base"},
		{name: "a missing base of a service in play", compose: two(", depends_on: [base]", ""), web: "FROM shop-base", here: []string{"shop-web"},
			want: "build shop-base: not present locally\nbuild shop-web: image shop-base, which it is built from, is built <image/shop-base"},
		{name: "a base that may change", web: "FROM example.com/base", here: []string{"shop-web", "example.com/base"},
			compose: "services:\n  web: {image: shop-web, build: ./web, depends_on: [db]}\n  db: {image: example.com/base, pull_policy: always}\n",
			want:    "pull example.com/base: pull_policy says always\nreuse shop-web: present; built again if image example.com/base changes <image/example.com/base"},
		{name: "depends_on alone", compose: two(", depends_on: [base]", ""), web: "FROM scratch",
			want: "build shop-base: not present locally\nbuild shop-web: not present locally <image/shop-base"},
		{name: "no relation", compose: two("", ""), web: "FROM alpine", want: "build shop-web: not present locally"},
		{name: "copy from", compose: two("", ""), web: "FROM alpine\nCOPY --from=shop-base /a /b",
			want: "build shop-base: not present locally\nbuild shop-web: not present locally <image/shop-base"},
		{name: "mount from", compose: two("", ""), web: "FROM alpine\nRUN --mount=from=shop-base,target=/m true",
			want: "build shop-base: not present locally\nbuild shop-web: not present locally <image/shop-base"},
		{name: "an explicit latest", compose: two("", ""), web: "FROM shop-base:latest",
			want: "build shop-base: not present locally\nbuild shop-web: not present locally <image/shop-base"},
		{name: "the full name", compose: two("", ""), web: "FROM docker.io/library/shop-base",
			want: "build shop-base: not present locally\nbuild shop-web: not present locally <image/shop-base"},
		{name: "another tag", compose: two("", ""), web: "FROM shop-base:2", want: "build shop-web: not present locally"},
		{name: "a digest", compose: two("", ""), web: "FROM shop-base@sha256:" + strings.Repeat("0", 64), want: "build shop-web: not present locally"},
		{name: "a stage with the name", compose: two("", ""), web: "FROM alpine AS shop-base\nFROM shop-base", want: "build shop-web: not present locally"},
		{name: "a stage that the target leaves out", compose: strings.Replace(two("", ""), "build: ./web", "build: {context: ./web, target: prod}", 1),
			web: "FROM shop-base AS dev\nFROM alpine AS prod", want: "build shop-web: not present locally"},
		{name: "the default of an argument", compose: two("", ""), web: "ARG BASE=shop-base\nFROM $BASE",
			want: "build shop-base: not present locally\nbuild shop-web: not present locally <image/shop-base"},
		{name: "an argument", compose: strings.Replace(two("", ""), "build: ./web", "build: {context: ./web, args: {BASE: shop-base}}", 1), web: "ARG BASE=alpine\nFROM $BASE",
			want: "build shop-base: not present locally\nbuild shop-web: not present locally <image/shop-base"},
		{name: "a further tag of the base", web: "FROM shop-tools:2",
			compose: "services:\n  web: {image: shop-web, build: ./web}\n  base: {image: shop-base, build: {context: ./base, tags: [\"shop-tools:2\"]}}\n",
			want:    "build shop-base: not present locally\nbuild shop-web: not present locally <image/shop-base"},
		{name: "the default name", compose: "services:\n  web: {build: ./web}\n  base: {build: ./base}\n", web: "FROM app-base",
			want: "build app-base: not present locally\nbuild app-web: not present locally <image/app-base"},
		{name: "an inactive profile", compose: two("", ", profiles: [build]"), web: "FROM shop-base",
			want: "build shop-base: not present locally\nbuild shop-web: not present locally <image/shop-base"},
		{name: "an image in an additional context", web: "FROM start", want: "build shop-base: not present locally\nbuild shop-web: not present locally <image/shop-base",
			compose: strings.Replace(two("", ""), "build: ./web", "build: {context: ./web, additional_contexts: {start: \"docker-image://shop-base\"}}", 1)},
		{name: "a folder in an additional context", web: "FROM shop-base", want: "build shop-web: not present locally",
			compose: strings.Replace(two("", ""), "build: ./web", "build: {context: ./web, additional_contexts: {shop-base: ./base}}", 1)},
		{name: "its own name", compose: two("", ""), web: "FROM shop-web", want: "build shop-web: not present locally"},
		{name: "a chain of three", web: "FROM shop-base", extra: map[string]string{"base/Dockerfile": "FROM shop-root"}, here: []string{"shop-base"},
			compose: two(", depends_on: [base, root]", "") + "  root: {image: shop-root, build: ./root}\n",
			want: "build shop-root: not present locally\nbuild shop-base: image shop-root, which it is built from, is built <image/shop-root\n" +
				"build shop-web: not present locally <image/shop-base <image/shop-root"},
		{name: "an image that a job builds", compose: two("", "")[:strings.Index(two("", ""), "  base:")] + "jobs:\n  base: {image: shop-base, build: ./base, triggers: {manual: true}}\n",
			web: "FROM shop-base", want: "build shop-base: not present locally\nbuild shop-web: not present locally <image/shop-base"},
		{name: "the image of a hook", web: "FROM alpine", here: []string{"shop-web", "tool"},
			compose: "services:\n  web: {image: tool, depends_on: [app]}\n  app: {image: shop-web, pre_start: [{image: \"shop-base:latest\", command: [a]}]}\n  base: {image: \"shop-base:latest\", build: ./base, profiles: [x]}\n",
			want:    "reuse tool: present\nreuse shop-web: present\nbuild shop-base:latest: not present locally"},
		{name: "the image of a volume", web: "FROM alpine", here: []string{"shop-web"},
			compose: "services:\n  web: {image: shop-web, volumes: [{type: image, source: shop-base, target: /b}]}\n  base: {image: shop-base, build: ./base, profiles: [x]}\n",
			want:    "reuse shop-web: present\nbuild shop-base: not present locally"},
		{name: "a Dockerfile in the compose file", web: "FROM alpine",
			compose: "services:\n  web: {image: shop-web, build: {context: ., dockerfile_inline: \"FROM shop-base\"}}\n  base: {image: shop-base, build: ./base}\n",
			want:    "build shop-base: not present locally\nbuild shop-web: not present locally <image/shop-base"},
		{name: "scaled", compose: two(", scale: 2, depends_on: [base]", ", scale: 3"), web: "FROM shop-base",
			want: "build shop-base: not present locally\nbuild shop-web: not present locally <image/shop-base"},
		{name: "a Dockerfile with an error", compose: two("", ""), web: "FROMAGE", want: "build shop-web: not present locally"},
		{name: "a Dockerfile that is not there yet", compose: strings.Replace(two("", ""), "./web", "./later", 1), web: "FROM alpine", want: "build shop-web: not present locally"},
		{name: "an image that another service builds", compose: "services:\n  web: {image: shop-base}\n  base: {image: shop-base, build: ./base, profiles: [x]}\n", web: "FROM alpine",
			want: "build shop-base: not present locally"},
		{name: "another name of an image that another service builds", compose: "services:\n  web: {image: \"shop-base:latest\"}\n  base: {image: shop-base, build: ./base, profiles: [x]}\n", web: "FROM alpine",
			want: "build shop-base: not present locally\nbuild shop-base:latest: not present locally <image/shop-base"},
		{name: "an image that another service may build", compose: "services:\n  web: {image: example.com/base}\n  base: {image: example.com/base, build: ./base, profiles: [x]}\n", web: "FROM alpine",
			want: "pull example.com/base: not present locally; built if it cannot be pulled"},
	}
	for _, test := range tests {
		t.Run(test.name, func(t *testing.T) {
			files := map[string]string{"compose.yaml": test.compose, "web/Dockerfile": test.web, "base/Dockerfile": "FROM scratch", "root/Dockerfile": "FROM scratch"}
			for name, text := range test.extra {
				files[name] = text
			}
			p := loadFolder(t, files, "web")
			plan := mustBuild(t, Input{Spec: spec(serviceTask("x", "web")), Project: p, Snapshot: localImages(test.here...), Images: test.policy})
			if diff := cmp.Diff(test.want, imageLines(plan)); diff != "" {
				t.Errorf("-want +got:\n%s", diff)
			}
		})
	}
}

// TestImageCircles: two images cannot be built from each other. The error has the place in each Dockerfile.
func TestImageCircles(t *testing.T) {
	files := map[string]string{
		"compose.yaml": "services:\n  a: {build: ./a}\n  b: {build: ./b}\n  c: {build: {context: ./c, additional_contexts: {x: \"service:d\"}}}\n  d: {build: ./d}\n",
		"a/Dockerfile": "FROM app-b\n", "b/Dockerfile": "FROM alpine\nCOPY --from=app-a /x /y\n",
		"c/Dockerfile": "FROM x\n", "d/Dockerfile": "FROM app-c\n",
	}
	for service, want := range map[string]string{
		"a": "image app-a needs image app-b (a/Dockerfile:1), image app-b needs image app-a (b/Dockerfile:2)",
		"c": "image app-c needs image app-d (compose.yaml:4), image app-d needs image app-c (d/Dockerfile:1)",
	} {
		p := loadFolder(t, files, service)
		in := Input{Spec: spec(serviceTask("x", service)), Project: p, Snapshot: localImages()}
		_, diags := Build(in)
		if len(diags) != 1 || !strings.Contains(diags[0].Detail, want) || diags[0].Subject == nil {
			t.Errorf("diagnostics %v; want one with %q", diags, want)
		}
		in.Snapshot = localImages("app-a", "app-b", "app-c", "app-d")
		if plan := mustBuild(t, in); !strings.HasPrefix(imageLines(plan), "reuse app-"+service) {
			t.Errorf("images that are here:\n%s", plan)
		}
	}
}

// TestBaseAgainstDependsOn: the order of Dockerfiles has precedence over depends_on.
func TestBaseAgainstDependsOn(t *testing.T) {
	p := loadFolder(t, map[string]string{
		"compose.yaml":   "services:\n  web: {build: ./web}\n  base: {build: ./base, depends_on: [web]}\n",
		"web/Dockerfile": "FROM app-base", "base/Dockerfile": "FROM scratch",
	}, "base")
	plan := mustBuild(t, Input{Spec: spec(serviceTask("x", "base")), Project: p, Snapshot: localImages()})
	if want := "build app-base: not present locally\nbuild app-web: not present locally <image/app-base"; imageLines(plan) != want {
		t.Errorf("images:\n%s\nwant:\n%s", imageLines(plan), want)
	}
}

// TestPlanShowsImageOrder: the text of a plan names the image before.
func TestPlanShowsImageOrder(t *testing.T) {
	p := loadFolder(t, map[string]string{
		"compose.yaml":   "services:\n  web: {build: ./web}\n  base: {build: ./base}\n",
		"web/Dockerfile": "FROM app-base", "base/Dockerfile": "FROM scratch",
	}, "web")
	plan := mustBuild(t, Input{Spec: spec(serviceTask("x", "web")), Project: p, Snapshot: localImages()})
	if !strings.Contains(plan.String(), "not present locally (after image app-base)") {
		t.Errorf("plan:\n%s", plan)
	}
}

// TestMissingImagesAwaitTasks: the tasks before a task may make its image.
func TestMissingImagesAwaitTasks(t *testing.T) {
	group := func(name string, depends ...hclspec.Dependency) *hclspec.Task {
		return &hclspec.Task{Name: name, Kind: hclspec.GroupTask, DependsOn: depends}
	}
	image := func(name, ref string, depends ...hclspec.Dependency) *hclspec.Task {
		return &hclspec.Task{Name: name, Kind: hclspec.ImageTask, Image: ref, DependsOn: depends}
	}
	const compose = "services:\n  web: {image: x%s, depends_on: [db]}\n  db: {image: y}\n"
	tests := []struct {
		name, attribute string
		tasks           []*hclspec.Task
		here            []string
		want            string
	}{
		{"a service task", "", []*hclspec.Task{serviceTask("t", "web", onTask("make")), hostTask("make")}, []string{"y"},
			"pull x: not present locally; unless task make makes it before <task/make\nreuse y: present"},
		{"an image task", "", []*hclspec.Task{image("t", "z", onTask("make")), hostTask("make")}, nil,
			"pull z: not present locally; unless task make makes it before <task/make"},
		{"a service of a service task", "", []*hclspec.Task{serviceTask("t", "web", onTask("make")), hostTask("make")}, []string{"x"},
			"reuse x: present\npull y: not present locally; unless task make makes it before <task/make"},
		{"a service of a host task", "", []*hclspec.Task{hostTask("t", onTask("make"), onService("db", hclspec.Started)), hostTask("make")}, nil,
			"pull y: not present locally; unless task make makes it before <task/make"},
		{"a service of a group", "", []*hclspec.Task{group("t", onTask("make"), onService("db", hclspec.Started)), hostTask("make")}, nil,
			"pull y: not present locally; unless task make makes it before <task/make"},
		{"two tasks", "", []*hclspec.Task{image("t", "z", onTask("a"), onTask("b")), hostTask("a"), hostTask("b")}, nil,
			"pull z: not present locally; unless task a or task b makes it before <task/a <task/b"},
		{"tasks side by side", "", []*hclspec.Task{group("all", onTask("make"), onTask("t")), hostTask("make"), image("t", "z")}, nil,
			"pull z: not present locally"},
		{"a chain", "", []*hclspec.Task{group("all", onTask("t")), image("t", "z", onTask("make")), hostTask("make", onTask("first")), hostTask("first")}, nil,
			"pull z: not present locally; unless task make makes it before <task/make"},
		{"a task that needs the image itself", "", []*hclspec.Task{image("t", "z", onTask("make"), onTask("early")), hostTask("make", onTask("early")), image("early", "z")}, nil,
			"pull z: not present locally"},
		{"never pulled", ", pull_policy: never", []*hclspec.Task{serviceTask("t", "web", onTask("make")), hostTask("make")}, []string{"y"},
			"reuse x: not present locally, and pulling is disabled (pull_policy says never): the run will fail; unless task make makes it before <task/make\nreuse y: present"},
		{"always pulled", ", pull_policy: always", []*hclspec.Task{serviceTask("t", "web", onTask("make")), hostTask("make")}, []string{"y"},
			"pull x: pull_policy says always\nreuse y: present"},
	}
	for _, test := range tests {
		t.Run(test.name, func(t *testing.T) {
			p := loadFolder(t, map[string]string{"compose.yaml": fmt.Sprintf(compose, test.attribute)}, "web")
			plan := mustBuild(t, Input{Spec: spec(test.tasks...), Project: p, Snapshot: localImages(test.here...)})
			if diff := cmp.Diff(test.want, imageLines(plan)); diff != "" {
				t.Errorf("-want +got:\n%s", diff)
			}
		})
	}
}

// TestNamedImagesAwaitTasks: a task with the name of a local image in its command may replace the image.
func TestNamedImagesAwaitTasks(t *testing.T) {
	host := func(name string, command ...string) *hclspec.Task {
		return &hclspec.Task{Name: name, Kind: hclspec.HostTask, Command: command}
	}
	group := &hclspec.Task{Name: "all", Kind: hclspec.GroupTask, DependsOn: []hclspec.Dependency{onTask("make")}}
	const waits, runs = "reuse shop-api: present; looked at again after task %s <task/%s", "reuse shop-api: present"
	tests := []struct {
		name  string
		maker *hclspec.Task
		want  string
	}{
		{"a word", host("make", "docker", "build", "-t", "shop-api", "."), fmt.Sprintf(waits, "make", "make")},
		{"a word with a tag", host("make", "docker", "tag", "a", "shop-api:latest"), fmt.Sprintf(waits, "make", "make")},
		{"a script", host("make", "sh", "-euc", "docker build -t shop-api . && docker push shop-api", "make"), fmt.Sprintf(waits, "make", "make")},
		{"an option", host("make", "docker", "build", "--tag=shop-api", "."), fmt.Sprintf(waits, "make", "make")},
		{"a member of a group", host("make", "docker", "build", "-t", "shop-api"), fmt.Sprintf(waits, "all", "all")},
		{"a part of another name", host("make", "docker", "build", "-t", "my/shop-api-dev", "."), runs},
		{"no name", host("make", "make", "images"), runs},
	}
	for _, test := range tests {
		t.Run(test.name, func(t *testing.T) {
			p := load(t, "services: {web: {image: shop-web, depends_on: [api]}, api: {image: shop-api}}", "web")
			o := upToDate(t, p)
			first := "make"
			tasks := []*hclspec.Task{nil, test.maker}
			if strings.Contains(test.want, "task/all") {
				first, tasks = "all", append(tasks, group)
			}
			tasks[0] = serviceTask("t", "web", onTask(first))
			plan := mustBuild(t, Input{Spec: spec(tasks...), Project: p, Snapshot: o})
			if got := imageLines(plan); got != "reuse shop-web: present\n"+test.want {
				t.Errorf("images:\n%s\nwant:\n%s", got, test.want)
			}
			reason := step(t, plan, "container/api").Reason.String()
			if want := test.want != runs; strings.Contains(reason, "recreated if the image changes") != want {
				t.Errorf("container api: %s", reason)
			}
		})
	}
}

// TestImageTaskUsesBuild: an image task may use the image that a service builds, also an unselected service.
func TestImageTaskUsesBuild(t *testing.T) {
	p := loadFolder(t, map[string]string{"compose.yaml": "services:\n  web: {image: w}\n  tool: {image: shop-tool, build: {context: ./tool, secrets: [s]}, profiles: [x]}\nsecrets: {s: {file: ./s}}\n"}, "web")
	p, err := composeproject.WithImages(p, []string{"shop-tool:latest"})
	if err != nil {
		t.Fatal(err)
	}
	task := &hclspec.Task{Name: "t", Kind: hclspec.ImageTask, Image: "shop-tool:latest"}
	plan := mustBuild(t, Input{Spec: spec(task), Project: p, Snapshot: localImages()})
	want := "build shop-tool: not present locally\nbuild shop-tool:latest: not present locally <image/shop-tool"
	if diff := cmp.Diff(want, imageLines(plan)); diff != "" {
		t.Errorf("-want +got:\n%s", diff)
	}
	if secrets := step(t, plan, "image/shop-tool").Action.(*Image).Secrets; secrets["s"].File == "" {
		t.Errorf("secrets %v; want that of the build", secrets)
	}
}

// TestSequenceMakesImages: a target may make the image of the next target.
func TestSequenceMakesImages(t *testing.T) {
	make, run := hostTask("make"), &hclspec.Task{Name: "run", Kind: hclspec.ImageTask, Image: "z"}
	s := spec(make, run)
	s.Targets, s.Sequence = []string{"make", "run"}, [][]string{{"make"}, {"run"}}
	plan := mustBuild(t, Input{Spec: s, Project: loadFolder(t, map[string]string{"compose.yaml": "services: {web: {image: w}}"}), Snapshot: localImages()})
	if want := "pull z: not present locally; unless task make makes it before <task/make"; imageLines(plan) != want {
		t.Errorf("images:\n%s\nwant:\n%s", imageLines(plan), want)
	}
	if !step(t, plan, "task/run").Action.(*RunOneOff).ImageMayChange {
		t.Error("the task does not look at its image again")
	}
}
