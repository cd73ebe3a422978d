package annotations

import (
	"strings"
	"testing"
	"time"
)

func environment(pairs ...string) func(string) string {
	return func(name string) string {
		for i := 0; i < len(pairs); i += 2 {
			if pairs[i] == name {
				return pairs[i+1]
			}
		}
		return ""
	}
}

func TestDetect(t *testing.T) {
	for name, test := range map[string]struct {
		environment []string
		want        Kind
	}{
		"no server":  {nil, none},
		"github":     {[]string{"GITHUB_ACTIONS", "true"}, GitHub},
		"gitlab":     {[]string{"GITLAB_CI", "true"}, GitLab},
		"other word": {[]string{"GITLAB_CI", "yes"}, none},
		"off":        {[]string{"GITHUB_ACTIONS", "true", Variable, "off"}, none},
		"auto":       {[]string{"GITHUB_ACTIONS", "true", Variable, "auto"}, GitHub},
	} {
		if got, err := Detect(environment(test.environment...), "/src"); err != nil || got.Kind != test.want {
			t.Errorf("%s: %v, %v; want %v", name, got.Kind, err, test.want)
		}
	}
	if _, err := Detect(environment(Variable, "no"), ""); err == nil || !strings.Contains(err.Error(), `must be auto or off, not "no"`) {
		t.Errorf("of a wrong value: %v", err)
	}
}

func TestAnnotationText(t *testing.T) {
	s := Server{Kind: GitHub, root: "/src", dir: "/src/shop"}
	for want, a := range map[string]Annotation{
		"::error title=task test failed::exit code 1\n": {Title: "task test failed", Message: "exit code 1"},
		"::error title=a%3A b%2C 100%25::100%25%0Ax: y, z::error::%0D\n": {
			Title: "a: b, 100%", Message: "100%\nx: y, z::error::\r",
		},
		"::error title=x%0A%3A%3Aerror%3A%3Ay::\n": {Title: "x\n::error::y"},
		"::warning file=shop/Tasks.hcl,line=3,col=5,endColumn=9,title=t::m\n": {
			IsWarning: true, Title: "t", Message: "m", File: "Tasks.hcl", Line: 3, EndLine: 3, Column: 5, EndColumn: 9,
		},
		"::error file=a%2Cb.hcl,line=3,endLine=4::m\n": {
			Message: "m", File: "/src/a,b.hcl", Line: 3, EndLine: 4, Column: 5, EndColumn: 9,
		},
		"::error file=/etc/x.hcl::m\n": {Message: "m", File: "/etc/x.hcl"},
	} {
		if got := s.Text(a); got != want {
			t.Errorf("%q, want %q", got, want)
		}
	}
	for _, kind := range []Kind{none, GitLab} {
		if got := (Server{Kind: kind}).Text(Annotation{Message: "m"}); got != "" {
			t.Errorf("a server without annotations gets %q", got)
		}
	}
}

func TestFolds(t *testing.T) {
	fold := Fold{ID: 2, Name: "test@[db=1 5]", Title: "task test  output", StartedAt: time.Unix(10, 0), EndedAt: time.Unix(12, 0)}
	for kind, want := range map[Kind][2]string{
		none:   {"", ""},
		GitHub: {"::group::task test  output\n", "::endgroup::\n"},
		GitLab: {
			"\x1b[0Ksection_start:10:test__db_1_5__2[collapsed=true]\r\x1b[0Ktask test  output\n",
			"\x1b[0Ksection_end:12:test__db_1_5__2\r\x1b[0K\n",
		},
	} {
		s := Server{Kind: kind}
		if begin, end := s.Begin(fold), s.End(fold); begin != want[0] || end != want[1] {
			t.Errorf("%q, %q; want %q", begin, end, want)
		}
	}
	hostile := Server{Kind: GitHub}.Begin(Fold{Title: "x\n::error::y"})
	if strings.Count(hostile, "\n") != 1 {
		t.Errorf("a name begins a line: %q", hostile)
	}
}

func TestDisarm(t *testing.T) {
	for text, want := range map[string]string{
		"a::b\n": "a::b\n", "::error::x\n": ": :error::x\n", "ok\n \t::set-env name=a::b\nok": "ok\n \t: :set-env name=a::b\nok",
		"x ##[error]y": "x ## [error]y", "###[x": "### [x", "::::": ": :::", "\u00a0::error::x": "\u00a0: :error::x",
	} {
		if got := (Server{Kind: GitHub}).Disarm(text); got != want {
			t.Errorf("%q: %q, want %q", text, got, want)
		}
		if got := (Server{Kind: GitLab}).Disarm(text); got != text {
			t.Errorf("%q on another server: %q", text, got)
		}
	}
}
