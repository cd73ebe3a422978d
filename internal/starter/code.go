package starter

import (
	"os"
	"path/filepath"
	"regexp"
	"slices"
	"strings"

	"github.com/compose-spec/compose-go/v2/types"

	"tasks/internal/dockerfile"
)

// code is the code of a service: a directory of this machine, and the image that the code runs in.
type code struct {
	service types.ServiceConfig
	dir     string
	// image is the last part of the name of the image below the service.
	image string
}

// addCodeTasks adds the usual tasks of the code of each service. Services of the same directory share the tasks of the
// first service, a service with published ports before the others.
func (s *suggestions) addCodeTasks() {
	services := s.project.active()
	slices.SortStableFunc(services, func(a, b types.ServiceConfig) int {
		return hasPorts(b) - hasPorts(a)
	})
	var dirs []string
	for _, service := range services {
		c, hasCode := codeOf(service)
		if !hasCode || !s.project.isUsable(service.Name) || slices.Contains(dirs, c.dir) {
			continue
		}
		tasks := c.tasks(s.document)
		if len(tasks) > 0 {
			dirs = append(dirs, c.dir)
		}
		for _, t := range tasks {
			s.add(t, service.Name+"-"+t.name)
		}
	}
}

func hasPorts(s types.ServiceConfig) int {
	if len(s.Ports) > 0 {
		return 1
	}
	return 0
}

// codeOf returns the code of a service: the build context, or a mounted directory with a file of a known tool.
func codeOf(s types.ServiceConfig) (code, bool) {
	c := code{service: s}
	var dirs []string
	if s.Build != nil {
		dirs = append(dirs, s.Build.Context)
		c.image = finalImage(*s.Build)
	} else {
		c.image, _ = imageName(s.Image)
	}
	for _, v := range s.Volumes {
		holdsCode := s.Build != nil || s.WorkingDir == "" || strings.HasPrefix(s.WorkingDir, v.Target)
		if v.Type == types.VolumeTypeBind && holdsCode {
			dirs = append(dirs, v.Source)
		}
	}
	for _, dir := range dirs {
		if filepath.IsAbs(dir) && slices.ContainsFunc(markers(), func(name string) bool { return isFile(dir, name) }) {
			c.dir = dir
			return c, true
		}
	}
	return c, false
}

// finalImage returns the name of the image below the last stage of a build; empty, where the image is not known.
func finalImage(b types.BuildConfig) string {
	content := []byte(b.DockerfileInline)
	if b.DockerfileInline == "" {
		content = readSmall(dockerfile.Path(b.Context, b.Dockerfile))
	}
	if len(content) == 0 {
		return ""
	}
	image, err := dockerfile.FinalImage(content, dockerfile.Options{Args: b.Args, Target: b.Target})
	if err != nil {
		return ""
	}
	name, _ := imageName(image)
	return name
}

// markers are the files that tell the tool of a directory.
func markers() []string {
	return []string{
		"manage.py", "bin/rails", "Gemfile", "artisan", "composer.json", "package.json", "go.mod", "pom.xml", "build.gradle",
		"build.gradle.kts", "mix.exs", "alembic.ini", "pyproject.toml", "requirements.txt", "Cargo.toml",
	}
}

func isFile(dir, name string) bool {
	info, err := os.Stat(filepath.Join(dir, filepath.FromSlash(name)))
	return err == nil && info.Mode().IsRegular()
}

func isDir(dir, name string) bool {
	info, err := os.Stat(filepath.Join(dir, name))
	return err == nil && info.IsDir()
}

// readSmall returns the content of a file of text; nil, where the file cannot be read.
func readSmall(path string) []byte {
	s, err := readSource(filepath.Base(path), path)
	if err != nil {
		return nil
	}
	return s.content
}

func (c code) mentions(name, pattern string) bool {
	return regexp.MustCompile(pattern).Match(readSmall(filepath.Join(c.dir, name)))
}

// tasks returns the usual tasks of the code.
func (c code) tasks(d *document) []*task {
	switch {
	case isFile(c.dir, "manage.py"):
		return c.djangoTasks()
	case isFile(c.dir, "bin/rails"), c.mentions("Gemfile", `(?m)^\s*gem\s+["']rails["']`):
		return c.railsTasks()
	case isFile(c.dir, "artisan"):
		return c.laravelTasks()
	case isFile(c.dir, "mix.exs"):
		return c.elixirTasks(d)
	case isFile(c.dir, "go.mod"):
		test := usual{"test", "Run the tests", []string{"go", "test", "./..."}, false}
		return c.toolTasks(d, []string{"go", "golang"}, test)
	case isFile(c.dir, "pom.xml"):
		return c.javaTasks(d, "mvnw", "mvn", []string{"maven"})
	case isFile(c.dir, "build.gradle"), isFile(c.dir, "build.gradle.kts"):
		return c.javaTasks(d, "gradlew", "gradle", []string{"gradle"})
	case isFile(c.dir, "Cargo.toml"):
		return c.toolTasks(d, []string{"rust"}, usual{"test", "Run the tests", []string{"cargo", "test"}, true})
	case isFile(c.dir, "package.json"):
		return c.nodeTasks(d)
	}
	return c.otherTasks()
}

// usual is a usual task of a tool.
type usual struct {
	name, description string
	command           []string
	passesArgs        bool
}

// serviceTasks returns tasks of the service.
func (c code) serviceTasks(list ...usual) []*task {
	var tasks []*task
	for _, u := range list {
		tasks = append(tasks, &task{
			name: u.name, description: u.description, service: c.service.Name, command: literals(u.command),
			passesArgs: u.passesArgs,
		})
	}
	return tasks
}

// toolTasks returns tasks of the service, if the image of the service has the tool; else tasks of the host.
func (c code) toolTasks(d *document, images []string, list ...usual) []*task {
	tasks := c.serviceTasks(list...)
	if slices.Contains(images, c.image) {
		return tasks
	}
	for _, t := range tasks {
		t.service, t.workdir = "", d.workdirOf(c.dir)
		t.comments = []string{c.hostComment(images[0])}
	}
	return tasks
}

// hostComment says why a task runs on the host.
func (c code) hostComment(tool string) string {
	return "On the host, because the image of " + c.service.Name + " has no " + tool + "."
}

// djangoTasks returns the tasks of manage.py, with the words before manage.py of the service's own command.
func (c code) djangoTasks() []*task {
	manage := func(words ...string) []string {
		return append(c.wordsBefore("manage.py", "python", "manage.py"), words...)
	}
	test := usual{"test", "Run the tests", manage("test"), true}
	if c.mentionsPython("pytest-django") {
		test.command = c.launcher("pytest")
	}
	return c.serviceTasks(
		usual{"migrate", "Bring the database schema up to date", manage("migrate"), true},
		usual{"makemigrations", "Write migrations for changed models", manage("makemigrations"), true},
		usual{"createsuperuser", "Create an administrator", manage("createsuperuser"), true},
		usual{"console", "Open a Django shell", manage("shell"), true},
		test,
	)
}

// wordsBefore returns the words up to a file in the command of the service, or the fallback.
func (c code) wordsBefore(file string, fallback ...string) []string {
	for _, text := range []string{strings.Join(c.service.Command, " "), strings.Join(c.service.Entrypoint, " ")} {
		pattern := regexp.MustCompile(`((?:[\w./-]+ )*)([\w./-]*` + regexp.QuoteMeta(file) + `)`)
		match := pattern.FindStringSubmatch(text)
		if match == nil {
			continue
		}
		words := append(strings.Fields(match[1]), match[2])
		for i, word := range words {
			if slices.Contains([]string{"python", "python3", "uv", "poetry", "pipenv"}, filepath.Base(word)) {
				return words[i:]
			}
		}
	}
	return fallback
}

// launcher returns a command of a Python project, behind the tool that the service's command uses.
func (c code) launcher(words ...string) []string {
	for _, tool := range []string{"uv", "poetry", "pipenv"} {
		if slices.Contains(c.service.Command, tool) {
			return append([]string{tool, "run"}, words...)
		}
	}
	return words
}

// mentionsPython reports whether a Python project needs a package.
func (c code) mentionsPython(name string) bool {
	for _, pattern := range []string{"pyproject.toml", "requirements*.txt", "requirements/*.txt", "Pipfile"} {
		files, _ := filepath.Glob(filepath.Join(globQuote(c.dir), pattern)) // the pattern is valid
		for _, file := range files {
			if strings.Contains(strings.ToLower(string(readSmall(file))), name) {
				return true
			}
		}
	}
	return false
}

// globQuote quotes a directory for filepath.Glob.
func globQuote(dir string) string {
	return regexp.MustCompile(`[\\*?\[]`).ReplaceAllString(dir, `\$0`)
}

func (c code) railsTasks() []*task {
	rails := func(words ...string) []string { return append([]string{"bin/rails"}, words...) }
	if !isFile(c.dir, "bin/rails") {
		rails = func(words ...string) []string { return append([]string{"bundle", "exec", "rails"}, words...) }
	}
	test := usual{"test", "Run the tests", rails("test"), true}
	if isDir(c.dir, "spec") {
		test.command = []string{"bundle", "exec", "rspec"}
	}
	return c.serviceTasks(
		usual{"setup", "Create the database, load its schema, and seed", rails("db:prepare"), false},
		usual{"migrate", "Bring the database schema up to date", rails("db:migrate"), false},
		usual{"seed", "Fill the database with first data", rails("db:seed"), false},
		usual{"console", "Open a Rails console", rails("console"), true},
		test,
	)
}

func (c code) laravelTasks() []*task {
	artisan := func(words ...string) []string { return append([]string{"php", "artisan"}, words...) }
	return c.serviceTasks(
		usual{"install", "Install the packages of PHP", []string{"composer", "install"}, true},
		usual{"migrate", "Bring the database schema up to date", artisan("migrate"), true},
		usual{"seed", "Fill the database with first data", artisan("db:seed"), true},
		usual{"console", "Open a shell of Laravel", artisan("tinker"), true},
		usual{"test", "Run the tests", artisan("test"), true},
	)
}

func (c code) elixirTasks(d *document) []*task {
	list := []usual{{"test", "Run the tests", []string{"mix", "test"}, true}}
	if c.mentions("mix.exs", `:ecto`) || isDir(c.dir, "priv/repo") {
		list = append(list, usual{"migrate", "Bring the database schema up to date", []string{"mix", "ecto.migrate"}, true},
			usual{"setup", "Create and migrate the database", []string{"mix", "ecto.setup"}, false})
	}
	list = append(list, usual{"console", "Open a shell of Elixir", []string{"iex", "-S", "mix"}, true})
	return c.toolTasks(d, []string{"elixir"}, list...)
}

func (c code) javaTasks(d *document, wrapper, tool string, images []string) []*task {
	command := tool
	if isFile(c.dir, wrapper) {
		command = "./" + wrapper
	}
	packaged := usual{"package", "Build the archive without its tests", []string{command, "package", "-DskipTests"}, true}
	if tool == "gradle" {
		packaged = usual{"package", "Build the archive without its tests", []string{command, "assemble"}, true}
	}
	return c.toolTasks(d, images, usual{"test", "Run the tests", []string{command, "test"}, true}, packaged)
}

// otherTasks returns the tasks of a Python or PHP project without a framework of above.
func (c code) otherTasks() []*task {
	var list []usual
	if isFile(c.dir, "alembic.ini") {
		upgrade := c.launcher("alembic", "upgrade", "head")
		list = append(list, usual{"migrate", "Bring the database schema up to date", upgrade, false})
	}
	if c.mentionsPython("pytest") {
		list = append(list, usual{"test", "Run the tests", c.launcher("pytest"), true})
	}
	if isFile(c.dir, "composer.json") {
		list = append(list, usual{"install", "Install the packages of PHP", []string{"composer", "install"}, true})
		if c.mentions("composer.json", `phpunit/phpunit`) {
			list = append(list, usual{"test", "Run the tests", []string{"vendor/bin/phpunit"}, true})
		}
	}
	return c.serviceTasks(list...)
}
