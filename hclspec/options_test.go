package hclspec

import (
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
	"github.com/google/go-cmp/cmp/cmpopts"
)

const allAttributesFile = `
task "t" {
  service        = "web"
  command        = ["serve"]
  env            = { A = "block", B = "block", GONE = null }
  env_files      = ["block.env"]
  pass_env       = ["PASS_*"]
  labels         = { one = "block", two = "block" }
  user           = "app"
  workdir        = "/app"
  ports          = ["1:1"]
  volumes        = ["./src:/src"]
  cap_add        = ["NET_ADMIN"]
  cap_drop       = ["mknod"]
  container_name = "block"
  tty            = true
}

task "host" {
  command = ["true"]
}

task "img" {
  image = "busybox"
}

task "after" {
  command    = ["true"]
  depends_on = [task.t]
}
`

// optionInputs has two dotenv files and an environment.
func optionInputs(t *testing.T) Inputs {
	t.Helper()
	in := testInputs(t)
	for name, text := range map[string]string{
		"block.env": "FILE=block\nPASS_ONE=file\nB=file\nFROM=${SHELL_SAYS}\n",
		"flag.env":  "FILE=flag\nA=flag-file\nD=${E}\n",
	} {
		if err := os.WriteFile(filepath.Join(in.Root, name), []byte(text), 0o600); err != nil {
			t.Fatal(err)
		}
	}
	environ := []string{"PASS_ONE=shell", "PASS_TWO=shell", "SHELL_SAYS=hello", "BARE=shell"}
	in.Environ = func() []string { return environ }
	in.Env = func(name string) (string, bool) {
		for _, entry := range environ {
			if key, value, _ := strings.Cut(entry, "="); key == name {
				return value, true
			}
		}
		return "", false
	}
	return in
}

func evaluateWith(t *testing.T, in Inputs, name string, o Options) *Task {
	t.Helper()
	f, diags := Parse([]Source{source(in, allAttributesFile)})
	if len(diags) > 0 {
		t.Fatal(diagnosticsText(f, diags))
	}
	spec, diags := f.Evaluate(in, []Target{{Name: name, Options: o}})
	if len(diags) > 0 {
		t.Fatal(diagnosticsText(f, diags))
	}
	return spec.Tasks["t"]
}

func plainEnv(env map[string]*string) map[string]string {
	plain := map[string]string{}
	for name, value := range env {
		plain[name] = "(unset)"
		if value != nil {
			plain[name] = *value
		}
	}
	return plain
}

func TestEnvironmentOfATask(t *testing.T) {
	in := optionInputs(t)
	task := evaluateWith(t, in, "t", Options{})
	want := map[string]string{
		"A": "block", "B": "block", "GONE": "(unset)", "FILE": "block", "PASS_ONE": "file", "PASS_TWO": "shell", "FROM": "hello",
	}
	if diff := cmp.Diff(want, plainEnv(task.Env)); diff != "" {
		t.Error(diff)
	}
	if want := []string{filepath.Join(in.Root, "block.env")}; !cmp.Equal(task.EnvFiles, want) {
		t.Errorf("env files %q; want %q", task.EnvFiles, want)
	}
}

func TestOptionsOverrideATask(t *testing.T) {
	in := optionInputs(t)
	o := Options{
		Entrypoint: pointerTo("sh -c 'two words'"), Env: map[string]string{"A": "flag", "E": "e"}, PassEnv: []string{"BARE", "NOT_SET"},
		EnvFiles: []string{filepath.Join(in.Root, "flag.env")}, Labels: map[string]string{"two": "flag", "three": "flag"},
		User: "root", Workdir: "/flag", ServicePorts: new(true), Volumes: []string{"./data:/data"}, UseAliases: new(true),
		NoDeps: new(true), RM: new(false), Detach: new(true), ContainerName: "flag", TTY: new(TTYNever), Interactive: new(false),
		CapAdd: []string{"CAP_MKNOD"}, CapDrop: []string{"net_admin"},
	}
	got := evaluateWith(t, in, "t", o)
	want := *evaluateWith(t, in, "t", Options{})
	want.Entrypoint = []string{"sh", "-c", "two words"}
	want.Labels = map[string]string{"one": "block", "two": "flag", "three": "flag"}
	want.User, want.Workdir, want.Ports, want.ServicePorts = "root", "/flag", nil, true
	want.Volumes = append(want.Volumes, Volume{Text: "./data:/data", Dir: in.Cwd})
	want.UseAliases, want.NoDeps, want.RM, want.Detach, want.Interactive = true, true, false, true, false
	want.ContainerName, want.TTY = "flag", TTYNever
	want.CapAdd, want.CapDrop = []string{"CAP_MKNOD"}, []string{"net_admin"}
	want.EnvFiles = append(want.EnvFiles, o.EnvFiles...)
	want.Env = got.Env
	if diff := cmp.Diff(&want, got, cmpopts.IgnoreUnexported(Task{}), cmpopts.EquateEmpty()); diff != "" {
		t.Error(diff)
	}
	env := map[string]string{
		"A": "flag", "B": "block", "GONE": "(unset)", "FILE": "flag", "PASS_ONE": "file", "PASS_TWO": "shell", "FROM": "hello",
		"BARE": "shell", "E": "e", "D": "e",
	}
	if diff := cmp.Diff(env, plainEnv(got.Env)); diff != "" {
		t.Error(diff)
	}
}

func TestOptionsApplyToTargetsOnly(t *testing.T) {
	f, _ := Parse([]Source{source(testInputs(t), "task \"dep\" {\n  command = [\"true\"]\n}\ntask \"top\" {\n  command    = [\"true\"]\n  depends_on = [task.dep]\n}\n")})
	spec, diags := f.Evaluate(optionInputs(t), []Target{{Name: "top", Options: Options{Env: map[string]string{"A": "1"}}}})
	if len(diags) > 0 {
		t.Fatal(diags)
	}
	if spec.Tasks["top"].Env["A"] == nil || spec.Tasks["dep"].Env["A"] != nil {
		t.Errorf("top has %v, dep has %v", plainEnv(spec.Tasks["top"].Env), plainEnv(spec.Tasks["dep"].Env))
	}
}

func TestPortsAndServicePortsReplaceEachOther(t *testing.T) {
	if task := evaluateWith(t, optionInputs(t), "t", Options{Ports: []string{"2:2"}}); !cmp.Equal(task.Ports, []string{"2:2"}) || task.ServicePorts {
		t.Errorf("ports %v, service ports %t", task.Ports, task.ServicePorts)
	}
	if task := evaluateWith(t, optionInputs(t), "t", Options{ServicePorts: new(false)}); !cmp.Equal(task.Ports, []string{"1:1"}) {
		t.Errorf("ports %v", task.Ports)
	}
}

func TestOptionErrors(t *testing.T) {
	for name, test := range map[string]struct {
		task string
		o    Options
		want string
	}{
		"ports of a host task": {"host", Options{Ports: []string{"1:1"}}, `--publish cannot act on host task "host"`},
		"ports of an image":    {"img", Options{ServicePorts: new(true)}, `task "img" has an image and no service`},
		"user of a host task":  {"host", Options{User: "x"}, `--user cannot act on host task "host"`},
		"relative workdir":     {"t", Options{Workdir: "here"}, `"here" is not absolute`},
		"name":                 {"t", Options{ContainerName: "a b"}, `"a b" cannot be the name of a container`},
		"entrypoint":           {"t", Options{Entrypoint: pointerTo("'open")}, "a single quote is not closed"},
		"missing file":         {"t", Options{EnvFiles: []string{"/no/such.env"}}, "there is no file /no/such.env"},
	} {
		t.Run(name, func(t *testing.T) {
			in := optionInputs(t)
			f, _ := Parse([]Source{source(in, allAttributesFile)})
			_, diags := f.Evaluate(in, []Target{{Name: test.task, Options: test.o}})
			if text := strings.ToLower(diagnosticsText(f, diags)); !strings.Contains(text, strings.ToLower(test.want)) {
				t.Errorf("%q; want %q", text, test.want)
			}
		})
	}
}

func TestOnceSpec(t *testing.T) {
	in := optionInputs(t)
	spec, diags := OnceSpec(in, "web", []string{"sh"}, Options{Volumes: []string{"raw:/raw"}})
	if len(diags) > 0 {
		t.Fatal(diags)
	}
	task := spec.Tasks["web"]
	if !task.IsOnce || task.RM || !task.Interactive || task.Service != "web" || task.Kind != ServiceTask || !cmp.Equal(task.Command, []string{"sh"}) {
		t.Errorf("%+v", task)
	}
	if _, diags := OnceSpec(in, "wbe", nil, Options{}); !strings.Contains(diags.Error(), `Did you mean "web"`) {
		t.Errorf("an unknown service: %v", diags)
	}
}

// TestOnceBlock: the block that is printed, run as a task, is the same task.
func TestOnceBlock(t *testing.T) {
	in := optionInputs(t)
	for name, test := range map[string]struct {
		words []string
		o     Options
	}{
		"nothing":    {},
		"words":      {words: []string{"sh", "-c", `echo "${x}" %{y} \ 'z'`}},
		"no words":   {words: []string{}},
		"entrypoint": {o: Options{Entrypoint: pointerTo(`a "b c"`)}},
		"reset":      {o: Options{Entrypoint: pointerTo("")}},
		"terminal":   {o: Options{TTY: new(TTYAlways)}},
		"all": {words: []string{"x"}, o: Options{
			Env: map[string]string{"A": "1", "with.dot": "${no}"}, PassEnv: []string{"BARE", "NOT_SET"},
			Labels: map[string]string{"a.b/c": "d"}, User: "1:2", Workdir: "/w", Ports: []string{"1:1/udp"},
			Volumes:    []string{"./data:/data:ro", "/abs:/abs", "named:/n", "/anonymous"},
			UseAliases: new(true), NoDeps: new(true), RM: new(true), ContainerName: "nm", TTY: new(TTYNever),
			Interactive: new(false), CapAdd: []string{"A"}, CapDrop: []string{"B"}, Detach: new(true),
		}},
		"keyword": {o: Options{Env: map[string]string{"for": "1"}, Labels: map[string]string{"for": "1", "if": "2"}}},
		"no glob": {o: Options{PassEnv: []string{"PASS_*", "BARE"}}},
		"files":   {o: Options{EnvFiles: []string{filepath.Join(in.Root, "flag.env")}, PassEnv: []string{"BARE"}, Env: map[string]string{"E": "e"}, ServicePorts: new(true)}},
	} {
		t.Run(name, func(t *testing.T) {
			spec, diags := OnceSpec(in, "web", test.words, test.o)
			if len(diags) > 0 {
				t.Fatal(diags)
			}
			want := *spec.Tasks["web"]
			block, err := OnceBlock(in, "web", "web", test.words, test.o, in.Root)
			if err != nil {
				t.Fatal(err)
			}
			f, diags := Parse([]Source{source(in, block)})
			if len(diags) > 0 {
				t.Fatalf("%s\n%s", block, diagnosticsText(f, diags))
			}
			again, diags := f.Evaluate(in, []Target{{Name: "web"}})
			if len(diags) > 0 {
				t.Fatalf("%s\n%s", block, diagnosticsText(f, diags))
			}
			got := *again.Tasks["web"]
			got.IsOnce, got.DeclRange, got.Ranges, got.Dir = true, want.DeclRange, want.Ranges, want.Dir
			for _, task := range []*Task{&want, &got} {
				for i, v := range task.Volumes {
					if strings.HasPrefix(v.Text, ".") {
						task.Volumes[i] = Volume{Text: filepath.Join(v.Dir, v.Text)}
					} else {
						task.Volumes[i].Dir = ""
					}
				}
				delete(task.Env, "D") // reads -e, which a block's files cannot
			}
			if (want.Command == nil) != (got.Command == nil) || (want.Entrypoint == nil) != (got.Entrypoint == nil) {
				t.Errorf("command %#v, entrypoint %#v; want %#v, %#v", got.Command, got.Entrypoint, want.Command, want.Entrypoint)
			}
			if diff := cmp.Diff(want, got, cmpopts.IgnoreUnexported(Task{}), cmpopts.EquateEmpty()); diff != "" {
				t.Errorf("%s\n%s", block, diff)
			}
		})
	}
}

func TestOnceBlockErrors(t *testing.T) {
	in := optionInputs(t)
	for name, test := range map[string]struct {
		task string
		o    Options
		want string
	}{
		"name":            {"a b", Options{}, `"a b" cannot be the name of a task`},
		"no name":         {"", Options{}, `"" cannot be the name of a task`},
		"not Unicode":     {"x", Options{Env: map[string]string{"A": "\xff"}}, `no task block can say "\xff"`},
		"decomposed":      {"x", Options{Labels: map[string]string{"e\u0301": ""}}, "no task block can say"},
		"entrypoint":      {"x", Options{Entrypoint: pointerTo("\xfe")}, `no task block can say "\xfe"`},
		"name of a place": {"x", Options{Volumes: []string{"/\xfd:/x"}}, `no task block can say "/\xfd:/x"`},
	} {
		t.Run(name, func(t *testing.T) {
			block, err := OnceBlock(in, test.task, "web", []string{"true"}, test.o, in.Root)
			if err == nil || !strings.Contains(err.Error(), test.want) {
				t.Errorf("%v; want %q\n%s", err, test.want, block)
			}
		})
	}
}

// A name on the command line is a name: only pass_env takes globs.
func TestNamesOfTheEnvironmentAreNoGlobs(t *testing.T) {
	env := plainEnv(evaluateWith(t, optionInputs(t), "t", Options{PassEnv: []string{"BAR*", "SHELL_SAYS"}}).Env)
	if _, globbed := env["BARE"]; globbed || env["SHELL_SAYS"] != "hello" {
		t.Errorf("%v", env)
	}
}
