//go:build unix

package examples_test

import (
	"archive/tar"
	"compress/gzip"
	"encoding/xml"
	"io"
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"go.yaml.in/yaml/v4"
)

// pipelineFile returns a file of a CI server: jobs by name.
func (s *stack) pipelineFile(name string, into any) {
	s.T.Helper()
	text, err := os.ReadFile(filepath.Join(s.Dir, name))
	if err != nil {
		s.T.Fatal(err)
	}
	if err := yaml.Unmarshal(text, into); err != nil {
		s.T.Fatalf("%s: %v", name, err)
	}
}

// githubCommands returns the commands of the jobs with the program, by job. A job with a matrix has those of each cell.
func (s *stack) githubCommands() map[string][]string {
	s.T.Helper()
	var file struct {
		Jobs map[string]struct {
			Needs    []string
			Strategy struct{ Matrix struct{ Shard []string } }
			Steps    []struct{ Run, Uses string }
		}
	}
	s.pipelineFile(".github/workflows/ci.yml", &file)
	if want := []string{"check", "integration"}; !slices.Equal(file.Jobs["package"].Needs, want) {
		s.T.Errorf("the job package needs %q, want %q", file.Jobs["package"].Needs, want)
	}
	commands := map[string][]string{}
	for name, job := range file.Jobs {
		cells := job.Strategy.Matrix.Shard
		if len(cells) == 0 {
			cells = []string{""}
		}
		for _, shard := range cells {
			for _, step := range job.Steps {
				if strings.HasPrefix(step.Run, "tasks ") {
					commands[name] = append(commands[name], strings.ReplaceAll(step.Run, "${{ matrix.shard }}", shard))
				}
			}
		}
	}
	return commands
}

// gitlabCommands is githubCommands for GitLab. The server sets two variables in each of the parallel jobs.
func (s *stack) gitlabCommands() map[string][]string {
	s.T.Helper()
	var file map[string]yaml.Node
	s.pipelineFile(".gitlab-ci.yml", &file)
	commands := map[string][]string{}
	for name, node := range file {
		var job struct {
			Stage    string
			Parallel int
			Script   []string
		}
		if name == "stages" || name == "default" {
			continue
		}
		if err := node.Decode(&job); err != nil {
			s.T.Fatalf("job %s: %v", name, err)
		}
		for index := range max(job.Parallel, 1) {
			variables := strings.NewReplacer("$CI_NODE_INDEX", string(rune('1'+index)), "$CI_NODE_TOTAL", string(rune('0'+job.Parallel)))
			for _, command := range job.Script {
				commands[name] = append(commands[name], variables.Replace(command))
			}
		}
	}
	return commands
}

// TestCIPipeline runs the commands of the README, then those of the files of both servers as the servers would.
func TestCIPipeline(t *testing.T) {
	s := openStack(t, "ci-pipeline", "tasks-example-postgres")
	s.doREADME()
	if names := s.reportedTasks("report.xml"); !slices.Equal(names, []string{
		"build", "database-tests", "integration 1/2", "integration 2/2", "lint", "package", "summary", "unit",
	}) {
		t.Errorf("report.xml has the tasks %q", names)
	}
	s.expectPackage()

	near := s.Env
	s.Env = append(slices.Clone(near), "GITHUB_ACTIONS=true", "GITHUB_WORKSPACE="+s.Dir, "GITHUB_STEP_SUMMARY="+filepath.Join(s.Dir, "summary.md"))
	s.runJobs(s.githubCommands(), "check", "integration", "package")
	if text, err := os.ReadFile(filepath.Join(s.Dir, "summary.md")); err != nil || string(text) != "package dist/report-1.2.0.tar.gz: success\n" {
		t.Errorf("the summary: %q, %v", text, err)
	}
	s.Env = append(slices.Clone(near), "GITLAB_CI=true", "CI_PROJECT_DIR="+s.Dir)
	s.runJobs(s.gitlabCommands(), "check", "integration", "package")
}

// runJobs runs the commands of the jobs, in their order, and expects that the shards together run each test once.
func (s *stack) runJobs(commands map[string][]string, jobs ...string) {
	s.T.Helper()
	if len(commands) != len(jobs) {
		s.T.Errorf("jobs %v, want %q", commands, jobs)
	}
	output := ""
	for _, job := range jobs {
		if len(commands[job]) == 0 {
			s.T.Errorf("job %s has no command", job)
		}
		for _, command := range commands[job] {
			cmd := exec.CommandContext(s.T.Context(), "sh", "-c", "exec "+command)
			cmd.Dir, cmd.Env = s.Dir, s.Env
			r := s.Launch(cmd).WaitFor(commandLimit)
			if r.Code != 0 {
				s.T.Errorf("job %s: %s: code %d\n%s%s", job, command, r.Code, r.Stdout, r.Stderr)
			}
			output += r.Stdout + r.Stderr
			if _, report, isFound := strings.Cut(command, "--junit "); isFound {
				s.reportedTasks(strings.Fields(report)[0])
			}
		}
	}
	for _, test := range []string{"Empty", "Sums", "EqualSums", "RefusesNegativeOrders"} {
		if n := strings.Count(output, "--- PASS: TestDatabase"+test+" "); n != 1 {
			s.T.Errorf("TestDatabase%s ran %d times\n%s", test, n, output)
		}
	}
}

// A failure is an annotation on the page of the change, a failed case of the report, and the end of the pipeline.
func TestCIPipelineFailure(t *testing.T) {
	s := openStack(t, "ci-pipeline", "tasks-example-postgres")
	s.Env = append(s.Env, "GITHUB_ACTIONS=true", "GITHUB_WORKSPACE="+s.Dir)
	s.replace("report.go", "\tw.Flush()\n", "\t w.Flush()\n")
	r := s.run(1, "run", "--keep-going", "--junit", "report.xml", "ci")
	s.expectREADMEText(r.Stderr)
	s.expectLines(r, "task unit  done (0.1 s)", "FAILED: lint (exit code 1) after 0.1 s")
	if _, err := os.Stat(filepath.Join(s.Dir, "dist")); err == nil {
		t.Error("the package is made after a failure")
	}
	report, err := os.ReadFile(filepath.Join(s.Dir, "report.xml"))
	if err != nil || !strings.Contains(string(report), "run gofmt -w on: report.go") {
		t.Errorf("the report lacks the output of lint (%v)\n%s", err, report)
	}
	s.replace("report.go", "\t w.Flush()\n", "\tw.Flush()\n")
	s.Write("VERSION", "next\n")
	s.expectLines(s.run(125, "run", "package"), "  VERSION has to be a version such as 1.2.0, and is next. ...")
}

// reportedTasks returns the names of the test cases in a JUnit file, sorted.
func (s *stack) reportedTasks(name string) (names []string) {
	s.T.Helper()
	text, err := os.ReadFile(filepath.Join(s.Dir, name))
	if err != nil {
		s.T.Fatal(err)
	}
	var suite struct {
		Cases []struct {
			Name string `xml:"name,attr"`
		} `xml:"testcase"`
	}
	if err := xml.Unmarshal(text, &suite); err != nil {
		s.T.Fatalf("%s: %v\n%s", name, err, text)
	}
	for _, c := range suite.Cases {
		names = append(names, c.Name)
	}
	if len(names) == 0 {
		s.T.Errorf("%s has no test cases\n%s", name, text)
	}
	slices.Sort(names)
	return names
}

// expectPackage expects the program in the package, and the version in the program.
func (s *stack) expectPackage() {
	s.T.Helper()
	file, err := os.Open(filepath.Join(s.Dir, "dist/report-1.2.0.tar.gz"))
	if err != nil {
		s.T.Fatal(err)
	}
	defer file.Close()
	plain, err := gzip.NewReader(file)
	if err != nil {
		s.T.Fatal(err)
	}
	archive := tar.NewReader(plain)
	header, err := archive.Next()
	if err != nil || header.Name != "report" {
		s.T.Fatalf("%+v, %v; want the program", header, err)
	}
	program := filepath.Join(s.T.TempDir(), "report")
	bytes, err := io.ReadAll(archive)
	if err == nil {
		err = os.WriteFile(program, bytes, 0o755)
	}
	if err != nil {
		s.T.Fatal(err)
	}
	if version, err := exec.CommandContext(s.T.Context(), program, "version").Output(); err != nil || string(version) != "1.2.0\n" {
		s.T.Errorf("version %q, %v", version, err)
	}
}
