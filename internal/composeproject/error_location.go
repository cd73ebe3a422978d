package composeproject

import (
	"context"
	"errors"
	"fmt"
	"regexp"
	"slices"
	"strconv"
	"strings"
)

// parsedMessage is a message of compose-go, taken apart: the mistake, and where to search for the place.
type parsedMessage struct {
	message string
	// paths are candidates for the place. The path with the most existing segments wins.
	paths [][]string
	// missingFile is the name of a missing file.
	missingFile string
	// name is the wrong name in the file; candidates are the valid names.
	name       string
	candidates []string
}

// locateError adds the place in the compose files to an error of compose-go. An error without a mistake in a file, like
// a cancelled context, is returned unchanged.
func (s *sources) locateError(err error) error {
	if errors.Is(err, context.Canceled) || errors.Is(err, context.DeadlineExceeded) {
		return err
	}
	if syntax := s.syntaxError(err); syntax != nil {
		return syntax
	}
	f := s.parseMessage(err.Error())
	at := s.locate(f)
	if at.file == "" {
		var about string
		if at, about = s.locateParseError(f.message); about != "" {
			f.message = about + ": " + f.message
		}
	}
	located := &Error{
		File: at.file, Line: at.line, Column: at.column, Message: f.message,
		Suggestion: nearest(f.name, f.candidates), Err: err, dir: s.dir,
	}
	if located.File == "" && len(s.files) > 0 {
		located.File = s.files[0]
	}
	return located
}

func (s *sources) locate(f parsedMessage) location {
	if f.missingFile != "" {
		return s.locateFile(f.missingFile)
	}
	var best location
	for _, path := range f.paths {
		if at := s.locatePath(path); at.depth > best.depth {
			best = at
		}
	}
	return best
}

// syntaxError reports a file with invalid YAML. compose-go does not always name the file, so all files are parsed
// again.
func (s *sources) syntaxError(err error) error {
	for _, doc := range s.docs() {
		if doc.err == nil {
			continue
		}
		if line, column := syntaxErrorPosition(doc.err.Error(), doc.lines); line > 0 {
			return &Error{
				File: doc.file, Line: line, Column: column, Message: syntaxMessage(doc.err), Err: err, dir: s.dir,
			}
		}
	}
	return s.duplicateKey(err)
}

// duplicateKey reports a repeated key of a mapping. Only decoding finds this mistake.
func (s *sources) duplicateKey(err error) error {
	m := regexp.MustCompile(`failed to parse (.+?): yaml: (?s:.*)line (\d+): ` +
		`(mapping key "(?:[^"]*)" already defined at line \d+)`).FindStringSubmatch(err.Error())
	if m == nil {
		return nil
	}
	line, _ := strconv.Atoi(m[2])
	return &Error{File: m[1], Line: line, Message: m[3], Err: err, dir: s.dir}
}

// countsFromZero matches errors of the YAML parser, which counts lines from zero. The YAML scanner counts from 1.
const countsFromZero = `^yaml: (?:while parsing a (?:block|flow|node)|` +
	`line \d+(?:, column \d+)?: did not find expected <)`

// syntaxErrorPosition returns the last place in a YAML error, the nearest to the mistake. If a file ends too early, the
// place is the last line.
func syntaxErrorPosition(message string, lines int) (line, column int) {
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

// messageRule parses messages of one kind. The function gets the groups of the pattern.
type messageRule struct {
	pattern string
	parse   func(m []string) parsedMessage
}

// parseMessage tries the rules in order. A message without a rule is searched for a path.
func (s *sources) parseMessage(message string) parsedMessage {
	message = strings.TrimSuffix(message, ": invalid compose project")
	message = strings.TrimPrefix(message, "decoding failed due to the following error(s):\n\n")
	if m := regexp.MustCompile(`(?s)^validating .+?: (.*)$`).FindStringSubmatch(message); m != nil {
		message = strings.TrimSpace(m[1])
	}
	for _, r := range s.messageRules() {
		if m := regexp.MustCompile(r.pattern).FindStringSubmatch(message); m != nil {
			f := r.parse(m)
			if f.message == "" {
				f.message = oneLine(message)
			}
			return f
		}
	}
	return parsedMessage{message: oneLine(message), paths: [][]string{pathIn(message)}}
}

func (s *sources) messageRules() []messageRule {
	return []messageRule{
		{`^(\S*?) ?additional propert(?:y|ies) '([^']+)'.* not allowed`, s.parseUnknownAttribute},
		{`^(\S+)\.([^\s.]+) false schema$`, s.parseUnknownAttribute},
		{`^service "?([^\s"]+)"? depends on undefined service "?([^\s":]+)"?`, s.parseUndefinedDependency},
		{`^service "([^"]+)" cannot depend on job "([^"]+)"`, parseDependencyOnJob},
		{`^job "([^"]+)" depends on undefined service or job "([^"]+)"`, s.parseUndefinedJobDependency},
		{`^"([^"]+)" is declared both as a service and a job`, parseAmbiguousName},
		{`^service "?([^\s"]+)"? refers to undefined (build secret|network|volume|config|secret|model) ([^\s:]+)`,
			s.parseUndefinedResource},
		{`^cannot extend service "([^"]+)" in .*: service "([^"]+)" not found`, s.parseUndefinedBase},
		{`^(?:couldn't find env file: |(?:env|label) file |open |stat )(\S+?)(?: not found|: no such file|$)`,
			parseMissingFile},
		{`^dependency cycle detected: (\S+) -> (\S+)`, parseCycle},
		{`^no such service: ([^\s:]+)`, s.parseNoSuchService},
		{"^services?[. ]([^\\s:]+):? (?:can't set distinct values on|declares mutually exclusive) ['`]([^'`]+)['`]",
			parseContradiction},
		{`^service "?([^\s":]+)"?`, func(m []string) parsedMessage {
			return parsedMessage{paths: [][]string{{"services", m[1]}}}
		}},
		{`^(secret|config|network|volume|model) "?([^\s":]+)"?`, func(m []string) parsedMessage {
			return parsedMessage{paths: [][]string{{m[1] + "s", m[2]}}}
		}},
	}
}

func (s *sources) parseUnknownAttribute(m []string) parsedMessage {
	path := splitPath(m[1])
	where := "the file"
	if len(path) > 0 {
		where = strings.Join(path, ".")
	}
	return parsedMessage{
		message: fmt.Sprintf("%s has no attribute %q", where, m[2]),
		paths:   [][]string{append(path, m[2])},
		name:    m[2], candidates: attributesAt(path),
	}
}

// parseUndefinedDependency: the loader has made a dependency of links, volumes_from and namespaces, too.
func (s *sources) parseUndefinedDependency(m []string) parsedMessage {
	service := []string{"services", m[1]}
	return parsedMessage{
		message: fmt.Sprintf("service %q depends on %q, but no active service has this name", m[1], m[2]),
		paths: [][]string{
			append(service[:2:2], "depends_on", m[2]), append(service[:2:2], "links", m[2]),
			append(service[:2:2], "volumes_from", m[2]),
			append(service[:2:2], "network_mode"), append(service[:2:2], "ipc"), append(service[:2:2], "pid"),
		},
		name: m[2], candidates: s.sectionKeys("services"),
	}
}

func (s *sources) parseUndefinedResource(m []string) parsedMessage {
	service, kind, name := []string{"services", m[1]}, strings.TrimPrefix(m[2], "build ")+"s", m[3]
	if strings.HasPrefix(m[2], "build ") {
		service = append(service, "build")
	}
	return parsedMessage{
		message: fmt.Sprintf("service %q uses the %s %q, which the file does not declare under %s",
			m[1], m[2], name, kind),
		paths: [][]string{append(service, kind, name)},
		name:  name, candidates: s.sectionKeys(kind),
	}
}

func (s *sources) parseUndefinedBase(m []string) parsedMessage {
	section, noun := "services", "service"
	if slices.Contains(s.sectionKeys("jobs"), m[1]) {
		section, noun = "jobs", "job"
	}
	return parsedMessage{
		message: fmt.Sprintf("%s %q extends %q, which is not there", noun, m[1], m[2]),
		paths:   [][]string{{section, m[1], "extends", "service"}, {section, m[1], "extends"}},
		name:    m[2], candidates: s.sectionKeys(section),
	}
}

func (s *sources) parseNoSuchService(m []string) parsedMessage {
	return parsedMessage{
		message: fmt.Sprintf("no such service: %s", m[1]),
		paths:   [][]string{{"services"}},
		name:    m[1], candidates: s.sectionKeys("services"),
	}
}

func parseContradiction(m []string) parsedMessage {
	return parsedMessage{paths: [][]string{append([]string{"services", m[1]}, splitPath(m[2])...)}}
}

func parseMissingFile(m []string) parsedMessage {
	return parsedMessage{message: fmt.Sprintf("the file %s does not exist", m[1]), missingFile: m[1]}
}

func parseCycle(m []string) parsedMessage {
	return parsedMessage{paths: [][]string{{"services", m[1], "depends_on", m[2]}}}
}

// pathIn finds a path like services.web.ports[0] or 'services[web].mem_limit' in a message.
func pathIn(message string) []string {
	found := regexp.MustCompile(`\b(?:services|jobs|networks|volumes|secrets|configs|models)` +
		`(?:\.[^\s.:\[\]']+|\[[^\]\s]+\])+`).FindString(message)
	return splitPath(found)
}

func splitPath(path string) []string {
	return strings.FieldsFunc(path, func(r rune) bool { return r == '.' || r == '[' || r == ']' })
}

func oneLine(message string) string {
	return strings.Join(strings.Fields(message), " ")
}
