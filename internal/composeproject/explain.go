package composeproject

import (
	"context"
	"errors"
	"fmt"
	"regexp"
	"strconv"
	"strings"
)

// finding is what a message of compose-go tells: what is wrong, and where to look for it.
type finding struct {
	message string
	// paths are tried one after the other; the one that can be followed furthest is the place.
	paths [][]string
	// file is a file that is named and missing.
	file string
	// name is what was written, candidates what may have been meant.
	name       string
	candidates []string
}

// explain finds the place in the compose files that an error of compose-go is about. What is no mistake in a file, like a
// cancelled context, stays as it is.
func (s *sources) explain(err error) error {
	if errors.Is(err, context.Canceled) || errors.Is(err, context.DeadlineExceeded) {
		return err
	}
	if syntax := s.syntaxError(err); syntax != nil {
		return syntax
	}
	f := s.read(err.Error())
	at := s.place(f)
	if at.file == "" {
		var about string
		if at, about = s.misread(f.message); about != "" {
			f.message = about + ": " + f.message
		}
	}
	explained := &Error{
		File: at.file, Line: at.line, Column: at.column, Message: f.message,
		Suggestion: nearest(f.name, f.candidates), Err: err, dir: s.dir,
	}
	if explained.File == "" && len(s.files) > 0 {
		explained.File = s.files[0]
	}
	return explained
}

func (s *sources) place(f finding) location {
	if f.file != "" {
		return s.findFile(f.file)
	}
	var best location
	for _, path := range f.paths {
		if at := s.find(path); at.depth > best.depth {
			best = at
		}
	}
	return best
}

// syntaxError reports a file that is no YAML. compose-go does not always name it, so the files are parsed again.
func (s *sources) syntaxError(err error) error {
	for _, doc := range s.docs() {
		if doc.err == nil {
			continue
		}
		if line, column := position(doc.err.Error(), doc.lines); line > 0 {
			return &Error{
				File: doc.file, Line: line, Column: column, Message: syntaxMessage(doc.err), Err: err, dir: s.dir,
			}
		}
	}
	return s.duplicateKey(err)
}

// duplicateKey reports a key that stands twice in one mapping, which only decoding notices.
func (s *sources) duplicateKey(err error) error {
	m := regexp.MustCompile(`failed to parse (.+?): yaml: (?s:.*)line (\d+): (mapping key "(?:[^"]*)" already defined at line \d+)`).
		FindStringSubmatch(err.Error())
	if m == nil {
		return nil
	}
	line, _ := strconv.Atoi(m[2])
	return &Error{File: m[1], Line: line, Message: m[3], Err: err, dir: s.dir}
}

// countsFromZero matches the errors of the YAML library's parser. Those of its scanner count lines from one.
const countsFromZero = `^yaml: (?:while parsing a (?:block|flow|node)|line \d+(?:, column \d+)?: did not find expected <)`

// position reads the last place that a YAML error names, which is the nearest to the mistake. A file that ends too early
// is wrong at its last line.
func position(message string, lines int) (line, column int) {
	all := regexp.MustCompile(`line (\d+)(?:, column (\d+))?`).FindAllStringSubmatch(message, -1)
	if len(all) == 0 {
		return 0, 0
	}
	last := all[len(all)-1]
	line, _ = strconv.Atoi(last[1])
	column, _ = strconv.Atoi(last[2])
	if regexp.MustCompile(countsFromZero).MatchString(message) {
		line++
	}
	return min(line, lines), column
}

func syntaxMessage(err error) string {
	message := err.Error()
	if i := strings.LastIndex(message, ": "); i >= 0 {
		message = message[i+2:]
	}
	return "not valid YAML: " + message
}

// rule reads one kind of message; its function gets the groups of the expression.
type rule struct {
	pattern string
	read    func(m []string) finding
}

// read tries the rules in order. The last takes every message, with whatever path it names.
func (s *sources) read(message string) finding {
	message = strings.TrimSuffix(message, ": invalid compose project")
	message = strings.TrimPrefix(message, "decoding failed due to the following error(s):\n\n")
	if m := regexp.MustCompile(`(?s)^validating .+?: (.*)$`).FindStringSubmatch(message); m != nil {
		message = strings.TrimSpace(m[1])
	}
	for _, r := range s.rules() {
		if m := regexp.MustCompile(r.pattern).FindStringSubmatch(message); m != nil {
			f := r.read(m)
			if f.message == "" {
				f.message = oneLine(message)
			}
			return f
		}
	}
	return finding{message: oneLine(message), paths: [][]string{pathIn(message)}}
}

func (s *sources) rules() []rule {
	return []rule{
		{`^(\S*?) ?additional propert(?:y|ies) '([^']+)'.* not allowed`, s.readUnknownAttribute},
		{`^service "?([^\s"]+)"? depends on undefined service "?([^\s":]+)"?`, s.readUndefinedDependency},
		{`^service "?([^\s"]+)"? refers to undefined (build secret|network|volume|config|secret|model) ([^\s:]+)`, s.readUndefinedResource},
		{`^cannot extend service "([^"]+)" in .*: service "([^"]+)" not found`, s.readUndefinedBase},
		{`^(?:couldn't find env file: |(?:env|label) file |open |stat )(\S+?)(?: not found|: no such file|$)`, readMissingFile},
		{`^dependency cycle detected: (\S+) -> (\S+)`, readCycle},
		{`^no such service: ([^\s:]+)`, s.readNoSuchService},
		{"^services?[. ]([^\\s:]+):? (?:can't set distinct values on|declares mutually exclusive) ['`]([^'`]+)['`]", readContradiction},
		{`^service "?([^\s":]+)"?`, func(m []string) finding { return finding{paths: [][]string{{"services", m[1]}}} }},
		{`^(secret|config|network|volume|model) "?([^\s":]+)"?`, func(m []string) finding {
			return finding{paths: [][]string{{m[1] + "s", m[2]}}}
		}},
	}
}

func (s *sources) readUnknownAttribute(m []string) finding {
	path := splitPath(m[1])
	where := "the file"
	if len(path) > 0 {
		where = strings.Join(path, ".")
	}
	return finding{
		message: fmt.Sprintf("%s has no attribute %q", where, m[2]),
		paths:   [][]string{append(path, m[2])},
		name:    m[2], candidates: attributesAt(path),
	}
}

// readUndefinedDependency: the loader has made a dependency of links, volumes_from and namespaces, too.
func (s *sources) readUndefinedDependency(m []string) finding {
	service := []string{"services", m[1]}
	return finding{
		message: fmt.Sprintf("service %q depends on %q, which no service is called, or whose profile is not active", m[1], m[2]),
		paths: [][]string{
			append(service[:2:2], "depends_on", m[2]), append(service[:2:2], "links", m[2]), append(service[:2:2], "volumes_from", m[2]),
			append(service[:2:2], "network_mode"), append(service[:2:2], "ipc"), append(service[:2:2], "pid"),
		},
		name: m[2], candidates: s.names("services"),
	}
}

func (s *sources) readUndefinedResource(m []string) finding {
	service, kind, name := []string{"services", m[1]}, strings.TrimPrefix(m[2], "build ")+"s", m[3]
	if strings.HasPrefix(m[2], "build ") {
		service = append(service, "build")
	}
	return finding{
		message: fmt.Sprintf("service %q uses the %s %q, which the file does not declare under %s", m[1], m[2], name, kind),
		paths:   [][]string{append(service, kind, name)},
		name:    name, candidates: s.names(kind),
	}
}

func (s *sources) readUndefinedBase(m []string) finding {
	return finding{
		message: fmt.Sprintf("service %q extends %q, which is not there", m[1], m[2]),
		paths:   [][]string{{"services", m[1], "extends", "service"}, {"services", m[1], "extends"}},
		name:    m[2], candidates: s.names("services"),
	}
}

func (s *sources) readNoSuchService(m []string) finding {
	return finding{
		message: fmt.Sprintf("no such service: %s", m[1]),
		paths:   [][]string{{"services"}},
		name:    m[1], candidates: s.names("services"),
	}
}

func readContradiction(m []string) finding {
	return finding{paths: [][]string{append([]string{"services", m[1]}, splitPath(m[2])...)}}
}

func readMissingFile(m []string) finding {
	return finding{message: fmt.Sprintf("the file %s does not exist", m[1]), file: m[1]}
}

func readCycle(m []string) finding {
	return finding{paths: [][]string{{"services", m[1], "depends_on", m[2]}}}
}

// pathIn finds a path like services.web.ports[0] or 'services[web].mem_limit' in a message.
func pathIn(message string) []string {
	found := regexp.MustCompile(`\b(?:services|networks|volumes|secrets|configs|models)(?:\.[^\s.:\[\]']+|\[[^\]\s]+\])+`).
		FindString(message)
	return splitPath(found)
}

func splitPath(path string) []string {
	return strings.FieldsFunc(path, func(r rune) bool { return r == '.' || r == '[' || r == ']' })
}

func oneLine(message string) string {
	return strings.Join(strings.Fields(message), " ")
}
