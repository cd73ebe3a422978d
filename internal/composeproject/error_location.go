package composeproject

import (
	"fmt"
	"regexp"
	"slices"
	"strconv"
	"strings"
)

// parsedMessage is a message of compose-go, taken apart: the mistake, and where to search for the place.
type parsedMessage struct {
	message string
	// detail is the remedy, or empty.
	detail string
	// paths are candidates for the place. The path with the most existing segments wins.
	paths [][]string
	// missingFile is the name of a missing file.
	missingFile string
	// at is the place of a mistake in another file.
	at location
	// name is the wrong name in the file; candidates are the valid names.
	name       string
	candidates []string
}

// locateError adds the place in the compose files to an error of compose-go.
func (s *sources) locateError(err error) *Error {
	located := s.errorAt(s.parseMessage(err.Error()))
	located.Err = err
	return located
}

// errorAt returns a mistake at the best of its places. Without a place, the mistake is in the first file.
func (s *sources) errorAt(f parsedMessage) *Error {
	at := s.locate(f)
	located := &Error{
		File: at.file, Line: at.line, Column: at.column, Message: f.message, Detail: f.detail,
		Suggestion: nearest(f.name, f.candidates), dir: s.dir,
	}
	if located.File == "" && len(s.files) > 0 {
		located.File = s.files[0]
	}
	return located
}

func (s *sources) locate(f parsedMessage) location {
	if f.at.line > 0 {
		return f.at
	}
	if f.missingFile != "" {
		if at := s.locateFile(f.missingFile); at.line > 0 {
			return at
		}
	}
	var best location
	for _, path := range f.paths {
		at := s.locatePath(path)
		if at.depth > best.depth && (at.isComplete || !best.isComplete) || at.isComplete && !best.isComplete {
			best = at
		}
	}
	return best
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
		{`^service "?([^\s"]+)"? refers to undefined (build secret|network|volume|config|secret|model) ?([^\s:]*)`,
			s.parseUndefinedResource},
		{`^cannot extend service "([^"]+)" in .*: service "([^"]+)" not found`, s.parseUndefinedBase},
		{`^(?:couldn't find env file: |(?:env|label) file |open |stat )(\S+?)(?: not found|: no such file|$)`,
			parseMissingFile},
		{`^failed to read (.+?): line (\d+): (.*)$`, parseEnvFileError},
		{`^error while interpolating (\S+): failed to cast to expected type: (.*)$`, parseCastError},
		{`cycle detected: node at path (\S+) references`, func(m []string) parsedMessage {
			return parsedMessage{
				message: fmt.Sprintf("%s contains itself by an alias", m[1]), paths: [][]string{splitPath(m[1])},
			}
		}},
		{`^cannot (?:override|merge|extend) ([^\s:"]+)`, func(m []string) parsedMessage {
			return parsedMessage{paths: [][]string{splitPath(m[1])}}
		}},
		{`^service "([^"]+)" has neither an image`, func(m []string) parsedMessage {
			return parsedMessage{paths: [][]string{{"services", m[1], "image"}, {"services", m[1]}}}
		}},
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
		message: fmt.Sprintf("service %q depends on %q, and there is no such service", m[1], m[2]),
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

// parseEnvFileError: the place is in the env file.
func parseEnvFileError(m []string) parsedMessage {
	line, _ := strconv.Atoi(m[2])
	return parsedMessage{message: m[3], at: location{file: m[1], line: line, isComplete: true}}
}

func parseCastError(m []string) parsedMessage {
	return parsedMessage{message: m[1] + ": wrong value: " + m[2], paths: [][]string{splitPath(m[1])}}
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
